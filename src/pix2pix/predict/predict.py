"""Run a model on image files and write the outputs. A file that cannot be used is reported; the others are processed."""

import functools
import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pix2pix.data.bad_image import BadImage
from pix2pix.data.doubts import Doubts
from pix2pix.data.palettes import is_label_map, snapped
from pix2pix.data.pixels import AS_STORED, Reading
from pix2pix.errors import UserError
from pix2pix.inference.backends import Backend
from pix2pix.inference.sizing import Sizing
from pix2pix.predict.files import MOVING, ImageFile, ending, is_output, read, write
from pix2pix.predict.inputs import Input
from pix2pix.predict.memory import enough_memory, shortage
from pix2pix.predict.tiles import tiled
from pix2pix.system.atomic_write import RefusedName
from pix2pix.system.runtime import cores

Pixels = NDArray[np.uint8]

_AT_ONCE = 8  # files read ahead, while others are written
_BATCH_PIXELS = 8 * 256 * 256  # pixels of a batch: more is not faster


@dataclass(frozen=True)
class Options:
    """Options of `predict`.

    Attributes:
        sizing: how images are resized for the generator.
        seeds: of the noise, with one output for each; a seed below 0 is no noise.
        named: whether the names of outputs contain the seed.
        tile: generate overlapping tiles of the training size.
        snap: first replace each pixel of a label map by the nearest palette colour.
        alpha: copy the transparency of inputs to outputs.
        reading: levels and size of input files.
    """

    sizing: Sizing
    seeds: Sequence[int] = (-1,)
    named: bool = False
    tile: bool = False
    snap: bool = False
    alpha: bool = True
    reading: Reading = AS_STORED


@dataclass
class Outcome:
    """Result of `predict`.

    Attributes:
        written: files written.
        failed: input file -> reason why it was not used.
        notes: conversions of inputs that the user should know of.
        doubts: what may make the pixels of inputs wrong."""

    written: list[Path] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    doubts: Doubts = field(default_factory=Doubts)


def predict(backend: Backend, inputs: Sequence[Input], folder: Path, options: Options) -> Outcome:
    """Write the outputs for all inputs below `folder`.

    Raises UserError if `folder` cannot be written, an output would overwrite an input, or memory runs out."""
    outcome = Outcome()
    _check_outputs(inputs, folder)
    with (
        enough_memory(),
        ThreadPoolExecutor(cores()) as threads,
        tqdm(total=len(inputs), desc=f"predict {backend.description.dataset}", unit="image", disable=None) as bar,
    ):
        for start in range(0, len(inputs), _AT_ONCE):
            some = inputs[start : start + _AT_ONCE]
            images = _usable(backend, some, folder, options, threads, outcome)
            writing = []
            for number, seed in enumerate(options.seeds):
                outputs = generate(backend, [image.frames for *_, image in images], seed, options)
                for (source, targets, image), frames in zip(images, outputs, strict=True):
                    written = threads.submit(write, targets[number], frames, image, alpha=options.alpha)
                    writing.append((source, targets[number], written))
            for source, path, written in writing:
                try:
                    written.result()
                    outcome.written.append(path)
                except RefusedName as problem:
                    outcome.failed[source.file] = str(problem)
            bar.update(len(some))
    return outcome


def _usable(
    backend: Backend, inputs: Sequence[Input], folder: Path, options: Options, threads: ThreadPoolExecutor, outcome: Outcome
) -> list[tuple[Input, list[Path], ImageFile]]:
    """Read inputs: (input, [output path for each seed], image) for those that can be used. Adds the others' reasons to `outcome`."""
    suffixes = [f".seed-{seed}" if options.named else "" for seed in options.seeds]
    usable = []
    for source, image in zip(inputs, threads.map(lambda source: _read(backend, source, options), inputs), strict=True):
        if isinstance(image, str):
            outcome.failed[source.file] = image
            continue
        outcome.doubts.add(source.file, image.doubts)
        outcome.notes += [f"{source.file}: {note}" for note in (*image.notes, *_alpha_note(image, options))]
        targets = [folder / (source.name + suffix + ending(image)) for suffix in suffixes]
        # os.path, as Path raises for a name that is too long
        in_the_way = next((path for path in targets if os.path.lexists(path) and not is_output(path)), None)
        if in_the_way is None:
            usable.append((source, targets, image))
        else:
            reason = "is there already and no output of `pix2pix predict`: choose another --output, or move it away"
            outcome.failed[source.file] = f"{in_the_way} {reason}"
    return usable


