"""Pack a folder of images into one tar, whose bytes depend only on the images and their names."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from pix2pix.data.file_names import BadName, UniqueNames
from pix2pix.data.image_files import IMAGE_ENDINGS, is_image, is_litter
from pix2pix.data.natural_order import natural_key
from pix2pix.errors import UserError
from pix2pix.system.atomic_write import write_errors
from pix2pix.system.terminal import human_bytes


def pack_folder(folder: Path, target: Path, *, max_bytes: int, max_entries: int, progress: bool = True) -> None:
    """Write the images below `folder`, at any depth, to the uncompressed tar `target` as `<folder's name>/<path>`, in natural order.

    Times, owners and modes are constants (0, 0, 644), so that the same images give the same bytes on any machine. Litter and files
    without an image's extension (in any case) are left out. A link is packed as the image it points to, if that lies in the folder too.
    Raises UserError for a folder without images, links to folders or out of the folder, names that an archive may not hold, images
    that cannot be read, the limits, and disk errors.
    """
    name = folder.resolve().name or "folder"
    name = "folder" if is_litter((name,)) else name  # what lies in a hidden folder is not hidden itself
    gate, total, names = UniqueNames(), 0, []
    for number, path in enumerate(_images(folder, folder.resolve()), start=1):
        relative = f"{name}/{path.relative_to(folder).as_posix()}"
        try:
            gate.admit(relative)
        except BadName as error:
            raise UserError(f"{path}: cannot be packed: {error}.") from None
        total += path.stat().st_size
        if number > max_entries or total > max_bytes:
            limits = f"{max_entries} files, {human_bytes(max_bytes)}"
            raise UserError(f"{folder}: holds more than the limits allow ({limits}). If all of it is meant, raise the limits.")
        names.append(relative)
    if not names:
        raise UserError(f"{folder}: holds no images ({', '.join(sorted(IMAGE_ENDINGS))}, at any depth). Check the path.")
    names.sort(key=natural_key)
    with write_errors(target), tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for relative in tqdm(names, desc=f"pack {name}", unit="file", disable=not progress):
            _add(tar, folder / relative.partition("/")[2], relative)


def _images(folder: Path, inside: Path) -> Iterator[Path]:
    """Every image below `folder`; `inside` is the resolved folder that no link may lead out of."""
    try:
        children = list(folder.iterdir())
    except OSError as error:
        raise UserError(f"{folder}: cannot be read ({error.strerror or error}). Check the folder's rights.") from error
    for path in children:
        if is_litter((path.name,)):
            continue
        if path.is_symlink() and not path.resolve().is_relative_to(inside):
            raise UserError(f"{path}: is a link out of the folder, to {path.resolve()}. Put the file itself there, or remove the link.")
        if path.is_dir():
            if path.is_symlink():
                raise UserError(f"{path}: is a link to a folder. Put the folder itself there, or remove the link.")
            yield from _images(path, inside)
        elif is_image(path):
            if not path.is_file():
                raise UserError(f"{path}: is no file that can be read (a broken link, pipe or device). Remove it.")
            yield path


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    """Append one file with constant metadata. It is read before its header is written: a file that shrinks meanwhile damages no tar."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error}). Check the file's rights.") from error
    info = tarfile.TarInfo(name)
    info.mode, info.size = 0o644, len(content)
    tar.addfile(info, io.BytesIO(content))
