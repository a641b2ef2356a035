"""Match the images of each set with their targets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pix2pix.compare.source import Files, Source, images_in
from pix2pix.data.image_files import open_image
from pix2pix.data.orientation import is_sideways
from pix2pix.errors import UserError
from pix2pix.evaluate.image_files import open_rgb

NAMED = 8  # most names listed in a message
WINDOW = 11  # pixels; SSIM needs this many on each side


@dataclass(frozen=True)
class Matched:
    """Sets of images of which every stem has a target of the same size.

    Attributes:
        stems: in natural order; every set has all of them.
        sources: the sets.
        targets: the target of each stem.
        inputs: the input of each stem, if one set has all of them, else empty.
        left_out: sentences on images that some sets lack.
        smallest: shortest side of any image, in pixels.
    """

    stems: list[str]
    sources: list[Source]
    targets: Files
    inputs: Files
    left_out: list[str]
    smallest: int


def match(sources: Sequence[Source], target: Path | None, *, common: bool) -> Matched:
    """Match all sets, by stem, with the images in `target`, or with the sets' own targets if `target` is None.

    common: compare only the images that all sets have; otherwise a missing or extra image is an error.

    Raises UserError for missing or extra images, no targets, different targets of two sets, and sizes that differ or are below 11 pixels.
    """
    where, targets = (str(target), images_in(target)) if target else _own_targets(sources)
    if not targets:
        raise UserError(f"{where} holds no images to compare with")
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
    return Matched(stems, list(sources), targets, inputs, left_out, min(map(min, sizes.values())))


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
            return (height, width) if is_sideways(image) else (width, height)
    except (OSError, SyntaxError, ValueError) as problem:
        raise UserError(f"{file} cannot be read as an image ({problem}): replace or remove it") from None
