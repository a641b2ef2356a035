"""Read an image file, encode an image."""

import io
from pathlib import Path

from PIL import Image

from pix2pix.data.bad_image import BadImage
from pix2pix.data.decode_memory import decode_memory
from pix2pix.data.images import decode
from pix2pix.data.pixels import Notes, Reading


def read_bytes(file: Path, notes: Notes | None = None) -> bytes:
    """The content of a source, of which there is nothing to note. Raises BadImage where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadImage(f"cannot be read: {error.strerror or error}") from None


def read_image(file: Path, reading: Reading, notes: Notes | None = None) -> Image.Image:
    """The image as RGB, upright; adds to `notes`. Raises BadImage with the reason why it cannot be used."""
    content = read_bytes(file)
    with decode_memory.taken([content]):
        return decode(content, reading, notes)


def encode(image: Image.Image, suffix: str) -> bytes:
    """Encode as `png` (lossless) or `jpg` (quality 95, no chroma subsampling). Raises BadImage for an image that the format cannot hold."""
    content = io.BytesIO()
    try:
        if suffix == "jpg":
            image.save(content, "JPEG", quality=95, subsampling="4:4:4")
        else:
            image.save(content, "PNG")
    except (OSError, ValueError) as error:
        raise BadImage(f"{image.width}x{image.height} pixels, which a {suffix} cannot hold ({error})") from None
    return content.getvalue()
