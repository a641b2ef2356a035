import re
import sys
from pathlib import Path

import pytest

from pix2pix.system.terminal import GREEN, printable, say, say_error

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[2Ja\rb\x9b", r"\x1b[2Ja\rb\x9b"),
        ("\u202egpj.exe\u2066", r"\u202egpj.exe\u2066"),
        ("a\nb\u2028c\tc", r"a\nb\u2028c\tc"),
        ("caf\udce9 zero\u200bwidth", r"caf\udce9 zero\u200bwidth"),
        ("façade 楼, 3\u202f%, 0.5 → −1 \U0001f600", "façade 楼, 3\u202f%, 0.5 → −1 \U0001f600"),
    ],
)
def test_what_would_act_on_the_terminal_is_escaped_and_nothing_else(text: str, expected: str) -> None:
    assert printable(text) == expected


def test_lines_stay_lines_and_errors_hold_no_password(capsys: pytest.CaptureFixture[str]) -> None:
    say("one\ntwo\x1b]0;x\x07")
    say_error("pix2pix", "a\x1b[2J\nhttps://me:secret@host?sig=1 is wrong")
    told = capsys.readouterr()
    assert told.out == "one\ntwo\\x1b]0;x\\x07\n"
    assert told.err == "pix2pix: a\\x1b[2J\nhttps://host?*** is wrong\n"


@pytest.mark.parametrize(
    ("terminal", "no_color", "expected"), [(True, "", "\x1b[32mbetter\x1b[0m"), (True, "1", "better"), (False, "", "better")]
)
def test_colours_are_for_a_terminal_whose_user_has_not_set_no_color(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, terminal: bool, no_color: str, expected: str
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    say("L1: better", colours={"better": GREEN})
    assert capsys.readouterr().out == f"L1: {expected}\n"


def test_the_program_prints_in_no_other_way() -> None:
    """Two modules are programs of their own, which print what the repository itself contains."""
    own = {"terminal.py", "reference.py", "update_lock.py"}
    files = [file for part in ("src", "stages") for file in (ROOT / part).rglob("*.py") if file.name not in own]
    assert [str(file) for file in files if re.search(r"(?<![\w.])print\(", file.read_text(encoding="utf-8"))] == []
