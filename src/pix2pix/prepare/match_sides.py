"""Match the files of a folder A with those of a folder B."""

import functools
import itertools
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from pix2pix.errors import UserError
from pix2pix.prepare.folder_names import SIDES, SplitFolders, around_all, name_words, side_of, side_place

# What names of A and B may differ by, as first or last words: cat_A and cat_B, 1_real and 1_fake, photo_7 and mask_7.
_SIDE_MARKS = {
    "a", "b", "real", "fake", "input", "output", "target", "source", "src", "gt", "label", "labels", "mask", "masks", "seg",
    "segmentation", "image", "img", "photo", "edges", "sketch", "in", "out", "x", "y", "before", "after", "day", "night", "original",
}  # fmt: skip
_EXAMPLES = 3


@dataclass(frozen=True)
class Matched:
    """partner: file of A -> its file of B, in the order given. alone_in_a, alone_in_b: each file without a partner -> the reason.

    loosely: how many partners have different names; example: two of them.
    """

    partner: Mapping[PurePosixPath, PurePosixPath]
    alone_in_a: Mapping[PurePosixPath, str]
    alone_in_b: Mapping[PurePosixPath, str]
    loosely: int
    example: tuple[PurePosixPath, PurePosixPath] | None

    def notes(self) -> list[str]:
        """What to say about partners of different names."""
        if self.example is None:
            return []
        one, other = self.example
        return [f"{self.loosely} of {len(self.partner)} pairs have names that differ a little: {one.name} goes with {other.name}"]


def match_sides(files: Sequence[PurePosixPath], splits: SplitFolders) -> Matched:
    """Match the files of the folders A and B (or trainA, real_B, …) by `match_names`.

    A and B may lie at any depth, inside the splits' folders or around them: `train/A/x/1.jpg` matches `train/B/x/1.PNG`, and
    `A/train/1.jpg` matches `B/Train/1.png`.
    Raises UserError where A or B is missing, files lie outside both, or no name has a partner.
    """
    sides: dict[str, dict[PurePosixPath, PurePosixPath]] = {side: {} for side in SIDES}
    outside: list[PurePosixPath] = []
    around = around_all(files)
    for file in files:
        place = side_place(file, around)
        if place is None:
            outside.append(file)
            continue
        others = [part for i, part in splits.without_split(file) if i != place]
        sides[str(side_of(file.parts[place]))][file] = PurePosixPath(splits.split(file) or ".", *others)
    missing = [side for side in SIDES if not sides[side]]
    if missing:
        there = sorted({file.parts[-2] for file in outside if len(file.parts) > 1})
        named = f" (its folders are {_shortened(there)}: rename the two)" if there else ""
        raise UserError(
            f"no folder {' and no folder '.join(missing)} with images{named}: kind folders needs two, A and B, with images of the same "
            "names. Images that already lie side by side in one file are kind pairs"
        )
    if outside:
        raise UserError(f"files outside the folders A and B: {_shortened(outside, 5)}; move them into one, or take them away")
    return match_names(sides["A"], sides["B"], SIDES)


