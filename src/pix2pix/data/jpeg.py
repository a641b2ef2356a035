"""Decode plain JPEG files (colour, upright) faster than Pillow, to the same pixels."""

import io

import numpy as np
from PIL import ExifTags

from pix2pix.data.conversion import Array
from pix2pix.data.image_files import open_image


def is_plain(content: bytes, image: Array) -> bool:
    """Whether a file is an upright colour JPEG that `plain_pixels` decodes to `image`, Pillow's pixels, (height, width, 3) uint8.

    Checks the header, then compares the pixels of both decoders.
    """
    header = open_image(io.BytesIO(content))
    if header.format != "JPEG" or header.mode != "RGB" or header.getexif().get(ExifTags.Base.Orientation, 1) != 1:
        return False
    try:
        return np.array_equal(plain_pixels(content), image)
    except ValueError:
        return False


def plain_pixels(content: bytes) -> Array:
    """JPEG file content -> (height, width, 3) uint8 RGB, by libjpeg-turbo. Raises ValueError if it cannot decode it."""
    from simplejpeg import decode_jpeg  # type: ignore[import-untyped]

    return decode_jpeg(content, "RGB")
