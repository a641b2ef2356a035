"""Decode image files to 8-bit RGB, and fit them to a square."""

import contextlib
import io
import warnings
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from pix2pix.data.image_files import open_image

_MAX_PIXELS = 100_000_000
SIXTEEN_BIT = ("I;16", "I;16B", "I;16L", "I")


class BadImage(Exception):
    """A file that cannot be used as an image. The message is the reason."""


def decode(data: bytes) -> Image.Image:
    """File content -> upright RGB image.

    Grey, palette, CMYK and 16-bit images are converted, the EXIF orientation is applied, transparency is composited over white.
    Raises BadImage if the file is no image, is truncated or animated, or has more than 100 million pixels.
    """
    with opened(data) as image:
        if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
            raise BadImage(f"animated or of several pages ({getattr(image, 'n_frames', 1)} frames)")
        image.load()
        return to_rgb(ImageOps.exif_transpose(image))


@contextlib.contextmanager
def opened(data: bytes) -> Iterator[Image.Image]:
    """Context manager: file content -> Pillow image, not yet loaded. Any exception inside the block is raised as BadImage."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about large images; the limit is checked below
            image = open_image(io.BytesIO(data))
            if image.width * image.height > _MAX_PIXELS:
                raise BadImage(f"{image.width}x{image.height} pixels, above the limit of 100 million")
            yield image
    except UnidentifiedImageError:
        raise BadImage("not an image, or of a format that Pillow does not know" if data else "an empty file") from None
    except Image.DecompressionBombError:
        raise BadImage("more pixels than the limit of 100 million") from None
    except BadImage:
        raise
    except Exception as error:  # Pillow's readers raise many types on damaged files: struct.error, TypeError, RuntimeError, …
        raise BadImage(f"damaged: {error}") from None


def to_rgb(image: Image.Image) -> Image.Image:
    """Loaded image of any mode -> RGB, with transparency composited over white. Raises BadImage for levels of unknown range."""
    if image.mode in SIXTEEN_BIT:
        levels = np.asarray(image.convert("I"))
        if levels.max() > 65535 or levels.min() < 0:
            raise BadImage("32-bit grey levels outside 0..65535")
        # convert("RGB") would clip every level above 255 to white
        grey = ((levels + 128) // 257).astype(np.uint8)
        grey[levels == image.info.get("transparency", -1)] = 255  # a PNG's transparent level
        return Image.fromarray(grey).convert("RGB")
    if image.mode == "F":
        raise BadImage("floating-point levels, whose range is not known; save it with 8 or 16 bits")
    if image.has_transparency_data:
        layers = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, layers).convert("RGB")
    return image.convert("RGB")


def require_room(width: int, height: int, fit: str) -> None:
    """Raise BadImage if `fit` is pad and the padded square would have more than 100 million pixels."""
    if fit == "pad" and max(width, height) ** 2 > _MAX_PIXELS:
        raise BadImage(f"{width}x{height} pixels: padded to a square it would be above the limit of 100 million")


FILTERS = {"bicubic": Image.Resampling.BICUBIC, "area": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR}


def to_square(image: Image.Image, size: int, *, resize: str, fit: str) -> Image.Image:
    """RGB image -> RGB (size, size), by `resize` (bicubic, area, bilinear) and, if not square, by `fit` (squash, crop, pad).

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
