"""Two folders A and B: which file of the one belongs to which of the other."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from pix2pix.errors import UserError

SIDES = ("A", "B")


@dataclass(frozen=True)
class Matched:
    """Partner in B of every file of A that has one, in the order given; and the files without a partner, each with the reason."""

    partner: Mapping[PurePosixPath, PurePosixPath]
    unmatched: Mapping[PurePosixPath, str]


def match_sides(files: Sequence[PurePosixPath]) -> Matched:
    """Match the files of the folders A and B by their place and name below them, whatever their ending.

    A and B may lie at any depth, within folders train, val, test or holding them: `train/A/x/1.jpg` belongs to `train/B/x/1.PNG`, and
    `A/train/1.jpg` to `B/train/1.png`. Letters with accents match whether they are written as one character or as two, as macOS does.
    Raises UserError where a side is missing, files lie outside both, or two files of one side have one name.
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
