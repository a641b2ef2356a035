"""Splits that an archive itself names in text files, as Food-101 does."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pix2pix.errors import UserError

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
