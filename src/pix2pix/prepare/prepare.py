"""Image files -> prepared images: pairs cut into input and target, two folders matched, or colour images converted to Lab."""

import contextlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tqdm import tqdm

from pix2pix.config.settings import Prepare
from pix2pix.data.conversion import Conversion
from pix2pix.data.dataset import ArrayWriter, EncodedWriter
from pix2pix.data.doubts import Doubts
from pix2pix.data.file_counts import FileCounts
from pix2pix.errors import UserError
from pix2pix.prepare.batch import Batch, Member, PackedBatch, pack_arrays, pack_files
from pix2pix.prepare.folder_names import SplitFolders
from pix2pix.prepare.match_sides import match_sides
from pix2pix.prepare.set_doubts import NO_PAIR
from pix2pix.prepare.split import image_names, is_list, read_lists, split_files
from pix2pix.prepare.workers import Workers, threads
from pix2pix.system.atomic_write import atomic_folder, write_errors
from pix2pix.system.terminal import counted

_BATCH = 32  # most images in a batch; the result does not depend on it
_FEWEST = 3  # images of a set
_SPLIT_NAMES = "train, val or test"
_BATCH_BYTES = 8 << 20  # most bytes of stored images in a batch: computing Lab takes thirty times as much memory


@dataclass(frozen=True)
class Skipped:
    """A file that could not be used."""

    split: str
    file: str
    reason: str


@dataclass(frozen=True)
class Prepared:
    """The result. skipped: the files left out. files: all, counted. notes: sentences on the set that the user should read."""

    skipped: list[Skipped]
    files: FileCounts
    notes: list[str]


def prepare(
    source: Path,
    files: Sequence[PurePosixPath],
    into: Path,
    settings: Prepare,
    *,
    kind: str,
    direction: str,
    eval_split: str,
    cluster: Workers | None = None,
    passed_over: FileCounts | None = None,
) -> Prepared:
    """Prepare the images `files` (relative to `source`, in natural order) in `into`/{train,val,test}.

    settings: training images are resized to `load_size` and cropped in training, the others resized to `crop_size`, as the PyTorch
    reference does; the storage format is `layout` (see `data.dataset`), where auto is encoded for a split whose arrays would take more than
    `arrays_max_bytes`. kind: `pairs` and `lab` have one file per image; `folders` two of the same name, in the folders A and B.
    cluster: workers to use instead of threads, which must see `source` under the same path; the output depends on neither. passed_over:
    files of the source that are none of `files`, to be counted too.
    `into` is written atomically. Raises UserError for a missing split, for disk errors, and with `on_bad_image` = fail for bad files, all
    in one message.
    """
    images = _Images.of(source, files, kind=kind, val_fraction=settings.val_fraction)
    images.check(eval_split)
    skipped, sizes, doubts = list(images.left_out), Counter[tuple[int, int]](), Doubts()
    with write_errors(into), atomic_folder(into) as temporary:
        with contextlib.nullcontext(cluster) if cluster else threads(settings.workers) as pool:
            for split, members in images.by_split.items():
                size = settings.load_size if split == "train" else settings.crop_size
                conversion = Conversion(kind, direction, size, settings.resize, settings.fit, settings.levels, settings.max_pixels)
                large = len(members) * conversion.image_bytes() > settings.arrays_max_bytes
                encoded = settings.layout == "encoded" or (settings.layout == "auto" and large)
                part = _Split(split, source, members, images.names[split], conversion, doubts, sizes)
                skipped += part.pack(temporary / split, encoded=encoded, workers=pool)
        counts = _counted(files, images, skipped) + (passed_over or FileCounts())
        if skipped and settings.on_bad_image == "fail":
            raise UserError(f"{_bad_images(skipped)}\n{counts.line()}")
        for split in images.by_split:
            if not (temporary / split).exists():
                first = next(bad for bad in skipped if bad.split == split)
                raise UserError(f"no usable image in {split}; the first: {first.file}: {first.reason}")
        images.check(eval_split, bad=sum(bad.split == eval_split for bad in skipped[len(images.left_out) :]))
        _write_report(temporary / "skipped.json", skipped, counts)
    return Prepared(skipped, counts, [*images.notes, *_set_notes(kind, doubts, sizes)])


