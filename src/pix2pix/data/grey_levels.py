"""Grey levels of any depth -> 8 bits, by the option `levels`."""

import re
from typing import Any

import numpy as np

from pix2pix.data.bad_image import BadImage

Array = np.ndarray[Any, Any]
STORED, STRETCH = "stored", "stretch"
_LOW_HIGH = r"(-?[0-9]+(?:\.[0-9]+)?)-(-?[0-9]+(?:\.[0-9]+)?)"
_MIN_SHARE = 0.05  # of the range of 8 bits
_MIN_SHARE_DEEP = 0.25  # of the range of 16 bits: scanners, cameras and CTs write 10 to 14 bits into 16


def to_8_bits(levels: Array, top: int | None, how: str) -> Array:
    """Grey levels -> uint8.

    stored: 0..top -> 0..255, rounded to the nearest; stretch: lowest..highest of the image -> 0..255; LOW-HIGH: that range -> 0..255, and
    what is outside is clipped; a LOW above HIGH inverts. top: the highest level that the file's type holds; None for floating point.
    Raises BadImage with `stored` for levels outside 0..top, and for floating point.
    """
    if how == STORED:
        low, high = _extremes(levels)
        if top is None or low < 0 or high > top:
            what = "floating-point grey levels" if top is None else "grey levels"
            outside = "whose range is not known" if top is None else f"outside 0..{top}"
            raise BadImage(f"{what} from {low:.10g} to {high:.10g}, {outside}: {way_out(low, high)}")
        return ((levels.astype(np.uint32) * 510 + top) // (2 * top)).astype(np.uint8)
    if how == STRETCH:
        low, high = _extremes(levels)
    else:
        found = re.fullmatch(_LOW_HIGH, how)
        assert found is not None, "checked where options are read"
        low, high = float(found[1]), float(found[2])
    share = (np.nan_to_num(levels.astype(np.float64), nan=low) - low) / ((high - low) or 1)
    return np.rint(share.clip(0, 1) * 255).astype(np.uint8)


def narrow(low: float, high: float, top: int) -> str | None:
    """The levels used, as "0..3 of 0..255", if they are a small part of 0..top, so that the image is all but flat; else None.

    low, high: of all channels. An image all of 0 or all of `top` is none of these.
    """
    if low == high and low in (0, top):
        return None
    flat = high - low < _MIN_SHARE * top or (top > 255 and high < _MIN_SHARE_DEEP * top)
    return f"{low:.10g}..{high:.10g} of 0..{top}" if flat else None


def way_out(low: float, high: float) -> str:
    """What to do about levels from `low` to `high`."""
    return f"name the levels that become black and white with prepare.levels or --levels={low:.10g}-{high:.10g}, or `stretch` each image"


def _extremes(levels: Array) -> tuple[float, float]:
    finite = levels[np.isfinite(levels)] if levels.dtype.kind == "f" else levels
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
