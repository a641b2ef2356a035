"""From files to files: every picture at a size that suits the model, a bad one named and passed over."""

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pix2pix.data.images import BadImage
from pix2pix.errors import UserError
from pix2pix.inference.backends import Engine
from pix2pix.inference.palette import is_label_map, snapped
from pix2pix.inference.sizing import coloured, scaled, working_size
from pix2pix.predict.inputs import Input
from pix2pix.predict.memory import complaint, enough_memory
from pix2pix.predict.reading import Picture, read
from pix2pix.predict.tiles import tiled
from pix2pix.predict.writing import ending, is_output, write

Pixels = NDArray[np.uint8]

_AT_ONCE = 8  # files read ahead, while others are written
_BATCH_PIXELS = 8 * 256 * 256  # that go through the network together: more is no faster


@dataclass(frozen=True)
class How:
    """What a person may choose.

    Attributes:
        size: pixels of the shorter side that the model works at; None for the picture's own size.
        seeds: of the noise, an output for each; a seed below 0 is no noise.
        named: whether outputs carry their seed in their names.
        tile: work on overlapping tiles of the training size.
        snap: paint label maps in the palette's nearest colours first.
        alpha: give outputs the transparency of their inputs.
    """

    size: int | None
    seeds: Sequence[int] = (-1,)
    named: bool = False
    tile: bool = False
    snap: bool = False
    alpha: bool = True


@dataclass
class Outcome:
    """Files written, and why others were not: file -> reason. Notes: what was done to a picture beyond the usual."""

    written: list[Path] = field(default_factory=list)
    failed: dict[Path, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def predict(engine: Engine, inputs: Sequence[Input], folder: Path, how: How) -> Outcome:
    """Write the outputs for all inputs below `folder`. Raises UserError where `folder` cannot be written."""
    outcome = Outcome()
    suffixes = [f".seed-{seed}" if how.named else "" for seed in how.seeds]
    _check_outputs(inputs, folder)
    with (
        enough_memory(),
        ThreadPoolExecutor() as threads,
        tqdm(total=len(inputs), desc=f"predict {engine.description.dataset}", unit="picture", disable=None) as bar,
    ):
        for start in range(0, len(inputs), _AT_ONCE):
            some = inputs[start : start + _AT_ONCE]
            pictures = []
            for source, picture in _prepared(engine, some, how, threads, outcome):
                targets = [folder / source.name.with_name(source.name.name + suffix + ending(picture)) for suffix in suffixes]
                in_the_way = next((path for path in targets if path.exists() and not is_output(path)), None)
                if in_the_way is None:
                    pictures.append((targets, picture))
                else:
                    reason = "is there already and no output of `pix2pix predict`: choose another --output, or move it away"
                    outcome.failed[source.file] = f"{in_the_way} {reason}"
            todo = []
            for number, seed in enumerate(how.seeds):
                drawn = _translated(engine, [picture.frames for _, picture in pictures], seed, how)
                for (targets, picture), frames in zip(pictures, drawn, strict=True):
                    path = targets[number]
                    todo.append((path, threads.submit(write, path, frames, picture, alpha=how.alpha)))
            for path, written in todo:
                written.result()
                outcome.written.append(path)
            bar.update(len(some))
    return outcome


def _prepared(
    engine: Engine, inputs: Sequence[Input], how: How, threads: ThreadPoolExecutor, outcome: Outcome
) -> list[tuple[Input, Picture]]:
    """The pictures that can be used, ready for the model in all but their size."""
    ready = []
    for source, result in zip(inputs, threads.map(lambda source: _read(engine, source, how), inputs), strict=True):
        if isinstance(result, str):
            outcome.failed[source.file] = result
            continue
        ready.append((source, result))
        told = [*result.notes, *_alpha_note(result, how)]
        outcome.notes += [f"{source.file}: {note}" for note in told]
    return ready


def _read(engine: Engine, source: Input, how: How) -> Picture | str:
    """The picture, or why it cannot be used."""
    try:
        picture = read(source.file)
    except BadImage as problem:
        return str(problem)
    except OSError as problem:
        return problem.strerror or str(problem)
    about, first = engine.description, picture.frames[0]
    if about.palette and how.snap:
        picture.frames[:] = [snapped(frame, about.palette) for frame in picture.frames]
    elif about.palette and not is_label_map(first, about.palette):
        return (
            f"is no label map in the {len(about.palette)} colours of {about.dataset}, which this model turns into photos; "
            "--snap paints it in the nearest ones"
        )
    if about.kind == "lab" and about.direction == "BtoA" and all(np.ptp(frame, axis=2).max() == 0 for frame in picture.frames):
        return "is grey, and this model draws lightness from colours: give it a picture with colours"
    if not how.tile:
        return complaint(*working_size(first.shape[0], first.shape[1], how.size), about, engine.runtime) or picture
    return picture


def _translated(engine: Engine, pictures: Sequence[list[Pixels]], seed: int, how: How) -> list[list[Pixels]]:
    """Outputs for the frames of several pictures, each of its frame's size; those of one size go through the network together."""
    frames = [frame for picture in pictures for frame in picture]
    seen = [scaled(frame, working_size(frame.shape[0], frame.shape[1], how.size)) for frame in frames]
    outputs: list[Pixels] = [np.empty(0, np.uint8)] * len(frames)
    if how.tile:
        outputs = [tiled(lambda tiles: engine(tiles, seed), image, engine.description.size) for image in seen]
    else:
        for places in _batches(seen):
            for place, output in zip(places, engine(np.stack([seen[place] for place in places]), seed), strict=True):
                outputs[place] = output
    restored = iter(_restored(engine, frame, output) for frame, output in zip(frames, outputs, strict=True))
    return [[next(restored) for _ in picture] for picture in pictures]


def _restored(engine: Engine, frame: Pixels, output: Pixels) -> Pixels:
    """An output at the size of its frame; a colouring keeps the frame's own lightness, and with it every detail."""
    if output.shape == frame.shape:
        return output
    larger = scaled(output, (frame.shape[0], frame.shape[1]))
    return coloured(frame, larger) if (engine.description.kind, engine.description.direction) == ("lab", "AtoB") else larger


def _batches(images: Sequence[Pixels]) -> Iterator[list[int]]:
    """Places of images of one size, few enough for the memory of one batch."""
    by_size: dict[tuple[int, ...], list[int]] = {}
    for place, image in enumerate(images):
        by_size.setdefault(image.shape, []).append(place)
    for shape, places in by_size.items():
        count = max(1, _BATCH_PIXELS // (shape[0] * shape[1]))
        yield from (places[start : start + count] for start in range(0, len(places), count))


def _alpha_note(picture: Picture, how: How) -> list[str]:
    if not picture.alpha:
        return []
    return ["what is see-through was laid over white for the model, and " + ("is see-through again" if how.alpha else "stays white")]


def _check_outputs(inputs: Sequence[Input], folder: Path) -> None:
    """No input is written over, and a folder that cannot be written is told before anything is computed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as problem:
        raise UserError(f"--output {folder}: cannot be written ({problem.strerror}): choose another folder") from None
    sources = {source.file.resolve() for source in inputs}
    for source in inputs:
        for suffix in (".png", ".gif", ".webp"):
            target = (folder / source.name.with_name(source.name.name + suffix)).resolve()
            if target in sources:
                raise UserError(f"--output {folder}: {target.name} is one of the inputs and would be written over: choose another folder")