def _read(backend: Backend, source: Input, options: Options) -> ImageFile | str:
    """Read an image; returns it, or the reason why it cannot be used."""
    try:
        image = read(Path(source.file), options.reading)
    except BadImage as problem:
        return str(problem)
    except OSError as problem:
        return problem.strerror or str(problem)
    if (palette := backend.description.palette) and options.snap:
        image.frames[:] = [snapped(frame, palette) for frame in image.frames]
    return refusal(backend, image.frames, options) or image


def refusal(backend: Backend, frames: Sequence[Pixels], options: Options) -> str | None:
    """Why the frames of an image, (H, W, 3) uint8 RGB, cannot be used with this model; None if they can."""
    about, first = backend.description, frames[0]
    if about.palette and not is_label_map(first, about.palette):
        return (
            f"is no label map in the {len(about.palette)} colours of {about.dataset}, which this model turns into photos; "
            "--snap paints it in the nearest ones"
        )
    if about.kind == "lab" and about.direction == "BtoA" and all(np.ptp(frame, axis=2).max() == 0 for frame in frames):
        return "is grey, and this model draws lightness from colours: give it an image with colours"
    if options.tile:
        return None
    try:
        size = options.sizing.shape(first.shape[0], first.shape[1])
    except BadImage as problem:
        return str(problem)
    return shortage(*size, about, backend.runtime)


def generate(backend: Backend, images: Sequence[list[Pixels]], seed: int, options: Options) -> list[list[Pixels]]:
    """Outputs for the frames of several images, each with its frame's size. Frames of the same size are batched."""
    frames = [frame for image in images for frame in image]
    seen = [options.sizing.apply(frame) for frame in frames]
    outputs: list[Pixels] = [np.empty(0, np.uint8)] * len(frames)
    if options.tile:
        outputs = [tiled(lambda tiles: backend(tiles, seed), image, backend.description.size) for image in seen]
    else:
        for places in _batches(seen):
            for place, output in zip(places, backend(np.stack([seen[place] for place in places]), seed), strict=True):
                outputs[place] = output
    restored = iter([options.sizing.undo(output, frame) for frame, output in zip(frames, outputs, strict=True)])
    return [[next(restored) for _ in image] for image in images]


def _batches(images: Sequence[Pixels]) -> Iterator[list[int]]:
    """Yield the indices of images of the same size, at most `_BATCH_PIXELS` pixels in a batch."""
    by_size: dict[tuple[int, ...], list[int]] = {}
    for place, image in enumerate(images):
        by_size.setdefault(image.shape, []).append(place)
    for shape, places in by_size.items():
        count = max(1, _BATCH_PIXELS // (shape[0] * shape[1]))
        yield from (places[start : start + count] for start in range(0, len(places), count))


def _alpha_note(image: ImageFile, options: Options) -> list[str]:
    if not image.alpha:
        return []
    return ["what is see-through was laid over white for the model, and " + ("is see-through again" if options.alpha else "stays white")]


def _check_outputs(inputs: Sequence[Input], folder: Path) -> None:
    """Raise UserError if `folder` cannot be written or an output would overwrite an input, before anything is computed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as problem:
        raise UserError(f"--output {folder}: cannot be written ({problem.strerror}): choose another folder") from None
    resolved = functools.cache(os.path.realpath)  # of folders: one for each file takes as long as to read it
    sources = {(resolved(parent), name) for parent, name in (os.path.split(source.file) for source in inputs)}
    for source in inputs:
        parent, name = os.path.split(f"{folder}/{source.name}")
        for suffix in MOVING.values():
            if (resolved(parent), name + suffix) in sources:
                raise UserError(f"--output {folder}: {name}{suffix} is one of the inputs and would be written over: choose another folder")
