"""Images inside a page."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from PIL import Image, UnidentifiedImageError

from pix2pix.errors import UserError

Item = TypeVar("Item")


@dataclass(frozen=True)
class InlineImage:
    """An image as an `img` element needs it: its address (a data URI) and its size in pixels."""

    src: str
    width: int
    height: int


def open_image(path: Path) -> Image.Image:
    """Read an image as RGB.

    Raises:
        UserError: the file is missing or no image.
    """
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run the stage that writes it again") from None
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise UserError(f"{path} cannot be read as an image ({error}): run the stage that writes it again") from None


def inline_image(image: Image.Image, *, longest: int = 256) -> InlineImage:
    """Encode an image, scaled down to at most `longest` pixels a side, never up.

    JPEG, because libjpeg-turbo promises the same bytes on every processor, which zlib-ng (PNG) does not; and with full
    colour resolution, because colours are what people compare here. Bicubic, because its weights need no sine.
    """
    small = image.convert("RGB")
    small.thumbnail((longest, longest), Image.Resampling.BICUBIC, reducing_gap=None)
    buffer = BytesIO()
    small.save(buffer, "JPEG", quality=85, subsampling=0, optimize=True)
    return InlineImage("data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode(), small.width, small.height)


def evenly(items: Sequence[Item], count: int) -> list[Item]:
    """At most `count` of the items in their order, evenly spaced, with the first and (from two on) the last."""
    if len(items) <= count:
        return list(items)
    if count == 1:
        return [items[0]]
    return [items[index * (len(items) - 1) // (count - 1)] for index in range(count)]
