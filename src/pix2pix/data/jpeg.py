"""JPEG files: damage that Pillow does not report, and plain files (colour, upright), decoded faster than by Pillow to the same pixels."""

import importlib.util
import io
from typing import Any

import numpy as np

from pix2pix.data.bad_image import BadImage
from pix2pix.data.image_files import open_image
from pix2pix.data.jpeg_progression import lacks_scans
from pix2pix.data.jpeg_scan import is_damaged
from pix2pix.data.orientation import turn

Array = np.ndarray[Any, Any]

SIGNATURE = b"\xff\xd8\xff"
_SCAN, _END = b"\xff\xda", b"\xff\xd9"  # markers, ITU-T T.81, B.1.1.3
_COLOURS = {"Gray": "GRAY", "CMYK": "CMYK", "YCCK": "CMYK"}  # simplejpeg's name of a file's colours -> what it decodes them to


def with_end(content: bytes) -> bytes:
    """A JPEG file with its end mark. Raises BadImage where more than the mark is missing."""
    if content.rfind(_END) > content.rfind(_SCAN):
        return content
    # pixels that are all there do not depend on what follows them
    first, *others = (np.asarray(open_image(io.BytesIO(content + filler + _END))) for filler in (b"", b"\x55" * 64, b"\xaa" * 64))
    if any(not np.array_equal(first, other) for other in others) or lacks_scans(content):
        raise BadImage("damaged: the file is cut short")
    return content + _END


def check(content: bytes) -> None:
    """Raise BadImage for damage within the pixels, at which Pillow says nothing.

    numba shows that of baseline files, simplejpeg that of others, as far as libjpeg-turbo notices it; without them nothing is noticed.
    """
    if (damaged := is_damaged(content)) is not None:
        if damaged:
            raise BadImage("damaged: its coded pixels are no whole image")
        return
    if importlib.util.find_spec("simplejpeg") is None:
        return
    from simplejpeg import decode_jpeg, decode_jpeg_header  # type: ignore[import-untyped]

    try:
        colours = decode_jpeg_header(content, strict=False)[2]
        decode_jpeg(content, _COLOURS.get(colours, "GRAY"), min_factor=8)  # at an eighth of the size, in half the time
    except ValueError as error:
        if str(error).startswith("Corrupt JPEG data"):
            raise BadImage(f"damaged: {str(error).partition(': ')[2]}") from None


def is_plain(content: bytes, image: Array) -> bool:
    """Whether a file is an upright colour JPEG that `plain_pixels` decodes to `image`, Pillow's pixels, (height, width, 3) uint8.

    Checks the header, then compares the pixels of both decoders.
    """
    header = open_image(io.BytesIO(content))
    if header.format != "JPEG" or header.mode != "RGB" or turn(header) is not None:
        return False
    try:
        return np.array_equal(plain_pixels(content), image)
    except ValueError:
        return False


def plain_pixels(content: bytes) -> Array:
    """JPEG file content -> (height, width, 3) uint8 RGB, by libjpeg-turbo. Raises ValueError if it cannot decode it."""
    from simplejpeg import decode_jpeg

    return decode_jpeg(content, "RGB")
