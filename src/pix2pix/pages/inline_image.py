"""Images embedded in a page."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image, UnidentifiedImageError

from pix2pix.data import image_files
from pix2pix.errors import UserError

Item = TypeVar("Item")
SMALL = 320  # pixels of a sheet's longer side: one of 64 px images; those of 128 px would leave a report no room for its examples


@dataclass(frozen=True)
class InlineImage:
    """Attributes of an `img` element: a data URI, and width and height in pixels."""

    src: str
    width: int
    height: int


def open_image(path: Path) -> Image.Image:
    """Read an image as RGB.

    Raises:
        UserError: the file is missing or is not an image.
    """
    try:
        with image_files.open_image(path) as image:
            return image.convert("RGB")
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run the stage that writes it again") from None
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise UserError(f"{path} cannot be read as an image ({error}): run the stage that writes it again") from None


def inline_image(image: Image.Image, *, longest: int = 512) -> InlineImage:
    """Encode an image as a data URI with every level, scaled down (never up) to at most `longest` pixels per side.

    WebP, because people compare pixels here, and libwebp gives the same bytes on every processor, which zlib-ng (PNG) does not.
    """
    return _encoded(image, longest, "WEBP", lossless=True, quality=75, method=4)


def inline_sheet(sheet: Image.Image, *, longest: int) -> InlineImage:
    """Encode a sheet of images: a small one as `inline_image`, another as a JPEG of at most `longest` pixels per side, to look at.

    The JPEG has no chroma subsampling. The viewer of the pages shows no pixel values of it.
    """
    if max(sheet.size) <= min(longest, SMALL):
        return inline_image(sheet, longest=longest)
    return _encoded(sheet, longest, "JPEG", quality=85, subsampling=0, optimize=True)


def _encoded(image: Image.Image, longest: int, form: str, **how: Any) -> InlineImage:
    small, buffer = image.convert("RGB"), BytesIO()
    # bicubic, because its weights need no sine, which may differ between machines
    small.thumbnail((longest, longest), Image.Resampling.BICUBIC, reducing_gap=None)
    small.save(buffer, form, **how)
    return InlineImage(f"data:image/{form.lower()};base64," + base64.b64encode(buffer.getvalue()).decode(), small.width, small.height)


def evenly(items: Sequence[Item], count: int) -> list[Item]:
    """At most `count` evenly spaced items, in order, including the first and, if `count` is above 1, the last."""
    if len(items) <= count:
        return list(items)
    if count == 1:
        return [items[0]]
    return [items[index * (len(items) - 1) // (count - 1)] for index in range(count)]
