"""The short form of `python -m tests.hostile`, and inputs that it or an audit found, so that they stay refused."""

import json
import resource
import signal
from pathlib import Path

import pytest

from pix2pix.errors import UserError
from pix2pix.models.files import load_model
from pix2pix.predict.files import read
from tests.hostile import second_decoder
from tests.hostile.images import sound
from tests.hostile.inputs import KINDS
from tests.hostile.search import search
from tests.inference.models import folder, model


def test_random_hostile_inputs_are_refused_and_leave_nothing_outside(tmp_path: Path) -> None:
    count = 12 * len(KINDS)
    result = search(count, seed=1, folder=tmp_path / "search")
    assert (result.tracebacks, result.outside, result.slow) == ([], [], [])
    assert sum(result.refused.values()) + sum(result.accepted.values()) == count and min(result.refused[kind] for kind in KINDS) > 0


def test_the_sound_images_are_those_of_a_second_decoder(tmp_path: Path) -> None:
    problems = {}
    for name, data in sound().items():
        (tmp_path / name).write_bytes(data)
        if name != "tiff-float":  # refused, as its range is not known
            problems[name] = second_decoder.difference(read(tmp_path / name).frames[0], data, name)
    assert {name: problem for name, problem in problems.items() if problem} == {}
    assert list(problems.values()).count("") >= 10, "compared"


def test_ctrl_c_ends_the_search_with_what_was_found_until_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.hostile.search.KINDS", {"quiet": lambda *_: "", "Ctrl-C": lambda *_: signal.raise_signal(signal.SIGINT)})
    result = search(count=10, seed=1, folder=tmp_path / "search")
    assert result.stopped and result.accepted == {"quiet": 1} and result.tracebacks == []


@pytest.mark.parametrize(
    "change",
    [
        {"norm": "evil"}, {"epochs": float("nan")}, {"dataset": "../.."}, {"load_size": 10**400}, {"kind": ["pairs"]},
        *({"architecture": {key: value}} for key, value in (
            ("crop_size", 0), ("crop_size", -64), ("ngf", 400), ("ngf", 100_000), ("ngf", 2**62), ("norm", "evil"),
            ("dropout", float("inf")), ("dropout_at", [0]), ("generator", "resnet"), ("generator", "os.system"),
        )),
    ],
)  # fmt: skip
def test_a_model_that_says_something_impossible_of_itself_costs_neither_memory_nor_time(tmp_path: Path, change: dict[str, object]) -> None:
    """The network is built without memory and compared with the names and shapes in the weights file first."""
    made = folder(tmp_path / "model", model())
    said = json.loads((made / "model.json").read_text())
    architecture = change.pop("architecture", {})
    (made / "model.json").write_text(json.dumps({**said, **change, "architecture": {**said["architecture"], **architecture}}))  # type: ignore[dict-item]
    before = _peak()
    with pytest.raises(UserError, match="damaged"):
        load_model(made)
    assert _peak() - before < 64 << 20


def test_a_description_of_any_length_is_not_read(tmp_path: Path) -> None:
    made = folder(tmp_path / "model", model())
    (made / "model.json").write_text(" " * (2 << 20) + (made / "model.json").read_text())
    with pytest.raises(UserError, match="over 1 MiB"):
        load_model(made)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
