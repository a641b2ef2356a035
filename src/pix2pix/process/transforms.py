"""What can be made of one image: RGB in, RGB or grey out, of the same size."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from pix2pix.data.images import BadImage

Transform = Callable[[Image.Image], Image.Image]

MIDDLE_GREY = (128, 128, 128)


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

    Canny (1986) by scikit-image. sigma: of the Gaussian that is laid over the image first, in pixels; more gives fewer and calmer lines.
    threshold: gradient, of brightness 0 to 1, at which a line begins; it is followed down to half of that. shortest: lines of fewer
    pixels are left out, as the TensorFlow program does after its HED.
    """
    # these take a second, which only this operation should cost
    from skimage.feature import canny
    from skimage.morphology import remove_small_objects

    brightness = np.asarray(image.convert("L")) / 255
    lines = canny(brightness, sigma=sigma, low_threshold=threshold / 2, high_threshold=threshold, mode="nearest")
    lines = remove_small_objects(lines, max_size=shortest - 1, connectivity=2)
    return Image.fromarray(np.where(lines, 0, 255).astype(np.uint8))


def side_by_side(a: Image.Image, b: Image.Image) -> Image.Image:
    """A (left) and B (right) as the one image that `kind: pairs` reads, RGB.

    Raises BadImage where their sizes differ, or they are so narrow that the pair would not be known for one.
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
    """What `transform` makes of an image on the left, the image itself on the right."""
    return side_by_side(transform(image), image)
