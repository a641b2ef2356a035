"""Which file belongs to which split, also by an archive's own lists, as Food-101 has them, and what its image is called."""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pix2pix.errors import UserError
from pix2pix.prepare.folder_names import SPLITS, SplitFolders, around_all, side_of

_VAL_IMAGES = 2  # the fewest that can be measured
_NAME_BYTES = 220  # of an image's name: its files have an ending, and a longer name while they are written


def split_files(
    files: Sequence[PurePosixPath],
    folders: SplitFolders,
    *,
    val_fraction: float,
    lists: Mapping[str, Sequence[PurePosixPath]] | None = None,
) -> dict[str, list[PurePosixPath]]:
    """Files of an archive by split, each in the order given.

    The folders of a file's path decide, or `lists` where the archive has its own. An archive with neither is all train.
    Without val, the share `val_fraction` of train becomes val, by a hash of the file name, so that adding a file moves no other; at least
    two images where train has three or more.
    Raises UserError where a file lies outside the split folders that the archive has, or nothing is left to train on.
    """
    found = _by_folders(files, folders) if lists is None else {split: list(lists.get(split, ())) for split in SPLITS}
    if not found["val"] and val_fraction:
        found["train"], found["val"] = _draw(found["train"], val_fraction)
    if not found["train"]:
        there = ", ".join(str(folder) for folder in folders.splits) or "none"
        raise UserError(f"no images to train on: the archive needs a folder train, or images without split folders (it has {there})")
    return {split: found[split] for split in SPLITS if found[split]}


def image_names(by_split: Mapping[str, Sequence[PurePosixPath]], folders: SplitFolders) -> dict[str, list[str]]:
    """The name of each image: its file's without extension, and where two of a split share one, with the folders before it, `cat_1`.

    Folders of splits, and those around all files, are left out. Raises UserError with all names that are still the same, ignoring
    case, or too long.
    """
    names = {split: [file.stem for file in files] for split, files in by_split.items()}
    if any(_clashes(names[split], files) for split, files in by_split.items()):
        around = around_all(file for files in by_split.values() for file in files)
        names = {split: [_with_folders(file, around, folders) for file in files] for split, files in by_split.items()}
    clashes = [group for split, files in by_split.items() for group in _clashes(names[split], files)]
    if clashes:
        listed = "\n".join(f"  - {' and '.join(map(str, group))}" for group in clashes)
        raise UserError(f"images that would get the same name:\n{listed}\nrename or remove one of each")
    long = [str(file) for split, files in by_split.items() for file, name in zip(files, names[split], strict=True) if _too_long(name)]
    if long:
        listed = "\n".join(f"  - {file}" for file in long)
        raise UserError(
            f"images whose names have more than {_NAME_BYTES} bytes, too many for the files made of them:\n{listed}\nrename them"
        )
    return names


def _draw(train: Sequence[PurePosixPath], val_fraction: float) -> tuple[list[PurePosixPath], list[PurePosixPath]]:
    """(train, val). Of few images, fewer than two may hash below `val_fraction`, or all: then the order of the hashes decides."""
    same = Counter(file.name for file in train)
    share = {file: _share(file.name if same[file.name] == 1 else str(file)) for file in train}
    ordered = sorted(share.values())
    few = min(_VAL_IMAGES, len(train) - 1)
    below = max(val_fraction, math.nextafter(ordered[few - 1], 1)) if few > 0 else 0.0
    below = min(below, ordered[-1]) if ordered else below
    return [file for file in train if share[file] >= below], [file for file in train if share[file] < below]


def _by_folders(files: Sequence[PurePosixPath], folders: SplitFolders) -> dict[str, list[PurePosixPath]]:
    found: dict[str, list[PurePosixPath]] = {split: [] for split in SPLITS}
    outside: list[PurePosixPath] = []
    for file in files:
        split = folders.split(file)
        (outside if split is None else found[split]).append(file)
    if any(found.values()) and outside:
        listed = ", ".join(map(str, outside[:5])) + (", …" if len(outside) > 5 else "")
        named = ", ".join(map(str, folders.splits))
        raise UserError(f"files outside the folders of splits ({named}): {listed}; move them into one, or take the folders away")
    found["train"] += outside
    return found


def _share(name: str) -> float:
    """Hash of a file's name, as a number in [0, 1)."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64


def _clashes(names: Sequence[str], files: Sequence[PurePosixPath]) -> list[list[PurePosixPath]]:
    """The files of each name that several have, ignoring case."""
    groups: dict[str, list[PurePosixPath]] = defaultdict(list)
    for name, file in zip(names, files, strict=True):
        groups[name.casefold()].append(file)
    return [group for group in groups.values() if len(group) > 1]


def _with_folders(file: PurePosixPath, around: int, folders: SplitFolders) -> str:
    split = folders.folder(file)
    kept = [part for i, part in enumerate(file.parts[:-1]) if i >= around and (split is None or i != len(split.parts) - 1 or side_of(part))]
    return "_".join([*kept, file.stem])


def _too_long(name: str) -> bool:
    return len(name.encode()) > _NAME_BYTES


_LISTS = {"train": PurePosixPath("meta/train.txt"), "test": PurePosixPath("meta/test.txt")}


@dataclass(frozen=True)
class Listed:
    """Images of each split as an archive's lists name them, and the images that no list names; each in the order given."""

    splits: dict[str, list[PurePosixPath]]
    unlisted: list[PurePosixPath]


def is_list(file: PurePosixPath) -> bool:
    """Whether a file of an archive may be such a list."""
    return any(_ends(file, end) for end in _LISTS.values())


def read_lists(source: Path, files: Sequence[PurePosixPath]) -> Listed | None:
    """Read the splits of the images in `images/` from `meta/train.txt` and `meta/test.txt`; None for an archive that lacks one of these.

    Each line is a path below `images/` without extension, such as `apple_pie/1005649` in Food-101. Other files of such an archive, like its
    readme and licence, are ignored.
    Raises UserError for a list that cannot be read, and for a line whose image is missing or named by an earlier line.
    """
    known = set(files)
    home = next((file.parent.parent for file in files if _ends(file, _LISTS["train"])), None)
    if home is None or home / _LISTS["test"] not in known:
        return None
    folder = home / "images"
    images = {file.relative_to(folder).with_suffix(""): file for file in files if file.is_relative_to(folder)}
    if not images:
        return None
    split_of: dict[PurePosixPath, str] = {}
    for split, where in _LISTS.items():
        for number, line in enumerate(_lines(source, home / where), start=1):
            file = images.get(PurePosixPath(line))
            if file is None or file in split_of:
                wrong = "is not there" if file is None else f"is in the list of {split_of[file]} already"
                raise UserError(f"{home / where}, line {number}: the image {folder / line} {wrong}; fetch the archive again")
            split_of[file] = split
    splits = {split: [file for file in files if split_of.get(file) == split] for split in _LISTS}
    return Listed(splits, [file for file in images.values() if file not in split_of])


def _ends(file: PurePosixPath, end: PurePosixPath) -> bool:
    return file.parts[-len(end.parts) :] == end.parts


def _lines(source: Path, name: PurePosixPath) -> list[str]:
    try:
        text = (source / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{name}: cannot be read as a list of images ({error}); fetch the archive again") from None
    return [line.strip() for line in text.splitlines() if line.strip()]
