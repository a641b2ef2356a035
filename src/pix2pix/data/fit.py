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
    """RGB image -> RGB (size, size), by `resize` (a key of FILTERS) and, if not square, by `fit` (squash, crop, pad).

    Raises BadImage as `require_room`.
    """
    return fitted(image, size, resize=resize, fit=fit).resize((size, size), FILTERS[resize])


def fitted(image: Image.Image, size: int, *, resize: str, fit: str) -> Image.Image:
    """First part of `to_square`. squash: `image` unchanged; pad: padded to a square; crop: cropped and resized to (size, size)."""
    require_room(*image.size, fit)
    if image.width == image.height or fit == "squash":
        return image
    if fit == "crop":
        return ImageOps.fit(image, (size, size), method=FILTERS[resize])
    side = max(image.size)
    left, top = (side - image.width) // 2, (side - image.height) // 2
    square = Image.new("RGB", (side, side), image.getpixel((0, 0)))
    square.paste(image, (left, top))
    return square


def halves(pair: Image.Image) -> tuple[Image.Image, Image.Image]:
    """Side-by-side image -> (A, the left half; B, the right half). Raises BadImage as `half_width`."""
    half = half_width(*pair.size)
    return pair.crop((0, 0, half, pair.height)), pair.crop((half, 0, pair.width, pair.height))


def half_width(width: int, height: int) -> int:
    """Pixels of each half of a side-by-side image. Raises BadImage if the width is odd or not above the height."""
    if width % 2:
        raise BadImage(f"a pair of odd width ({width}x{height}): the halves would differ")
    if width <= height:
        raise BadImage(f"{width}x{height} is no pair: two images side by side are wider than high")
    return width // 2
