"""Numbers, byte counts and progress bars as a person reads them."""

import math
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm

DASH = "–"


def byte_bar(label: str, total: int | None, *, show: bool) -> "tqdm[Any]":
    """A bar on stderr that counts bytes in binary units; `total` None: size not known. In a log, one line every ten seconds."""
    from tqdm import tqdm

    every = 0.2 if sys.stderr.isatty() else 10.0
    return tqdm(desc=label, total=total, unit="B", unit_scale=True, unit_divisor=1024, mininterval=every, disable=not show)


def human_bytes(count: int) -> str:
    """`count` bytes in binary units with one decimal: 30168306 -> '28.8 MiB'; below 1024 the exact number of bytes."""
    if count < 1024:
        return "1 byte" if count == 1 else f"{count} bytes"
    size = float(count)
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024
        if size < 1023.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1024:.1f} TiB"


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
