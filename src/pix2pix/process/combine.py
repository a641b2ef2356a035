"""A folder of A and a folder of B -> pictures with A on the left and B on the right."""

import unicodedata
from functools import partial
from pathlib import Path, PurePosixPath

from pix2pix.data.images import BadImage
from pix2pix.errors import UserError
from pix2pix.process.find import pictures
from pix2pix.process.picture_file import encode, read
from pix2pix.process.task import Plan, Task, Unusable
from pix2pix.process.transforms import side_by_side


def plan_combine(a: Path, b: Path, ending: str) -> Plan:
    """Pairs of the pictures below `a` and `b` that have the same path but for the ending, as files with `ending` (png or jpg).

    A picture without a partner is listed as unusable. Raises UserError where two of one folder differ by nothing but their ending.
    """
    of_a, of_b = _by_name(a), _by_name(b)
    tasks = [
        Task(of_a[name].with_suffix(f".{ending}"), (a / of_a[name], b / of_b[name]), partial(_pair, a / of_a[name], b / of_b[name], ending))
        for name in of_a
        if name in of_b
    ]
    alone = [Unusable(a / file, f"no picture of this name in {b}") for name, file in of_a.items() if name not in of_b]
    alone += [Unusable(b / file, f"no picture of this name in {a}") for name, file in of_b.items() if name not in of_a]
    return Plan(tasks, alone)


def _by_name(folder: Path) -> dict[str, PurePosixPath]:
    """Pictures by their path without ending."""
    files: dict[str, PurePosixPath] = {}
    for file in pictures(folder):
        # macOS takes names apart into letters and accents, others do not
        name = unicodedata.normalize("NFC", str(file.with_suffix("")))
        if name in files:
            raise UserError(f"{folder / files[name]} and {folder / file} have the same name but for the ending: rename or remove one")
        files[name] = file
    return files


def _pair(a: Path, b: Path, ending: str) -> bytes:
    left = read(a)
    try:
        right = read(b)
    except BadImage as reason:
        raise BadImage(f"its B, {b}: {reason}") from None
    return encode(side_by_side(left, right), ending)
