"""One picture from a file, and one into the content of a file."""

import io
from pathlib import Path

from PIL import Image

from pix2pix.data.images import BadImage, decode


def read(file: Path) -> Image.Image:
    """The picture as RGB, upright. Raises BadImage with the reason why it cannot be used, also for a file that cannot be read."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadImage(f"cannot be read: {error.strerror or error}") from None
    return decode(content)


def encode(picture: Image.Image, ending: str) -> bytes:
    """File content, `png` (lossless) or `jpg` (quality 95, colours at full resolution). Raises BadImage for what the format cannot hold."""
    content = io.BytesIO()
    try:
        if ending == "jpg":
            picture.save(content, "JPEG", quality=95, subsampling="4:4:4")
        else:
            picture.save(content, "PNG")
    except (OSError, ValueError) as error:
        raise BadImage(f"{picture.width}x{picture.height} pixels, which a {ending} cannot hold ({error})") from None
    return content.getvalue()
