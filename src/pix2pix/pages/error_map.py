"""Error map: the difference of two images as colours."""

import numpy as np
import numpy.typing as npt
from PIL import Image

# Nine colours with CIE lightness in equal steps from 6 to 96 (hue from 290 to 95 degrees, through red),
# so that equal steps of error look equal, also in grey or to a colour-blind person.
COLOURS = (
    (17, 18, 34),
    (54, 30, 85),
    (120, 20, 111),
    (183, 0, 112),
    (231, 39, 98),
    (253, 100, 87),
    (255, 155, 100),
    (250, 204, 149),
    (251, 243, 220),
)
GAIN = 2  # the brightest colour means an error of 1 / GAIN or more


def _table() -> npt.NDArray[np.uint8]:
    """The colour map, (256, 3) uint8, interpolated with integers only, so that every machine gets the same bytes."""
    anchors = np.array(COLOURS, dtype=np.int64)
    segment, part = np.divmod(np.arange(256, dtype=np.int64) * (len(COLOURS) - 1), 255)
    following = np.minimum(segment + 1, len(COLOURS) - 1)
    filled = (anchors[segment] * (255 - part)[:, None] + anchors[following] * part[:, None] + 127) // 255
    table: npt.NDArray[np.uint8] = filled.astype(np.uint8)
    return table


def error_map(output: Image.Image, target: Image.Image, *, gain: int = GAIN) -> Image.Image:
    """Colour each pixel by its absolute difference, averaged over R, G and B, times `gain`.

    Dark means equal. The brightest colour means a difference of `1 / gain` or more, on a scale from 0 to 1.

    Args:
        output, target: images of one size, any mode; compared as RGB.
        gain: factor, 1 or more.

    Raises:
        ValueError: the images differ in size.
    """
    if output.size != target.size:
        raise ValueError(f"images of different sizes: {output.size} and {target.size}")
    made, real = (np.asarray(image.convert("RGB"), dtype=np.int64) for image in (output, target))
    step = np.minimum(255, np.abs(made - real).sum(axis=2) * gain // 3)  # HW, 0..255
    return Image.fromarray(_table()[step])
