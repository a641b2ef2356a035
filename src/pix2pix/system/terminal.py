"""Print to the terminal; format numbers, byte counts and intervals for people; progress bars."""

import math
import os
import re
import sys
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pix2pix.errors import UserError
from pix2pix.system.addresses import redacted

if TYPE_CHECKING:
    from tqdm import tqdm

DASH = "–"
GREEN, RED = "32", "31"  # colours of `say`
# Unicode categories: control, format (such as bidi marks), surrogate, line and paragraph separators
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def say(text: object, *, colours: Mapping[str, str] | None = None) -> None:
    """Print to stdout what `printable` leaves of each line. All output of the program goes through here or `say_error`.

    Raises UserError where it cannot be written, as on a full disk, and BrokenPipeError.

    colours: pattern -> GREEN or RED, of what is coloured in each line on a terminal, unless NO_COLOR (no-color.org) is set.
    """
    shown = "\n".join(map(printable, str(text).split("\n")))
    if colours and sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        for pattern, colour in colours.items():
            shown = re.sub(pattern, lambda found, colour=colour: f"\x1b[{colour}m{found[0]}\x1b[0m", shown, flags=re.MULTILINE)  # type: ignore[misc]
    try:
        print(shown, flush=True)
    except BrokenPipeError:
        raise
    except OSError as problem:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes what is left of it when it ends
        raise UserError(f"the output cannot be written: {problem.strerror}") from None


def say_error(program: str, error: object) -> None:
    """Print an error to stderr as one message, `printable` and `redacted`."""
    print("\n".join(map(printable, redacted(f"{program}: {error}").split("\n"))), file=sys.stderr)


def printable(text: str) -> str:
    """One line of text without effect on the terminal: control, bidi and other invisible characters become escapes such as `\\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(ascii(it)[1:-1] if unicodedata.category(it) in _INVISIBLE else it for it in text)


def byte_bar(label: str, total: int | None, *, show: bool) -> "tqdm[Any]":
    """Progress bar on stderr that counts bytes in binary units. total: None if not known. Updates every 10 s in a log."""
    from tqdm import tqdm

    every = 0.2 if sys.stderr.isatty() else 10.0
    return tqdm(desc=label, total=total, unit="B", unit_scale=True, unit_divisor=1024, mininterval=every, disable=not show)


def counted(count: int, word: str) -> str:
    """`1 image`, `1,200 images`: a count with its noun, whose plural ends in s."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def human_bytes(count: int) -> str:
    """`count` bytes in binary units with one decimal: 30168306 -> '28.8 MiB'; below 1024 the exact number of bytes."""
    if count < 1024:
        return counted(count, "byte")
    size = float(count)
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024
        if size < 1023.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1024:.1f} TiB"


def finite(value: object) -> float | None:
    """The value as a float, or None if it is not a finite number."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def number(value: object) -> str:
    """A float with four significant digits, at most four decimals and no exponent; an int in full; a dash for anything else.

    Thousands are separated by commas.
    """
    found = finite(value)
    if found is None:
        return DASH
    if isinstance(value, int):
        return f"{value:,}"
    digits = 3 if found == 0 else max(0, 3 - math.floor(math.log10(abs(found))))
    text = f"{found:,.{min(digits, 4)}f}"
    return text.replace("-", "−") if text.strip("-0.") else text.removeprefix("-")  # what rounds to 0 has no sign


def signed(value: float) -> str:
    """`number` with its sign; none where it rounds to 0."""
    text = number(value)
    return f"+{text}" if value > 0 and text.strip("0.") else text


def interval(bounds: Mapping[str, float | int | None] | None) -> str:
    """`{"low": …, "high": …}` as "low to high"; "" if an end is missing or not finite."""
    if bounds is None or finite(bounds.get("low")) is None or finite(bounds.get("high")) is None:
        return ""
    return f"{number(bounds['low'])} to {number(bounds['high'])}"
