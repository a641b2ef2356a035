"""Where two images differ, and by how much, as an image."""

import numpy as np
import numpy.typing as npt
from PIL import Image

# Nine colours whose CIE lightness rises in equal steps from 6 to 96 (hue 290 to 95 degrees the short way round through red),
# so that equal steps of error look equal, also in grey and to colour-blind eyes.
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
GAIN = 2  # the brightest colour stands for an error of 1 / GAIN and more


def _table() -> npt.NDArray[np.uint8]:
    """The colours filled in to 256 steps, uint8 (256, 3); whole numbers only, so that every machine gets the same."""
    anchors = np.array(COLOURS, dtype=np.int64)
    segment, part = np.divmod(np.arange(256, dtype=np.int64) * (len(COLOURS) - 1), 255)
    following = np.minimum(segment + 1, len(COLOURS) - 1)
    filled = (anchors[segment] * (255 - part)[:, None] + anchors[following] * part[:, None] + 127) // 255
    table: npt.NDArray[np.uint8] = filled.astype(np.uint8)
    return table


def error_map(output: Image.Image, target: Image.Image, *, gain: int = GAIN) -> Image.Image:
    """Colour each pixel by its mean absolute difference over red, green and blue, times `gain`.

    Dark is equal; the brightest colour stands for a difference of `1 / gain` (on the scale 0 to 1) and everything above.

    Args:
        output, target: images of one size, any mode; compared as RGB.
        gain: how much the difference is amplified, 1 or more.

    Raises:
        ValueError: the images differ in size.
    """
    if output.size != target.size:
        raise ValueError(f"images of different sizes: {output.size} and {target.size}")
    made, real = (np.asarray(image.convert("RGB"), dtype=np.int64) for image in (output, target))
    step = np.minimum(255, np.abs(made - real).sum(axis=2) * gain // 3)  # HW, 0..255
    return Image.fromarray(_table()[step])
