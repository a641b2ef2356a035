"""Transforms of one image: RGB in, RGB or 8-bit grey out, of the same size."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from pix2pix.data.bad_image import BadImage
from pix2pix.data.image_grid import MIDDLE_GREY

Transform = Callable[[Image.Image], Image.Image]


def grayscale(image: Image.Image) -> Image.Image:
    """Luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, as 8-bit grey."""
    return image.convert("L")


def blank(image: Image.Image, *, share: float) -> Image.Image:
    """A hole of middle grey in the centre, `share` (above 0, below 1) of the width and of the height, at least a pixel."""
    width, height = (max(1, round(side * share)) for side in image.size)
    holed = image.copy()
    holed.paste(MIDDLE_GREY, ((image.width - width) // 2, (image.height - height) // 2, (image.width + width) // 2,
                              (image.height + height) // 2))  # fmt: skip
    return holed


def edges(image: Image.Image, *, sigma: float, threshold: float, shortest: int) -> Image.Image:
    """Black lines, a pixel wide, on white, where brightness changes: 8-bit grey of 0 and 255.

    Canny (1986) by scikit-image. sigma: standard deviation in pixels of the Gaussian blur; more gives fewer and smoother lines.
    threshold: gradient of the brightness (0 to 1) at which a line begins, Canny's high threshold; the low one is half of it. shortest:
    lines of fewer pixels are removed, as the TensorFlow program does with the edges of HED.
    """
    # importing scikit-image takes a second; only this operation needs it
    from skimage.feature import canny
    from skimage.morphology import remove_small_objects

    brightness = np.asarray(image.convert("L")) / 255
    lines = canny(brightness, sigma=sigma, low_threshold=threshold / 2, high_threshold=threshold, mode="nearest")
    lines = remove_small_objects(lines, max_size=shortest - 1, connectivity=2)
    return Image.fromarray(np.where(lines, 0, 255).astype(np.uint8))


def side_by_side(a: Image.Image, b: Image.Image) -> Image.Image:
    """A (left) and B (right) as the one image that `kind: pairs` reads, RGB.

    Raises BadImage where the sizes differ, or the pair would not be wider than high.
    """
    if a.size != b.size:
        raise BadImage(f"A is {a.width}x{a.height}, B is {b.width}x{b.height} pixels: a pair must be of one size; resize both first")
    if 2 * a.width <= a.height:
        raise BadImage(f"{a.width}x{a.height} pixels: too narrow, as a pair must be wider than high; resize it first")
    pair = Image.new("RGB", (2 * a.width, a.height))
    pair.paste(a, (0, 0))
    pair.paste(b, (a.width, 0))
    return pair


def with_original(image: Image.Image, *, transform: Transform) -> Image.Image:
    """The transformed image on the left, the image itself on the right."""
    return side_by_side(transform(image), image)