@dataclass(frozen=True)
class _Images:
    """The images of each split, each by its files, and their names; the files that belong to no split; what to say of this."""

    by_split: dict[str, list[Member]]
    names: dict[str, list[str]]
    left_out: list[Skipped]
    notes: list[str]
    has_val: bool  # of its own, not drawn from train

    @classmethod
    def of(cls, source: Path, files: Sequence[PurePosixPath], *, kind: str, val_fraction: float) -> "_Images":
        folders = SplitFolders.of(files)
        notes = [f"the folder {folder} is not taken for a split: name it {_SPLIT_NAMES} if it is one" for folder in folders.doubtful[:3]]
        members: dict[str, list[Member]]
        if kind == "folders":
            sides = match_sides(files, folders)
            by_split = split_files(list(sides.partner), folders, val_fraction=val_fraction)
            alone = [*sides.alone_in_a.items(), *sides.alone_in_b.items()]
            left_out = [Skipped(folders.split(file) or "train", str(file), reason) for file, reason in alone]
            members = {split: [(a, sides.partner[a]) for a in found] for split, found in by_split.items()}
            notes += sides.notes()
        else:
            listed = read_lists(source, files)
            files = files if listed else [file for file in files if not is_list(file)]
            by_split = split_files(files, folders, val_fraction=val_fraction, lists=listed.splits if listed else None)
            left_out = [Skipped("train", str(file), "in none of the archive's lists") for file in (listed.unlisted if listed else ())]
            members = {split: [(file,) for file in found] for split, found in by_split.items()}
        return cls(members, image_names(by_split, folders), left_out, notes, "val" in folders.splits.values())

    def check(self, eval_split: str, *, bad: int = 0) -> None:
        """Raise UserError where `eval_split` is missing or has, without `bad` images, fewer than the two that the metrics need."""
        all_images = sum(map(len, self.by_split.values()))
        if all_images < _FEWEST:
            raise UserError(
                f"{counted(all_images, 'image')} in all: {_FEWEST} are the least, one to train on and two to measure. Add images"
            )
        if eval_split not in self.by_split:
            there = ", ".join(self.by_split)
            raise UserError(
                f"the images to measure are to be those of {eval_split!r} (eval_split), but the data has only {there}; "
                "name one of these, -S datasets.NAME.eval_split=val for instance, or put images into a folder of that name"
            )
        if "val" not in self.by_split:
            raise UserError("no image is left for validation: the data has no folder val; set prepare.val_fraction above 0, or add images")
        count = len(self.by_split[eval_split]) - bad
        if count < 2:
            own = eval_split != "val" or self.has_val
            way_out = f"put more into its folder {eval_split}" if own else "add images, or raise prepare.val_fraction"
            raise UserError(f"{eval_split} has {counted(count, 'image')} that can be used, and measuring takes two or more: {way_out}")


@dataclass(frozen=True)
class _Split:
    """The images of one split, to be packed. doubts, sizes: what is found about them is added here."""

    name: str
    source: Path
    members: Sequence[Member]
    names: Sequence[str]
    conversion: Conversion
    doubts: Doubts
    sizes: Counter[tuple[int, int]]

    def pack(self, into: Path, *, encoded: bool, workers: Workers) -> list[Skipped]:
        """Write the folder `into`, unless no image is usable. Returns the files left out."""
        writer: ArrayWriter | EncodedWriter
        if encoded:
            writer = EncodedWriter(into, self.conversion)
        else:
            writer = ArrayWriter(into, self.conversion.planes, self.conversion.size, expected=len(self.members))
        work: Callable[[Batch], PackedBatch[Any]] = pack_files if encoded else pack_arrays
        step = max(1, min(_BATCH, _BATCH_BYTES // self.conversion.image_bytes()))
        starts = range(0, len(self.names), step)
        batches = (Batch(self.source.absolute(), self.members[start : start + step], self.conversion) for start in starts)
        packed = tqdm(workers.map(work, batches), total=len(starts), desc=f"prepare {self.name}", disable=None)
        skipped: list[Skipped] = []
        for start, batch in zip(starts, packed, strict=True):
            self.sizes.update(batch.sizes)
            for i, found in batch.doubts.items():
                self.doubts.add(str(self.members[start + i][0]), found)
            here = range(start, min(start + step, len(self.names)))
            writer.add([self.names[i] for i in here if i - start not in batch.bad], batch.content)
            skipped += [Skipped(self.name, str(self.members[start + i][0]), reason) for i, reason in batch.bad.items()]
        if writer.names:
            writer.finish()
        else:
            shutil.rmtree(into)
        return skipped


def _counted(files: Sequence[PurePosixPath], images: _Images, skipped: Sequence[Skipped]) -> FileCounts:
    """The files of the set. Where one of a pair cannot be used, neither is; a list of splits is used."""
    counts, partner = FileCounts(len(files)), {members[0]: members for found in images.by_split.values() for members in found}
    for bad in skipped:
        for file in partner.get(PurePosixPath(bad.file), (bad.file,)):
            counts.cannot_use(file, bad.reason)
            counts.used -= 1
    return counts


def _set_notes(kind: str, doubts: Doubts, sizes: Counter[tuple[int, int]]) -> list[str]:
    """What was found about the images of the set."""
    total = sizes.total()
    if doubts.found.get(NO_PAIR, (0, "", ""))[0] * 2 < total:  # of some pairs, A goes on in B by chance
        doubts.found.pop(NO_PAIR, None)
    notes = doubts.lines(total)
    if kind == "pairs" and total:
        (width, height), most = sizes.most_common(1)[0]
        of_all = "" if most == total else f" in {most} of {total} pairs"
        notes.append(f"the halves, A on the left and B on the right, have {width // 2}x{height} pixels{of_all}")
    return notes


def _bad_images(skipped: Sequence[Skipped]) -> str:
    lines = "\n".join(f"  - {bad.file}: {bad.reason}" for bad in skipped)
    return f"{len(skipped)} image(s) cannot be used:\n{lines}\nmend or remove them, or leave them out with -S prepare.on_bad_image=skip"


def _write_report(path: Path, skipped: Sequence[Skipped], counts: FileCounts) -> None:
    """The files left out, each in a row, and the rest in numbers; empty where every file is used."""
    rows: list[dict[str, str | int]] = [{"split": bad.split, "file": bad.file, "reason": bad.reason} for bad in skipped]
    rows += [row for row in counts.as_rows() if row["what"] == "passed over"]
    if rows:
        rows.append({"what": "used", "files": counts.used})
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