def match_names(a: Mapping[PurePosixPath, PurePosixPath], b: Mapping[PurePosixPath, PurePosixPath], names: tuple[str, str]) -> Matched:
    """Match files by what they are to be called: file -> its path below its side. names: of the two sides, for messages.

    Paths match without extension; accented letters in composed and decomposed form (macOS writes the latter). What has no such partner
    matches where the names differ only by case, zeros before a number, separators, or a side's mark (cat_A, cat_B), if there is one choice;
    where both sides have the same marks (1_day and 1_night), these count.
    Raises UserError where no file has a partner, or two files of one side have the same name but for the extension.
    """
    partner: dict[PurePosixPath, PurePosixPath] = {}
    exact_a, exact_b = _by_key(a, _exact_key), _by_key(b, _exact_key)
    twice = [files for side in (exact_a, exact_b) for files in side.values() if len(files) > 1]
    if twice:
        listed = "\n".join(f"  - {' and '.join(map(str, files))}" for files in twice)
        raise UserError(f"files of the same name, so that none has one partner:\n{listed}\nrename or remove one of each")
    for key, (file,) in exact_a.items():
        if key in exact_b:
            partner[file] = exact_b[key][0]
    matched = set(partner.values())
    loose_a = _by_key({file: path for file, path in a.items() if file not in partner}, _loose_key)
    loose_b = _by_key({file: path for file, path in b.items() if file not in matched}, _loose_key)
    loosely = [
        pair
        for key in loose_a
        for pair in _alike({file: a[file] for file in loose_a[key]}, {file: b[file] for file in loose_b.get(key, ())})
    ]
    partner |= dict(loosely)
    if not partner:
        examples = [f"{_shortened([file.name for file in side])} in {name}" for side, name in zip((a, b), names, strict=True)]
        raise UserError(f"no name in {names[0]} has a partner in {names[1]}: {' and '.join(examples)}; give both the same names")
    matched = set(partner.values())
    alone = [
        {file: _why_alone(_loose_key(path), here, other, name) for file, path in side.items() if file not in found}
        for side, found, here, other, name in ((a, partner, loose_a, loose_b, names[1]), (b, matched, loose_b, loose_a, names[0]))
    ]
    in_order = {file: partner[file] for file in a if file in partner}
    return Matched(in_order, alone[0], alone[1], len(loosely), loosely[0] if loosely else None)


def _alike(a: Mapping[PurePosixPath, PurePosixPath], b: Mapping[PurePosixPath, PurePosixPath]) -> list[tuple[PurePosixPath, PurePosixPath]]:
    """Pairs of files that are alike but for marks, given as to `match_names`; none where there is a choice."""
    if len(a) == len(b) == 1:
        return list(zip(a, b, strict=True))
    in_a, in_b = (_by_key(side, functools.partial(_loose_key, marks=True)) for side in (a, b))
    if in_a.keys() != in_b.keys() or any(len(files) > 1 for files in (*in_a.values(), *in_b.values())):
        return []
    return [(in_a[key][0], in_b[key][0]) for key in in_a]


_Key = tuple[object, ...]
_Groups = Mapping[_Key, Sequence[PurePosixPath]]


def _by_key(files: Mapping[PurePosixPath, PurePosixPath], key: Callable[[PurePosixPath], _Key]) -> dict[_Key, list[PurePosixPath]]:
    found: dict[_Key, list[PurePosixPath]] = defaultdict(list)
    for file, path in files.items():
        found[key(path)].append(file)
    return dict(found)


def _exact_key(path: PurePosixPath) -> _Key:
    return (unicodedata.normalize("NFC", str(path.with_suffix(""))),)


def _loose_key(path: PurePosixPath, *, marks: bool = False) -> _Key:
    """The same for names that differ as `match_names` allows. marks: whether a side's mark counts."""
    folders = [unicodedata.normalize("NFC", part).casefold() for part in path.parent.parts]
    words = name_words(unicodedata.normalize("NFC", path.stem))
    while not marks and len(words) > 1 and words[-1] in _SIDE_MARKS:
        words = words[:-1]
    while not marks and len(words) > 1 and words[0] in _SIDE_MARKS:
        words = words[1:]
    numbers = [(word.lstrip("0") or "0") if word.isdecimal() else word for word in words]
    # numbers stay apart, as 1_2 is not 12; words do not, as capitals may be what parts them
    joined = [tuple(group) if decimal else "".join(group) for decimal, group in itertools.groupby(numbers, str.isdecimal)]
    return (*folders, *(joined or [path.stem]))


def _why_alone(key: _Key, here: _Groups, other: _Groups, name: str) -> str:
    if key not in other:
        return f"no image of this name in {name}"
    several = [file for side in (here, other) if len(side[key]) > 1 for file in side[key]]
    return f"no image of exactly this name in {name}, and several that are alike ({_shortened(several)})"


def _shortened(names: Sequence[object], most: int = _EXAMPLES) -> str:
    return ", ".join(map(str, names[:most])) + (", …" if len(names) > most else "")
