"""Match the images of each set with their targets."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from pix2pix.compare.source import Files, Source, targets_in
from pix2pix.data.file_counts import FileCounts
from pix2pix.data.image_files import open_image
from pix2pix.data.orientation import is_sideways
from pix2pix.errors import UserError
from pix2pix.evaluate.images import open_rgb

NAMED = 8  # most names listed in a message
_LAST_WORD = re.compile(r"(?<=.)[_. -][A-Za-z][A-Za-z_]*$")  # the end of a name after its number or its own words
WINDOW = 11  # pixels; SSIM needs this many on each side


@dataclass(frozen=True)
class Matched:
    """Sets of images of which every stem has a target of the same size.

    Attributes:
        stems: in natural order; every set has all of them.
        sources: the sets.
        targets: the target of each stem.
        inputs: the input of each stem, if one set has all of them, else empty.
        left_out: sentences on images that some sets lack, and on what was left out of names to match them.
        smallest: shortest side of any image, in pixels.
        counts: the files that are compared, and those beside them.
    """

    stems: list[str]
    sources: list[Source]
    targets: Files
    inputs: Files
    left_out: list[str]
    smallest: int
    counts: FileCounts


def match(sources: Sequence[Source], target: Path | None, *, common: bool) -> Matched:
    """Match all sets, by stem, with the images in `target`, or with the sets' own targets if `target` is None.

    common: compare only the images that all sets have; otherwise a missing or extra image is an error.

    Raises UserError for missing or extra images, no targets, different targets of two sets, and sizes that differ or are below 11 pixels.
    """
    counts, shortened = sum((source.counts for source in sources), FileCounts()), list[str]()
    if target:
        where, (targets, beside) = str(target), targets_in(target)
        counts += beside
    else:
        where, targets = _own_targets(sources)
    if not any(all(stem in source.outputs for source in sources) for stem in targets):
        sources, targets, shortened = _shortened(sources, targets)
    left_out = [sentence for source in sources for sentence in _differences(source, targets, where)]
    if left_out and not common:
        problems = "\n".join(f"  - {sentence}" for sentence in left_out)
        raise UserError(f"every set must have the same images:\n{problems}\nAdd what is missing, or compare what all have: --common")
    stems = [stem for stem in targets if all(stem in source.outputs for source in sources)]
    if not stems:
        there = next(iter(sources[0].outputs))
        raise UserError(f"no image is in all sets, by its stem: {where} has {next(iter(targets))}, {sources[0].name} has {there}")
    sizes = {stem: _size(targets[stem]) for stem in stems}
    _check_sizes(sources, targets, sizes)
    inputs = next((source.inputs for source in sources if all(stem in source.inputs for stem in stems)), {})
    if inputs and any(_size(inputs[stem]) != size for stem, size in sizes.items()):
        inputs = {}
    counts += _counted([targets, *(source.outputs for source in sources), *([inputs] if inputs else [])], stems)
    return Matched(stems, list(sources), targets, inputs, [*left_out, *shortened], min(map(min, sizes.values())), counts)


def _counted(sets: Sequence[Files], stems: Sequence[str]) -> FileCounts:
    """The files of all sets: those of `stems` are used."""
    counts, used = FileCounts(len(stems) * len(sets)), set(stems)
    for files in sets:
        for stem, file in files.items():
            if stem not in used:
                counts.pass_over(file, "not in all sets")
    return counts


def _shortened(sources: Sequence[Source], targets: Files) -> tuple[list[Source], Files, list[str]]:
    """Sets and targets under their names without the folders and the last word that all images of a set share, such as `x/` and `_gt`.

    With sentences that say so; all as they are where this does not make them match.
    """
    sets = [targets, *(source.outputs for source in sources)]
    cuts = [_shared(files) for files in sets]

    def cut(files: Files, shared: tuple[str, str]) -> Files:
        return {stem.removeprefix(shared[0]).removesuffix(shared[1]): file for stem, file in files.items()}

    new_targets, *outputs = [cut(files, shared) for files, shared in zip(sets, cuts, strict=True)]
    if not any(all(stem in files for files in outputs) for stem in new_targets):
        return list(sources), targets, []
    said = [
        f"{next(iter(files.values()))} and its like are matched without {' and '.join(repr(part) for part in shared if part)}"
        for files, shared in zip(sets, cuts, strict=True)
        if any(shared)
    ]
    changed = [
        replace(source, outputs=files, inputs=cut(source.inputs, shared), targets=cut(source.targets, shared))
        for source, files, shared in zip(sources, outputs, cuts[1:], strict=True)
    ]
    return changed, new_targets, said


def _shared(files: Files) -> tuple[str, str]:
    """The folders, `a/b/`, and the last word with its separator, `_out`, that the stems of all files have; "" where they have none."""
    folders = {PurePosixPath(stem).parts[:-1] for stem in files}
    common = next(iter(folders)) if len(folders) == 1 else ()
    words = {word[0] if (word := _LAST_WORD.search(stem)) else "" for stem in files}
    return "".join(f"{folder}/" for folder in common), next(iter(words)) if len(words) == 1 else ""


def _own_targets(sources: Sequence[Source]) -> tuple[str, Files]:
    """Return (description, targets) of the first set with targets. Raises UserError if those of another set differ."""
    having = [source for source in sources if source.targets]
    if not having:
        raise UserError("none of them has the targets of its images (a folder targets/ in it): name the folder with --target")
    first = having[0]
    for other in having[1:]:
        for stem in first.targets.keys() & other.targets.keys():
            if not _same(first.targets[stem], other.targets[stem]):
                raise UserError(
                    f"{first.name} and {other.name} were made for different targets ({stem} differs): they are of other data or size; "
                    "give the targets for both with --target"
                )
    return f"the targets of {first.name}", first.targets


def _same(one: Path, other: Path) -> bool:
    if one.read_bytes() == other.read_bytes():
        return True
    return open_rgb(one) == open_rgb(other)


def _differences(source: Source, targets: Files, where: str) -> Iterator[str]:
    missing = [stem for stem in targets if stem not in source.outputs]
    extra = [stem for stem in source.outputs if stem not in targets]
    if missing:
        yield f"{source.name} lacks {len(missing)} of the {len(targets)} images in {where}: {_named(missing)}"
    if extra:
        yield f"{source.name} has {len(extra)} that {where} has not: {_named(extra)}"


def _named(stems: Sequence[str]) -> str:
    more = f" and {len(stems) - NAMED} more" if len(stems) > NAMED else ""
    return ", ".join(stems[:NAMED]) + more


def _check_sizes(sources: Sequence[Source], targets: Files, sizes: Mapping[str, tuple[int, int]]) -> None:
    for stem, (width, height) in sizes.items():
        if min(width, height) < WINDOW:
            raise UserError(f"{targets[stem]} is {width}x{height} pixels: SSIM needs at least {WINDOW} a side")
        for source in sources:
            found = _size(source.outputs[stem])
            if found != (width, height):
                raise UserError(
                    f"{source.name}: {source.outputs[stem]} is {found[0]}x{found[1]} pixels, its target {targets[stem]} {width}x{height}: "
                    "resize them first"
                )


def _size(file: Path) -> tuple[int, int]:
    """Width and height after EXIF rotation."""
    try:
        with open_image(file) as image:
            width, height = image.size
            # of a square nothing is asked, as a PNG is decoded for its EXIF
            return (height, width) if width != height and is_sideways(image) else (width, height)
    except (OSError, SyntaxError, ValueError) as problem:
        raise UserError(f"{file} cannot be read as an image ({problem}): replace or remove it") from None
