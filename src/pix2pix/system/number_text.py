"""Measured numbers as a person reads them."""

import math
from collections.abc import Mapping

DASH = "–"


def finite(value: object) -> float | None:
    """The value as a finite number, or None."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def number(value: object) -> str:
    """A measured number with four significant digits (at most four decimals) and no exponent, or a dash where there is none.

    A whole number (a count) is written in full.
    """
    found = finite(value)
    if found is None:
        return DASH
    if isinstance(value, int):
        return f"{value:,}"
    digits = 3 if found == 0 else max(0, 3 - math.floor(math.log10(abs(found))))
    return f"{found:,.{min(digits, 4)}f}".replace("-", "−")


def interval(bounds: Mapping[str, float | int | None] | None) -> str:
    """The two ends of an interval as text, "" where there is none."""
    if bounds is None or finite(bounds.get("low")) is None or finite(bounds.get("high")) is None:
        return ""
    return f"{number(bounds['low'])} to {number(bounds['high'])}"
