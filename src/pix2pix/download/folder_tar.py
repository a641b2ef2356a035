"""Pack a folder of images into one tar, whose bytes depend only on the images and their names."""

import io
import tarfile
from pathlib import Path

from tqdm import tqdm

from pix2pix.data.file_names import BadName, UniqueNames
from pix2pix.data.image_folder import ImageFolder
from pix2pix.errors import UserError
from pix2pix.system.atomic_write import write_errors
from pix2pix.system.terminal import human_bytes


def pack_folder(folder: Path, target: Path, *, max_bytes: int, progress: bool = True) -> ImageFolder:
    """Write the images below `folder` to the uncompressed tar `target`, by their paths below it, in natural order.

    Times, owners and modes are constants (0, 0, 644), so that the same images give the same bytes on any machine. A link is packed as the
    file it points to. Returns what was found, also the files that were passed over.
    Raises UserError for a folder without images, for files that cannot be packed, all in one message, the limit, and disk errors.
    """
    found = ImageFolder.with_images(folder)
    bad, gate = [f"{folder / file}: {reason}" for file, reason in found.unusable.items()], UniqueNames()
    for file in found.images:
        try:
            gate.admit(str(file))
        except BadName as error:
            bad.append(f"{folder / file}: {error}")
    if bad:
        listed = "\n".join(f"  - {line}" for line in bad)
        raise UserError(f"{folder} holds what cannot be used ({len(bad)}):\n{listed}\nmend or remove these")
    total = sum((folder / file).stat().st_size for file in found.images)
    if total > max_bytes:
        raise UserError(f"{folder}: holds {human_bytes(total)}, more than download.max_bytes ({human_bytes(max_bytes)}) allows")
    with write_errors(target), tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for file in tqdm(found.images, desc=f"pack {folder.name}", unit="file", disable=not progress):
            _add(tar, folder / file, str(file))
    return found


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    """Append one file with constant metadata. It is read before its header is written: a file that shrinks meanwhile damages no tar."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error}). Check the file's rights.") from error
    info = tarfile.TarInfo(name)
    info.mode, info.size = 0o644, len(content)
    tar.addfile(info, io.BytesIO(content))
