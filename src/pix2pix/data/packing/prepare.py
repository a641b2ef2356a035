"""Picture files -> packed images: pairs cut into input and target, two folders brought together, or colour pictures turned into Lab."""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import joblib
import numpy as np
from tqdm import tqdm

from pix2pix.data.conversion import Array, Conversion
from pix2pix.data.files.disk import write_failed
from pix2pix.data.packing.lists import read_lists
from pix2pix.data.packing.sides import match_sides
from pix2pix.data.packing.split import split_files, split_of, stems
from pix2pix.data.packing.work import Member, Part, pack_arrays, pack_files
from pix2pix.data.store import write_encoded, write_store
from pix2pix.errors import UserError

_CHUNK = 128  # files of one unit of work at most; what comes out does not depend on it
_CHUNK_BYTES = 8 << 20  # of a unit's images: Lab takes thirty times as much memory while it is computed
_ALONE = 1024  # fewer files than this are done before further processes would have started


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
    layout: str = "arrays",
    arrays_max_bytes: int = 8 << 30,
) -> list[Skipped]:
    """Pack the pictures `files` (relative to `source`, in natural order) into `into`/{train,val,test} and list what was left out.

    kind: `pairs` and `lab` take one file an image; `folders` two of one name, from the folders A and B.
    Training images are resized to `load_size` and cropped later; the others to `crop_size` at once, as the PyTorch reference tests.
    layout: `arrays`, `encoded` (see `store`), or `auto`: encoded for a split whose arrays would take more than `arrays_max_bytes`.
    workers: processes; None: as many as there are cores, or as the joblib backend at hand has (`joblib.parallel_config`), whose workers
    must see `source` and `into` under the same paths. The bytes depend on neither.
    `into` appears whole or not at all. Raises UserError where a split is missing, with `on_bad_image` fail for all bad files at once, and
    where the disk refuses.
    """
    images = _Images.of(source, files, kind=kind, val_fraction=val_fraction)
    if eval_split not in images.by_split:
        there = ", ".join(images.by_split)
        raise UserError(f"datasets.<name>.eval_split is {eval_split!r}, but the data has only {there}; set it to val or test")
    if "val" not in images.by_split:
        raise UserError("no picture is left for validation: the data has no folder val; set prepare.val_fraction above 0, or add pictures")
    partial = into.with_name(into.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    skipped = list(images.left_out)
    try:
        partial.mkdir(parents=True)
        for split, members in images.by_split.items():
            conversion = Conversion(kind, direction, load_size if split == "train" else crop_size, resize, fit)
            large = len(members) * conversion.image_bytes() > arrays_max_bytes
            encoded = layout == "encoded" or (layout == "auto" and large)
            skipped += _pack_split(source, members, partial, split, conversion, encoded, workers)
        if skipped and on_bad_image == "fail":
            raise UserError(_complaint(skipped))
        for split in images.by_split:
            if not (partial / split).exists():
                first = next(bad for bad in skipped if bad.split == split)
                raise UserError(f"no usable image in {split}; the first: {first.file}: {first.reason}")
        _write_report(partial / "skipped.json", skipped)
        shutil.rmtree(into, ignore_errors=True)
        os.replace(partial, into)
    except OSError as error:
        raise write_failed(error, partial) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return skipped


@dataclass(frozen=True)
class _Images:
    """The images of each split, each by its files, and the files that belong to none."""

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


def _pack_split(
    source: Path, members: Sequence[Member], partial: Path, split: str, conversion: Conversion, encoded: bool, workers: int | None
) -> list[Skipped]:
    names = stems([files[0] for files in members])
    step = max(1, min(_CHUNK, _CHUNK_BYTES // conversion.image_bytes()))
    chunks = [range(start, min(start + step, len(members))) for start in range(0, len(members), step)]
    parts = partial / f".{split}"
    parts.mkdir()
    paths = [parts / f"{number:07d}" for number in range(len(chunks))]
    pool = joblib.Parallel(n_jobs=1 if len(members) < _ALONE else (workers or -1), return_as="generator")
    pack = joblib.delayed(pack_files if encoded else pack_arrays)
    work = pool(
        pack(source.absolute(), [members[i] for i in chunk], conversion, path.absolute()) for chunk, path in zip(chunks, paths, strict=True)
    )
    kept: list[str] = []
    skipped: list[Skipped] = []
    done: list[Part] = []
    for chunk, part in zip(chunks, tqdm(work, total=len(chunks), desc=f"prepare {split}", disable=None), strict=True):
        done.append(part)
        kept += [names[chunk[i]] for i in range(len(chunk)) if i not in part.bad]
        skipped += [Skipped(split, str(members[chunk[i]][0]), reason) for i, reason in part.bad.items()]
    if kept and encoded:
        write_encoded(partial / split, paths, np.concatenate([part.index for part in done]), kept, conversion)
    elif kept:
        arrays = (_mapped(path, part.count, conversion) for path, part in zip(paths, done, strict=True) if part.count)
        write_store(partial / split, arrays, kept, conversion.layout, conversion.size)
    shutil.rmtree(parts)
    return skipped


def _mapped(path: Path, count: int, conversion: Conversion) -> Array:
    return np.memmap(path, mode="r", dtype=conversion.layout.dtype, shape=(count, *conversion.shape))


def _complaint(skipped: Sequence[Skipped]) -> str:
    lines = "\n".join(f"  - {bad.file}: {bad.reason}" for bad in skipped)
    return f"{len(skipped)} image(s) cannot be used:\n{lines}\nmend or remove them, or leave them out with -S prepare.on_bad_image=skip"


def _write_report(path: Path, skipped: Sequence[Skipped]) -> None:
    rows = [{"split": bad.split, "file": bad.file, "reason": bad.reason} for bad in skipped]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
