"""What several commands share: numbers within limits, and the options --levels and --max-pixels."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from pix2pix.config.settings import LEVELS

if TYPE_CHECKING:
    from pix2pix.data.pixels import Reading

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # argparse has no public name for it


def number(kind: type[float], fits: Callable[[float], bool], words: str) -> Callable[[str], float]:
    """An argparse type: converts and checks a value. Its message says what the value must be."""

    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not fits(value):
            raise argparse.ArgumentTypeError(f"{text!r}: must be {words}")
        return value

    return read


NATURAL = number(int, lambda value: value >= 0, "a whole number of at least 0")
POSITIVE = number(int, lambda value: value >= 1, "a whole number of at least 1")


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Describe the options. Left out, they are in no namespace: an option that is added must not change the note of a finished call."""
    how = argparse.SUPPRESS
    parser.add_argument("--levels", type=_levels, default=how, metavar="stored|stretch|LOW-HIGH", help="levels of grey images, such as "
                        "masks of class numbers, scans of 12 bits, CT: as the file's type says (default), each image from its darkest to "
                        "its brightest, or the levels that become black and white, such as --levels=0-4095")  # fmt: skip
    parser.add_argument("--max-pixels", type=POSITIVE, default=how, metavar="N", help="refuse images of more pixels (default: 100 million)")


def reading(arguments: argparse.Namespace) -> "Reading":
    """The options' values; the default for those that were left out."""
    from pix2pix.data.pixels import Reading

    return Reading(**{name: getattr(arguments, name) for name in ("levels", "max_pixels") if hasattr(arguments, name)})


def _levels(text: str) -> str:
    if not LEVELS.holds(text):
        raise argparse.ArgumentTypeError(f"{text!r} must be {LEVELS.words}")
    return text
