"""Which pictures a folder holds."""

import os
from pathlib import Path, PurePosixPath

from pix2pix.data.images import IMAGE_SUFFIXES
from pix2pix.data.natural_order import natural_key
from pix2pix.errors import UserError


def pictures(folder: Path) -> list[PurePosixPath]:
    """Every picture below `folder` by its ending (in any case), as paths relative to it, in natural order. Hidden ones are passed over.

    Raises UserError where `folder` is no folder, cannot be read, holds no pictures, or links to another folder.
    """
    found: list[PurePosixPath] = []
    for here, folders, files in os.walk(folder, onerror=_unreadable):
        for name in folders:
            if (link := Path(here, name)).is_symlink():
                raise UserError(f"{link} is a link to a folder: put the folder itself there, or remove the link")
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = PurePosixPath(Path(here).relative_to(folder).as_posix())
        found += [inside / name for name in files if not name.startswith(".") and Path(name).suffix.lower() in IMAGE_SUFFIXES]
    if not found:
        raise UserError(f"{folder} holds no pictures ({', '.join(sorted(IMAGE_SUFFIXES))}, at any depth): check the path")
    return sorted(found, key=lambda path: natural_key(str(path)))


def _unreadable(error: OSError) -> None:
    raise UserError(f"{error.filename} cannot be read as a folder: {error.strerror}") from None
