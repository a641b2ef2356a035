"""What the options of `pix2pix process` accept."""

import argparse
import math
from collections.abc import Callable


def _checked(kind: type[float], fits: Callable[[float], bool], words: str) -> Callable[[str], float]:
    """Reader of an option's value for argparse, which tells what it must be."""

    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not fits(value):
            raise argparse.ArgumentTypeError(f"{text!r}: must be {words}")
        return value

    return read


NATURAL = _checked(int, lambda value: value >= 0, "a whole number of at least 0")
POSITIVE = _checked(int, lambda value: value >= 1, "a whole number of at least 1")
PIXELS = _checked(int, lambda value: 1 <= value <= 8192, "a whole number from 1 to 8192")
SHARE = _checked(float, lambda value: 0 <= value < 1, "a number from 0 to below 1")
PART = _checked(float, lambda value: 0 < value < 1, "a number above 0 and below 1")
ABOVE_0 = _checked(float, lambda value: 0 < value < math.inf, "a number above 0")
