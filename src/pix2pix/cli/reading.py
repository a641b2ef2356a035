"""The options --levels and --max-pixels: how image files are read."""

import argparse
from typing import TYPE_CHECKING

from pix2pix.config.settings import LEVELS

if TYPE_CHECKING:
    from pix2pix.data.pixels import Reading


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Describe the options. Left out, they are in no namespace: an option that is added must not change the note of a finished call."""
    how = argparse.SUPPRESS
    parser.add_argument("--levels", type=_levels, default=how, metavar="stored|stretch|LOW-HIGH", help="levels of grey images, such as "
                        "masks of class numbers, scans of 12 bits, CT: as the file's type says (default), each image from its darkest to "
                        "its brightest, or the levels that become black and white, such as --levels=0-4095")  # fmt: skip
    parser.add_argument("--max-pixels", type=_pixels, default=how, metavar="N", help="refuse images of more pixels (default: 100 million)")


def reading(arguments: argparse.Namespace) -> "Reading":
    """The options' values; the default for those that were left out."""
    from pix2pix.data.pixels import Reading

    return Reading(**{name: getattr(arguments, name) for name in ("levels", "max_pixels") if hasattr(arguments, name)})


def _levels(text: str) -> str:
    if not LEVELS.holds(text):
        raise argparse.ArgumentTypeError(f"{text!r} must be {LEVELS.words}")
    return text


def _pixels(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of at least 1")
    return number
