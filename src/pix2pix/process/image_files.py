"""Image files: those of a folder, one read, one encoded."""

import io
import os
from pathlib import Path, PurePosixPath

from PIL import Image

from pix2pix.data.bad_image import BadImage
from pix2pix.data.decode_memory import decode_memory
from pix2pix.data.image_files import IMAGE_ENDINGS, is_image, is_litter
from pix2pix.data.images import decode
from pix2pix.data.natural_order import natural_key
from pix2pix.data.pixels import Notes, Reading
from pix2pix.errors import UserError


def list_images(folder: Path) -> list[PurePosixPath]:
    """Every image below `folder` by its suffix (in any case), as paths relative to it, in natural order. Litter is left out.

    Raises UserError where `folder` is no folder, cannot be read, holds no images, or links to another folder.
    """
    found: list[PurePosixPath] = []
    for here, folders, files in os.walk(folder, onerror=_unreadable):
        for name in folders:
            if (link := Path(here, name)).is_symlink():
                raise UserError(f"{link} is a link to a folder: put the folder itself there, or remove the link")
        folders[:] = [name for name in folders if not is_litter((name,))]
        inside = PurePosixPath(Path(here).relative_to(folder).as_posix())
        found += [inside / name for name in files if is_image(name) and not is_litter((name,))]
    if not found:
        raise UserError(f"{folder} holds no images ({', '.join(sorted(IMAGE_ENDINGS))}, at any depth): check the path")
    return sorted(found, key=lambda path: natural_key(str(path)))


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


def _unreadable(error: OSError) -> None:
    raise UserError(f"{error.filename} cannot be read as a folder: {error.strerror}") from None
