"""Resolve the argument --input to files and the names of their outputs."""

import fnmatch
import glob
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from pix2pix.data.file_counts import FileCounts
from pix2pix.data.image_files import IMAGE_ENDINGS, is_image, is_litter, why_passed_over
from pix2pix.data.image_folder import ImageFolder
from pix2pix.data.natural_order import natural_key
from pix2pix.errors import UserError
from pix2pix.predict.writing import is_output

_PATTERN = "a pattern in quotes like 'photos/*.jpg'"
_NOT_AGAIN = "an output of pix2pix predict, not taken as an input again"


@dataclass(frozen=True)
class Input:
    """An input file, and the path of its output below the output folder, without suffix."""

    file: Path
    name: Path


@dataclass
class Inputs:
    """What --input names.

    Attributes:
        images: the files to read, in natural order; no two outputs have the same name, also on file systems that ignore case.
        unusable: file or folder -> reason why it cannot be read.
        counts: the files that are no images, or outputs of earlier calls.
    """

    images: list[Input] = field(default_factory=list)
    unusable: dict[Path, str] = field(default_factory=dict)
    counts: FileCounts = field(default_factory=FileCounts)


@dataclass(frozen=True)
class _Found:
    """A file, its path relative to the input that it belongs to, and that input's folder."""

    file: Path
    relative: PurePath
    base: Path


def find_inputs(texts: Sequence[str], output: Path) -> Inputs:
    """Find the input files: each text is a file, a folder (its images, at any depth), or a glob pattern (`**`: any depth).

    A name that exists is taken literally, also with brackets. Files below `output`, where it lies inside an input folder, and outputs of
    earlier calls beside other images are passed over. Where two outputs would have one name, they keep the inputs' suffixes; see `_names`.
    Raises UserError if a text names nothing, or there are no images.
    """
    inputs, found = Inputs(), dict[Path, _Found]()
    for text in texts:
        of_text = _find(text, inputs)
        if not of_text and not inputs.unusable:
            raise _nothing(text, inputs.counts)
        for one in of_text:
            found.setdefault(one.file.absolute(), one)
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
    if os.path.isdir(text):  # noqa: PTH112  # and False, where Path raises, for a name that is too long
        listed = ImageFolder.of(path)
        inputs.unusable |= {path / name: reason for name, reason in listed.unusable.items()}
        inputs.counts += listed.counts
        return [_Found(path / name, name, path) for name in listed.images]
    if os.path.isfile(text):  # noqa: PTH113
        return [_Found(path, PurePath(path.name), path.parent)]
    if os.path.lexists(text):
        raise UserError(f"--input {text} is no file that can be read (a broken link, a pipe or a device): name an image or a folder")
    base = _fixed_part(path)
    inside = path.relative_to(base)
    if "**" in inside.parts:  # each folder once, where glob would follow a circle of links
        below = ImageFolder.of(base)
        matches = [base / name for name in (*below.images, *below.no_images) if _fits(name.parts, inside.parts)]
    else:
        below = ImageFolder()
        matches = [base / name for name in glob.glob(str(inside), root_dir=base)]  # noqa: PTH207  # it follows links, and takes brackets in [[]
    if not matches:
        raise UserError(
            f"--input {text} is no file and no folder, and as a pattern it matches nothing: name an image, a folder, or {_PATTERN}"
        )
    files = sorted((match for match in matches if not match.is_dir()), key=lambda file: natural_key(str(file)))
    inputs.unusable |= {base / name: reason for name, reason in below.unusable.items()}
    for file in files:
        if not is_image(file) and not is_litter(file.relative_to(base).parts):
            inputs.counts.pass_over(file, why_passed_over(file))
    return [_Found(file, file.relative_to(base), base) for file in files if is_image(file) and not is_litter(file.relative_to(base).parts)]


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path matches a pattern, both as their parts; `**` is any number of folders."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_fits(parts[start:], pattern[1:]) for start in range(len(parts) + 1))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])


def _fixed_part(pattern: Path) -> Path:
    """The folder that a pattern begins with: its longest part that exists, as it is written."""
    return next((folder for folder in pattern.parents if os.path.isdir(folder)), Path())  # noqa: PTH112


def _without_outputs(found: Sequence[_Found], output: Path, inputs: Inputs) -> list[_Found]:
    """Without the files below `output` inside an input folder, and the outputs of earlier calls, unless there is nothing else.

    Where every file is such an output, and none lies in `output`, a second model is meant to run on what a first one made.
    """
    top = output.resolve()
    folders = {folder: folder.resolve() for folder in {one.file.parent for one in found}}
    bases = {base: base.resolve() for base in {one.base for one in found}}
    below = {folder for folder, resolved in folders.items() if resolved.is_relative_to(top)}
    around = {base for base, resolved in bases.items() if resolved in top.parents}
    own = [is_output(one.file) for one in found]
    kept, chained = [], all(own)
    for one, is_own in zip(found, own, strict=True):
        is_below = one.file.parent in below
        if is_own and (is_below or not chained):
            inputs.counts.pass_over(one.file, _NOT_AGAIN)
        elif is_below and one.base in around:
            inputs.counts.pass_over(one.file, "in the output folder")
        else:
            kept.append(one)
    return kept


def _names(found: Sequence[_Found]) -> list[Path]:
    """A name for the output of each file, without suffix, no two alike: the first of these that no other file has or wants.

    The path without suffix; with suffix; below the name of its input folder, where there are several; and then with a number.
    """
    several = len({one.base for one in found}) > 1
    rungs = [
        [one.relative.with_suffix(""), one.relative, *([PurePath(one.base.resolve().name) / one.relative] if several else [])]
        for one in found
    ]
    wanted = [rung.pop(0) for rung in rungs]
    while climbing := [place for place in _clashing(wanted) if rungs[place]]:
        for place in climbing:
            wanted[place] = rungs[place].pop(0)
    names: list[Path] = []
    taken, all_wanted = set[str](), {_folded(name) for name in wanted}
    for name in wanted:
        number, chosen = 1, name
        while _folded(chosen) in taken or (number > 1 and _folded(chosen) in all_wanted):
            number += 1
            chosen = name.with_name(f"{name.name}-{number}")
        taken.add(_folded(chosen))
        names.append(Path(chosen))
    return names


def _clashing(names: Sequence[PurePath]) -> list[int]:
    """The places of the names that another one equals."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(_folded(name), []).append(place)
    return [place for same in places.values() if len(same) > 1 for place in same]


def _folded(name: PurePath) -> str:
    """A name as a file system that ignores case and Unicode form compares it."""
    return unicodedata.normalize("NFC", str(name)).casefold()
