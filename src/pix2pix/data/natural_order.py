"""Natural order of file names: 2 before 10. Files are listed, prepared and displayed in it."""

import re

_DIGITS = re.compile("([0-9]+)")

NaturalKey = tuple[tuple[tuple[int, str], ...], str]


def natural_key(text: str) -> NaturalKey:
    """Sort key that compares runs of ASCII digits as numbers, so that `2.jpg` comes before `10.jpg`.

    Names that differ only by leading zeros (`1.jpg`, `01.jpg`) are distinguished by the plain string, so the order is total.
    Digits are compared by their length without leading zeros and then as text, which is the numeric order for runs of any length.
    """
    parts = _DIGITS.split(text)
    key = tuple((len(part.lstrip("0")), part.lstrip("0")) if odd % 2 else (0, part) for odd, part in enumerate(parts))
    return key, text
