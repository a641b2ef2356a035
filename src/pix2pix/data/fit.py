"""Fit images to a square, and cut pairs in two."""

from PIL import Image, ImageOps

from pix2pix.data.bad_image import BadImage
from pix2pix.data.image_files import MAX_PIXELS


def require_room(width: int, height: int, fit: str) -> None:
    """Raise BadImage if `fit` is pad and the padded square would have more than 100 million pixels."""
    if fit == "pad" and max(width, height) ** 2 > MAX_PIXELS:
        raise BadImage(f"{width}x{height} pixels: padded to a square it would be above the limit of 100 million")


FILTERS = {
    "bicubic": Image.Resampling.BICUBIC,
    "area": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "nearest": Image.Resampling.NEAREST,
}


def to_square(image: Image.Image, size: int, *, resize: str, fit: str) -> Image.Image:
    """RGB image -> RGB (size, size), by `resize` (a key of FILTERS) and, if not square, by `fit`.

    squash: resized as it is; crop: its middle; pad: in the middle of a square of its first pixel's colour. Raises BadImage as
    `require_room`.
    """
    require_room(*image.size, fit)
    if image.width != image.height and fit == "crop":
        return ImageOps.fit(image, (size, size), method=FILTERS[resize])
    if image.width != image.height and fit == "pad":
        side = max(image.size)
        square = Image.new("RGB", (side, side), image.getpixel((0, 0)))
        square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
        image = square
    return image.resize((size, size), FILTERS[resize])


def half_width(width: int, height: int) -> int:
    """Pixels of each half of a side-by-side image. Raises BadImage if the width is odd or not above the height."""
    if width % 2:
        raise BadImage(f"a pair of odd width ({width}x{height}): the halves would differ")
    if width <= height:
        raise BadImage(f"{width}x{height} is no pair: two images side by side are wider than high")
    return width // 2
