"""Image files -> prepared images: pairs cut into input and target, two folders matched, or colour images converted to Lab."""

import contextlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol, TypeVar

from tqdm import tqdm

from pix2pix.data.conversion import Conversion
from pix2pix.data.dataset import ArrayWriter, EncodedWriter
from pix2pix.data.doubts import Doubts
from pix2pix.data.pixels import AS_STORED
from pix2pix.errors import UserError
from pix2pix.prepare.batch import Batch, Content, Member, PackedBatch, pack_arrays, pack_files
from pix2pix.prepare.match_sides import match_sides
from pix2pix.prepare.split import split_files, split_of, stems
from pix2pix.prepare.split_lists import read_lists
from pix2pix.prepare.workers import Workers, threads
from pix2pix.system.atomic_write import atomic_folder, write_errors

_BATCH = 32  # most images in a batch; the result does not depend on it
_BATCH_BYTES = 8 << 20  # most bytes of stored images in a batch: computing Lab takes thirty times as much memory


@dataclass(frozen=True)
class Skipped:
    """A file that could not be used."""

    split: str
    file: str
    reason: str


def prepare(
    source: Path,
    files: Sequence[PurePosixPath],
    into: Path,
    *,
    kind: str,
    direction: str,
    load_size: int,
    crop_size: int,
    resize: str,
    fit: str,
    on_bad_image: str,
    val_fraction: float,
    eval_split: str,
    workers: int | None,
    levels: str = AS_STORED.levels,
    max_pixels: int = AS_STORED.max_pixels,
    layout: str = "arrays",
    arrays_max_bytes: int = 8 << 30,
    cluster: Workers | None = None,
) -> list[Skipped]:
    """Prepare the images `files` (relative to `source`, in natural order) in `into`/{train,val,test}; returns the files left out.

    kind: `pairs` and `lab` have one file per image; `folders` two of the same name, in the folders A and B.
    Training images are resized to `load_size` and cropped in training, the others resized to `crop_size`, as the PyTorch reference does.
    levels, max_pixels: as in `data.pixels.Reading`.
    layout: the storage format, `arrays` or `encoded` (see `data.dataset`), or `auto`: encoded for a split whose arrays would take more than
    `arrays_max_bytes`.
    workers: number of threads; None: one per core. cluster: workers to use instead, which must see `source` under the same path. The
    output depends on neither.
    `into` is written atomically. Raises UserError for a missing split, for disk errors, and with `on_bad_image` = fail for bad files, all
    in one message.
    """
    images = _Images.of(source, files, kind=kind, val_fraction=val_fraction)
    if eval_split not in images.by_split:
        there = ", ".join(images.by_split)
        raise UserError(
            f"the images to measure are to be those of {eval_split!r} (eval_split), but the data has only {there}; "
            "name one of these, -S datasets.NAME.eval_split=val for instance, or put images into a folder of that name"
        )
    _check_enough(eval_split, len(images.by_split[eval_split]))
    if "val" not in images.by_split:
        raise UserError("no image is left for validation: the data has no folder val; set prepare.val_fraction above 0, or add images")
    skipped, doubts = list(images.left_out), Doubts()
    with write_errors(into), atomic_folder(into) as temporary:
        with contextlib.nullcontext(cluster) if cluster else threads(workers) as pool:
            for split, members in images.by_split.items():
                conversion = Conversion(kind, direction, load_size if split == "train" else crop_size, resize, fit, levels, max_pixels)
                large = len(members) * conversion.image_bytes() > arrays_max_bytes
                encoded = layout == "encoded" or (layout == "auto" and large)
                skipped += _Split(split, source, members, conversion, doubts).pack(temporary / split, encoded=encoded, workers=pool)
        if skipped and on_bad_image == "fail":
            raise UserError(_bad_images(skipped))
        for split in images.by_split:
            if not (temporary / split).exists():
                first = next(bad for bad in skipped if bad.split == split)
                raise UserError(f"no usable image in {split}; the first: {first.file}: {first.reason}")
        _check_enough(
            eval_split, len(images.by_split[eval_split]) - sum(bad.split == eval_split for bad in skipped[len(images.left_out) :])
        )
        _write_report(temporary / "skipped.json", skipped)
    for line in doubts.lines(sum(map(len, images.by_split.values()))):
        print(f"prepare: {line}")
    return skipped


