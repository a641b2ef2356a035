"""Resolve the argument --input to files and the names of their outputs. Paths are texts: a `Path` for each of many files takes long."""

# ruff: noqa: PTH109, PTH112, PTH113, PTH118, PTH120, PTH122, PTH207

import fnmatch
import glob
import itertools
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import NamedTuple

from pix2pix.data.file_counts import FileCounts
from pix2pix.data.image_files import IMAGE_ENDINGS, is_image, is_litter, why_passed_over
from pix2pix.data.image_folder import ImageFolder
from pix2pix.data.natural_order import natural_key
from pix2pix.errors import UserError
from pix2pix.predict.files import is_output

_PATTERN = "a pattern in quotes like 'photos/*.jpg'"
_NOT_AGAIN = "an output of pix2pix predict, not taken as an input again"


class Input(NamedTuple):
    """An input file, and the path of its output below the output folder, without suffix."""

    file: str
    name: str


@dataclass
class Inputs:
    """What --input names.

    Attributes:
        images: the files to read, in natural order; no two outputs have the same name, also on file systems that ignore case.
        unusable: file or folder -> reason why it cannot be read.
        counts: the files that are no images, or outputs of earlier calls.
    """

    images: list[Input] = field(default_factory=list)
    unusable: dict[str, str] = field(default_factory=dict)
    counts: FileCounts = field(default_factory=FileCounts)


class _Found(NamedTuple):
    """A file, its path below the folder of the input that it belongs to, and that folder, "" for the working directory."""

    file: str
    relative: str
    base: str


def find_inputs(texts: Sequence[str], output: Path) -> Inputs:
    """Find the input files: each text is a file, a folder (its images, at any depth), or a glob pattern (`**`: any depth).

    A name that exists is taken literally, also with brackets. Files below `output`, where it lies inside an input folder, and outputs of
    earlier calls beside other images are passed over. Where two outputs would have one name, they keep the inputs' suffixes; see `_names`.
    Raises UserError if a text names nothing, or there are no images.
    """
    inputs, found, here = Inputs(), dict[str, _Found](), os.getcwd()
    for text in texts:
        of_text = _find(text, inputs)
        if not of_text and not inputs.unusable:
            raise _nothing(text, inputs.counts)
        for one in of_text:
            found.setdefault(os.path.join(here, one.file), one)
    kept = _without_outputs(list(found.values()), output, inputs)
    if not kept and not inputs.unusable:
        raise _nothing(" ".join(texts), inputs.counts)
    inputs.images = [Input(one.file, name) for one, name in zip(kept, _names(kept), strict=True)]
    return inputs


def _nothing(text: str, counts: FileCounts) -> UserError:
    there = f"{counts.line()}. N" if counts.total else "n"
    endings = ", ".join(sorted(IMAGE_ENDINGS))
    return UserError(f"--input {text} holds no images ({endings}, at any depth): {there}ame an image, a folder, or {_PATTERN}")


def _find(text: str, inputs: Inputs) -> list[_Found]:
    """The images that one text names. Adds what is none to `inputs`."""
    path = Path(text)
    if os.path.isdir(text):  # and False, where Path raises, for a name that is too long
        listed, base = ImageFolder.of(path), _as_base(path)
        inputs.unusable |= {os.path.join(base, name): reason for name, reason in listed.unusable.items()}
        inputs.counts += listed.counts
        return [_Found(os.path.join(base, name), name, base) for name in map(str, listed.images)]
    if os.path.isfile(text):
        return [_Found(str(path), path.name, _as_base(path.parent))]
    if os.path.lexists(text):
        raise UserError(f"--input {text} is no file that can be read (a broken link, a pipe or a device): name an image or a folder")
    folder = _fixed_part(path)
    base, inside, below = _as_base(folder), path.relative_to(folder), ImageFolder()
    if "**" in inside.parts:  # each folder once, where glob would follow a circle of links
        below = ImageFolder.of(folder)
        matches = [str(name) for name in (*below.images, *below.no_images) if _fits(name.parts, inside.parts)]
    else:
        matches = glob.glob(str(inside), root_dir=folder)  # it follows links, and takes brackets in [[]
    if not matches:
        raise UserError(
            f"--input {text} is no file and no folder, and as a pattern it matches nothing: name an image, a folder, or {_PATTERN}"
        )
    inputs.unusable |= {os.path.join(base, name): reason for name, reason in below.unusable.items()}
    found = []
    for name in sorted(matches, key=natural_key):
        if is_litter(PurePath(name).parts) or os.path.isdir(os.path.join(base, name)):
            continue
        if is_image(name):
            found.append(_Found(os.path.join(base, name), name, base))
        else:
            inputs.counts.pass_over(name, why_passed_over(name))
    return found


def _as_base(folder: Path) -> str:
    return "" if folder == Path() else str(folder)


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path matches a pattern, both as their parts; `**` is any number of folders."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_fits(parts[start:], pattern[1:]) for start in range(len(parts) + 1))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])


def _fixed_part(pattern: Path) -> Path:
    """The folder that a pattern begins with: its longest part that exists, as it is written."""
    return next((folder for folder in pattern.parents if os.path.isdir(folder)), Path())


def _without_outputs(found: Sequence[_Found], output: Path, inputs: Inputs) -> list[_Found]:
    """Without the files below `output` inside an input folder, and the outputs of earlier calls, unless there is nothing else.

    Where every file is such an output, and none lies in `output`, a second model is meant to run on what a first one made.
    """
    top = output.resolve()
    in_folder = [os.path.dirname(one.file) for one in found]
    below = {folder for folder in set(in_folder) if Path(folder).resolve().is_relative_to(top)}
    around = {base for base in {one.base for one in found} if Path(base).resolve() in top.parents}
    own = [is_output(one.file) for one in found]
    kept, chained = [], all(own)
    for one, folder, is_own in zip(found, in_folder, own, strict=True):
        if is_own and (folder in below or not chained):
            inputs.counts.pass_over(one.relative, _NOT_AGAIN)
        elif folder in below and one.base in around:
            inputs.counts.pass_over(one.relative, "in the output folder")
        else:
            kept.append(one)
    return kept


def _names(found: Sequence[_Found]) -> list[str]:
    """A name for the output of each file, without suffix, no two alike: the first of these that no other file has or wants.

    The path without suffix; with suffix; below the name of its input folder, where there are several; and then with a number.
    """
    several = len({one.base for one in found}) > 1
    wanted, rungs = [os.path.splitext(one.relative)[0] for one in found], [0] * len(found)
    clashing = _clashing(wanted)
    while climbing := [place for same in clashing for place in same if rungs[place] < 1 + several]:
        for place in climbing:
            _, relative, base = found[place]
            wanted[place] = os.path.join(Path(base).resolve().name, relative) if rungs[place] else relative
            rungs[place] += 1
        clashing = _clashing(wanted)
    taken = set(map(_folded, wanted)) if clashing else set()
    for place in (place for same in clashing for place in same[1:]):
        numbered = (f"{wanted[place]}-{number}" for number in itertools.count(2))
        wanted[place] = next(name for name in numbered if _folded(name) not in taken)
        taken.add(_folded(wanted[place]))
    return wanted


def _clashing(names: Sequence[str]) -> list[list[int]]:
    """The places of each name that several have."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(_folded(name), []).append(place)
    return [same for same in places.values() if len(same) > 1]


def _folded(name: str) -> str:
    """A name as a file system that ignores case and Unicode form compares it."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()
