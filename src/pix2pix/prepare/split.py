"""Which file belongs to which split."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from pix2pix.errors import UserError

SPLITS = ("train", "val", "test")


def split_files(
    files: Sequence[PurePosixPath], *, val_fraction: float, lists: Mapping[str, Sequence[PurePosixPath]] | None = None
) -> dict[str, list[PurePosixPath]]:
    """Files of an archive by split, each in the order given.

    A folder train, val or test in a file's path decides, or `lists` where the archive has its own. An archive with neither is all train.
    Without val, the share `val_fraction` of train becomes val, by a hash of the file name, so that adding a file moves no other; at least
    one image where train has two or more.
    Raises UserError where a file lies outside the split folders that the archive has, or nothing is left to train on.
    """
    found = _by_folders(files) if lists is None else {split: list(lists.get(split, ())) for split in SPLITS}
    if not found["val"] and val_fraction:
        # of a few images none may hash below val_fraction: then take the one with the lowest hash
        first = min(map(_share, found["train"]), default=0.0)
        below = max(val_fraction, math.nextafter(first, 1)) if len(found["train"]) > 1 else val_fraction
        found["val"] = [file for file in found["train"] if _share(file) < below]
        found["train"] = [file for file in found["train"] if _share(file) >= below]
    if not found["train"]:
        raise UserError("no images to train on: the archive needs a folder train, or images without split folders")
    return {split: found[split] for split in SPLITS if found[split]}


def split_of(file: PurePosixPath) -> str | None:
    """The split that a folder in the path names; None without such a folder."""
    return next((part for part in file.parts[:-1] if part in SPLITS), None)


def _by_folders(files: Sequence[PurePosixPath]) -> dict[str, list[PurePosixPath]]:
    found: dict[str, list[PurePosixPath]] = {split: [] for split in SPLITS}
    outside: list[PurePosixPath] = []
    for file in files:
        split = split_of(file)
        (outside if split is None else found[split]).append(file)
    if any(found.values()) and outside:
        listed = ", ".join(map(str, outside[:5])) + (", …" if len(outside) > 5 else "")
        raise UserError(f"files outside the folders train, val and test: {listed}; move them into one, or take the folders away")
    found["train"] += outside
    return found


def _share(file: PurePosixPath) -> float:
    """Hash of the file's name, as a number in [0, 1)."""
    return int.from_bytes(hashlib.sha256(file.name.encode()).digest()[:8], "big") / 2**64


def stems(files: Sequence[PurePosixPath]) -> list[str]:
    """Name of each file without folder and extension. Raises UserError where two are the same, ignoring case."""
    names: dict[str, PurePosixPath] = {}
    for file in files:
        if file.stem.casefold() in names:
            raise UserError(f"{names[file.stem.casefold()]} and {file} would get the same name; rename one")
        names[file.stem.casefold()] = file
    return [file.stem for file in files]
