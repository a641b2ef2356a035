"""Picture files -> packed arrays: pairs cut into input and target, or colour pictures turned into Lab."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import joblib
import numpy as np
import torch
from tqdm import tqdm

from pix2pix.data.images import BadImage, decode, halves, to_square
from pix2pix.data.lab import rgb_to_lab
from pix2pix.data.layout import LAB_UNIT, Layout
from pix2pix.data.packing.split import split_files, stems
from pix2pix.data.store import write_store
from pix2pix.errors import UserError

_CHUNK = 128  # files of one unit of work; the arrays do not depend on it
_ALONE = 1024  # fewer files than this are done before further processes would have started


@dataclass(frozen=True)
class Job:
    """How the files of one split become arrays."""

    kind: str
    direction: str
    size: int  # pixels
    resize: str
    fit: str

    @property
    def layout(self) -> Layout:
        """Planes of the arrays."""
        return Layout.of(self.kind, self.direction)


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
    workers: int,
) -> list[Skipped]:
    """Pack the pictures `files` (relative to `source`, in natural order) into `into`/{train,val,test} and list what was left out.

    Training images are resized to `load_size` and cropped later; the others to `crop_size` at once, as the PyTorch reference tests.
    `into` appears whole or not at all. Raises UserError where a split is missing, and with `on_bad_image` fail for all bad files at once.
    """
    by_split = split_files(files, val_fraction=val_fraction)
    if eval_split not in by_split:
        raise UserError(f"datasets.<name>.eval_split is {eval_split!r}, but the data has only {', '.join(by_split)}; choose one of these")
    partial = into.with_name(into.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    skipped: list[Skipped] = []
    try:
        for split, members in by_split.items():
            job = Job(kind, direction, load_size if split == "train" else crop_size, resize, fit)
            skipped += _pack_split(source, members, partial, split, job, workers)
        if skipped and on_bad_image == "fail":
            raise UserError(_complaint(skipped))
        for split in by_split:
            if not (partial / split).exists():
                first = next(bad for bad in skipped if bad.split == split)
                raise UserError(f"no usable image in {split}; the first: {first.file}: {first.reason}")
        _write_report(partial / "skipped.json", skipped)
        shutil.rmtree(into, ignore_errors=True)
        os.replace(partial, into)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return skipped


def _pack_split(source: Path, members: Sequence[PurePosixPath], partial: Path, split: str, job: Job, workers: int) -> list[Skipped]:
    names = stems(members)
    chunks = [(range(start, min(start + _CHUNK, len(members)))) for start in range(0, len(members), _CHUNK)]
    pool = joblib.Parallel(n_jobs=workers if len(members) >= _ALONE else 1, return_as="generator")
    work = pool(joblib.delayed(_convert)(source, [members[i] for i in chunk], job) for chunk in chunks)
    kept: list[str] = []
    skipped: list[Skipped] = []
    parts = partial / f".{split}"
    parts.mkdir()
    for number, (chunk, (images, bad)) in enumerate(
        zip(chunks, tqdm(work, total=len(chunks), desc=f"prepare {split}", disable=None), strict=True)
    ):
        np.save(parts / f"{number:07d}.npy", images)
        kept += [names[chunk[i]] for i in range(len(chunk)) if i not in bad]
        skipped += [Skipped(split, str(members[chunk[i]]), reason) for i, reason in bad.items()]
    if kept:
        write_store(partial / split, _read_parts(parts), kept, job.layout, job.size)
    shutil.rmtree(parts)
    return skipped


def _read_parts(parts: Path) -> Iterator[np.ndarray[Any, Any]]:
    for file in sorted(parts.iterdir()):
        yield np.load(file)


def _convert(source: Path, members: Sequence[PurePosixPath], job: Job) -> tuple[np.ndarray[Any, Any], dict[int, str]]:
    """Files -> (n, planes, size, size) as stored, and the reasons by position of those that are missing from it."""
    planes = job.layout.channels_in + job.layout.channels_out
    images: list[np.ndarray[Any, Any]] = []
    bad: dict[int, str] = {}
    for position, member in enumerate(members):
        try:
            images.append(_planes((source / member).read_bytes(), job))
        except BadImage as error:
            bad[position] = str(error)
    if not images:
        return np.empty((0, planes, job.size, job.size), dtype=job.layout.dtype), bad
    stacked = np.stack(images)
    return (stacked if job.kind == "pairs" else _lab(stacked, job.layout)), bad


def _planes(data: bytes, job: Job) -> np.ndarray[Any, Any]:
    """One file -> RGB planes (6 or 3, size, size) uint8, the input's first."""
    picture = decode(data)
    parts = (picture,) if job.kind == "lab" else halves(picture)
    if job.direction == "BtoA":
        parts = parts[::-1]
    squares = [np.asarray(to_square(part, job.size, resize=job.resize, fit=job.fit)) for part in parts]
    return np.concatenate(squares, axis=2).transpose(2, 0, 1)


def _lab(rgb: np.ndarray[Any, Any], layout: Layout) -> np.ndarray[Any, Any]:
    """(n, 3, size, size) RGB uint8 -> Lab in int16 hundredths, the input's planes first."""
    lab = rgb_to_lab(torch.from_numpy(rgb).double() / 255)
    ordered = lab if layout.input == "L" else lab[:, [1, 2, 0]]
    stored: np.ndarray[Any, Any] = (ordered * LAB_UNIT).round().to(torch.int16).numpy()
    return stored


def _complaint(skipped: Sequence[Skipped]) -> str:
    lines = "\n".join(f"  - {bad.file}: {bad.reason}" for bad in skipped)
    return f"{len(skipped)} image(s) cannot be used:\n{lines}\nmend or remove them, or leave them out with -S prepare.on_bad_image=skip"


def _write_report(path: Path, skipped: Sequence[Skipped]) -> None:
    rows = [{"split": bad.split, "file": bad.file, "reason": bad.reason} for bad in skipped]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
