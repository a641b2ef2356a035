"""What the names of folders say: a split (train, Validation, TEST, testing, trainA) or a side (A, real_B, trainA)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

SPLITS = ("train", "val", "test")
SIDES = ("A", "B")
_SPLIT_WORDS = {
    "train": "train", "training": "train", "trainings": "train",
    "val": "val", "valid": "val", "validation": "val",
    "test": "test", "testing": "test",
}  # fmt: skip
_SIDE_WORDS = {"a": "A", "b": "B"}
_NEUTRAL_WORDS = {"set", "data", "images", "image", "imgs", "img", "pictures", "photos", "files", "daten", "bilder", *_SIDE_WORDS}
_BETWEEN_WORDS = re.compile(r"[\s_.\-]+|(?<=\d)(?=\D)|(?<=\D)(?=\d)")  # separators, and where letters and digits meet
_BEFORE_CAPITAL = re.compile("(?<=[a-zß-öø-ÿ])(?=[A-Z])")


def name_words(name: str) -> list[str]:
    """The words and numbers of a name in lower case: `IMG_01a` is img, 01, a; `catA` is cat, a; `TRAINA` is train, a.

    `testimages` is test, images; `testsetA` is test, set, a.
    """
    found: list[str] = []
    for word in filter(None, _BETWEEN_WORDS.split(name)):
        whole = word.casefold() in _SPLIT_WORDS or len(_split_first(word)) > 1
        parts = [word] if whole else _BEFORE_CAPITAL.split(word)
        found += [one for part in parts for one in _split_first(part)]
    return found


def _split_first(word: str) -> list[str]:
    """A word in lower case, parted after the split that it begins with where a side or a word like `images` follows."""
    lower = word.casefold()
    split = next((split for split in _SPLIT_WORDS if lower.startswith(split) and lower[len(split) :] in _NEUTRAL_WORDS), None)
    return [split, lower[len(split) :]] if split else [lower]


def around_all(files: Iterable[PurePosixPath]) -> int:
    """How many folders are around all files."""
    parents = {file.parent.parts for file in files}
    first, last = min(parents, default=()), max(parents, default=())
    return next((i for i, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), min(len(first), len(last)))


def side_of(folder: str) -> str | None:
    """The side that a folder's name says by its first or last word; None for none, or both."""
    words = name_words(folder)
    found = {_SIDE_WORDS[word] for word in (words[:1] + words[-1:]) if word in _SIDE_WORDS}
    return found.pop() if len(found) == 1 else None


def side_place(file: PurePosixPath, around: int) -> int | None:
    """The position in a file's path of the folder that says its side: `A` before `a` before `real_A`, then the outermost.

    around: how many folders are around all files, and say something only where no other does.
    """
    found = [(i < around, part not in SIDES, len(part) > 1, i) for i, part in enumerate(file.parts[:-1]) if side_of(part)]
    return min(found)[-1] if found else None


@dataclass(frozen=True)
class SplitFolders:
    """Which of the folders around an archive's files are splits.

    splits: folder -> train, val or test. doubtful: folders that are none although their names have a split's word, such as `bullet_train`.
    """

    splits: dict[PurePosixPath, str]
    doubtful: list[PurePosixPath]
    _outermost: dict[PurePosixPath, PurePosixPath]  # folder of files -> the outermost split around them

    @classmethod
    def of(cls, files: Iterable[PurePosixPath]) -> "SplitFolders":
        """Decide by names, in any case. A name with other words counts only beside one of another split: DIV2K_train_HR, DIV2K_valid_HR.

        A folder around all files is no split if each of them lies in a further one: an archive `train` may hold train, val and test.
        """
        parents = {file.parent for file in files}
        folders = sorted({folder for parent in parents for folder in (parent, *parent.parents) if folder.name})
        named = {folder: split for folder in folders if (split := _split_word(folder.name)) is not None}
        beside: dict[PurePosixPath, set[str]] = {}
        for folder, split in named.items():
            beside.setdefault(folder.parent, set()).add(split)
        splits = {folder: split for folder, split in named.items() if _is_plain(folder.name) or len(beside[folder.parent]) > 1}
        inside = {parent: [folder for folder in (*reversed(parent.parents), parent) if folder in splits] for parent in parents}
        while inside and all(len(found) > 1 for found in inside.values()) and len({found[0] for found in inside.values()}) == 1:
            around = {found.pop(0) for found in inside.values()}
            splits = {folder: split for folder, split in splits.items() if folder not in around}
        doubtful = [folder for folder in named if folder not in splits and not _is_plain(folder.name)]
        return cls(splits, doubtful, {parent: found[0] for parent, found in inside.items() if found})

    def folder(self, file: PurePosixPath) -> PurePosixPath | None:
        """The outermost split's folder around a file."""
        return self._outermost.get(file.parent)

    def split(self, file: PurePosixPath) -> str | None:
        """The split of a file; None without such a folder."""
        folder = self.folder(file)
        return None if folder is None else self.splits[folder]

    def without_split(self, file: PurePosixPath) -> list[tuple[int, str]]:
        """The parts of a file's path, each with its position, but for the split's folder."""
        folder = self.folder(file)
        place = None if folder is None else len(folder.parts) - 1
        return [(i, part) for i, part in enumerate(file.parts) if i != place]


def _split_word(folder: str) -> str | None:
    """The one split whose word the folder's name has."""
    found = {_SPLIT_WORDS[word] for word in name_words(folder) if word in _SPLIT_WORDS}
    return found.pop() if len(found) == 1 else None


def _is_plain(folder: str) -> bool:
    """Whether the name says nothing else: train, Train2017, test_images, trainA."""
    return all(word in _SPLIT_WORDS or word in _NEUTRAL_WORDS or word.isdecimal() for word in name_words(folder))
