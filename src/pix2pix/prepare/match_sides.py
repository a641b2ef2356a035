"""Match the files of a folder A with those of a folder B."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from pix2pix.errors import UserError

SIDES = ("A", "B")


@dataclass(frozen=True)
class Matched:
    """partner: file of A -> its file of B, in the order given. unmatched: each file without a partner -> the reason."""

    partner: Mapping[PurePosixPath, PurePosixPath]
    unmatched: Mapping[PurePosixPath, str]


def match_sides(files: Sequence[PurePosixPath]) -> Matched:
    """Match the files of the folders A and B by their path below these, without extension.

    A and B may lie at any depth, inside the folders train, val and test or around them: `train/A/x/1.jpg` matches `train/B/x/1.PNG`, and
    `A/train/1.jpg` matches `B/train/1.png`. Accented letters match in composed and decomposed form (macOS writes the latter).
    Raises UserError where A or B is missing, files lie outside both, or two files of one side have the same name.
    """
    sides: dict[str, dict[PurePosixPath, PurePosixPath]] = {side: {} for side in SIDES}
    outside: list[PurePosixPath] = []
    for file in files:
        place = next((i for i, part in enumerate(file.parts[:-1]) if part in SIDES), None)
        if place is None:
            outside.append(file)
            continue
        here = sides[file.parts[place]]
        below = PurePosixPath(*file.parts[:place], *file.parts[place + 1 :]).with_suffix("")
        name = PurePosixPath(unicodedata.normalize("NFC", str(below)))
        if name in here:
            raise UserError(f"{here[name]} and {file} have the same name, so that neither has one partner; rename one")
        here[name] = file
    missing = [side for side in SIDES if not sides[side]]
    if missing:
        raise UserError(
            f"no folder {' and no folder '.join(missing)} with images: kind folders needs two, A and B, with images of the same names. "
            "Images that already lie side by side in one file are kind pairs"
        )
    if outside:
        listed = ", ".join(map(str, outside[:5])) + (", …" if len(outside) > 5 else "")
        raise UserError(f"files outside the folders A and B: {listed}; move them into one, or take them away")
    a, b = (sides[side] for side in SIDES)
    partner = {file: b[name] for name, file in a.items() if name in b}
    unmatched = {file: "no image of this name in B" for name, file in a.items() if name not in b}
    unmatched |= {file: "no image of this name in A" for name, file in b.items() if name not in a}
    return Matched(partner, unmatched)