_Batch = TypeVar("_Batch", contravariant=True)


class _Writer(Protocol[_Batch]):
    """Writes the batches of a split, in order."""

    names: list[str]

    def add(self, names: Sequence[str], content: _Batch, /) -> None: ...

    def finish(self) -> None: ...


@dataclass(frozen=True)
class _Images:
    """The images of each split, each by its files, and the files that belong to no split."""

    by_split: dict[str, list[Member]]
    left_out: list[Skipped]

    @classmethod
    def of(cls, source: Path, files: Sequence[PurePosixPath], *, kind: str, val_fraction: float) -> "_Images":
        if kind == "folders":
            sides = match_sides(files)
            by_split = split_files(list(sides.partner), val_fraction=val_fraction)
            left_out = [Skipped(split_of(file) or "train", str(file), reason) for file, reason in sides.unmatched.items()]
            return cls({split: [(a, sides.partner[a]) for a in members] for split, members in by_split.items()}, left_out)
        listed = read_lists(source, files)
        by_split = split_files(files, val_fraction=val_fraction, lists=listed.splits if listed else None)
        left_out = [Skipped("train", str(file), "in none of the archive's lists") for file in (listed.unlisted if listed else ())]
        return cls({split: [(file,) for file in members] for split, members in by_split.items()}, left_out)


@dataclass(frozen=True)
class _Split:
    """The images of one split, to be packed."""

    name: str
    source: Path
    members: Sequence[Member]
    conversion: Conversion
    doubts: Doubts

    def pack(self, into: Path, *, encoded: bool, workers: Workers) -> list[Skipped]:
        """Write the folder `into`, unless no image is usable. Returns the files left out."""
        if encoded:
            return self._pack(pack_files, EncodedWriter(into, self.conversion), into, workers)
        writer = ArrayWriter(into, self.conversion.planes, self.conversion.size, expected=len(self.members))
        return self._pack(pack_arrays, writer, into, workers)

    def _pack(self, work: Callable[[Batch], PackedBatch[Content]], writer: _Writer[Content], into: Path, workers: Workers) -> list[Skipped]:
        names = stems([files[0] for files in self.members])
        step = max(1, min(_BATCH, _BATCH_BYTES // self.conversion.image_bytes()))
        starts = range(0, len(names), step)
        batches = (Batch(self.source.absolute(), self.members[start : start + step], self.conversion) for start in starts)
        packed = tqdm(workers.map(work, batches), total=len(starts), desc=f"prepare {self.name}", disable=None)
        skipped: list[Skipped] = []
        for start, batch in zip(starts, packed, strict=True):
            here = range(start, min(start + step, len(names)))
            for i, found in batch.doubts.items():
                self.doubts.add(str(self.members[start + i][0]), found)
            writer.add([names[i] for i in here if i - start not in batch.bad], batch.content)
            skipped += [Skipped(self.name, str(self.members[start + i][0]), reason) for i, reason in batch.bad.items()]
        if writer.names:
            writer.finish()
        else:
            shutil.rmtree(into)
        return skipped


def _check_enough(eval_split: str, count: int) -> None:
    """The metrics need two images at least."""
    if count < 2:
        raise UserError(
            f"{eval_split} has {count} usable image, and measuring takes two or more: add images, or let more of train become val "
            "with a larger prepare.val_fraction"
        )


def _bad_images(skipped: Sequence[Skipped]) -> str:
    lines = "\n".join(f"  - {bad.file}: {bad.reason}" for bad in skipped)
    return (
        f"{len(skipped)} image(s) cannot be used:\n{lines}\nmend or remove them, have them fetched again with "
        "`dvc repro -f -s download@NAME`, and go on; or leave them out with -S prepare.on_bad_image=skip"
    )


def _write_report(path: Path, skipped: Sequence[Skipped]) -> None:
    rows = [{"split": bad.split, "file": bad.file, "reason": bad.reason} for bad in skipped]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
