"""Speed of preparing and reading images, against the usual way: Pillow opens, cuts, resizes and normalises every file each time."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import torch
from PIL import Image

from benchmarks.images import draw_pairs
from benchmarks.peer import PairFolder
from benchmarks.timing import Row, faster, take_turns
from pix2pix.config.settings import Prepare
from pix2pix.data.augment import EpochPlan
from pix2pix.data.dataset import ImageDataset
from pix2pix.prepare.prepare import prepare

DRAWN, PAIRS, SIZE, LOAD = 64, 1200, 256, 286  # each drawn image is used several times, as drawing takes longer than the measurement
ROUNDS, BATCH = 3, 16


def rows() -> Iterator[Row]:
    """Preparing and reading of images."""
    with tempfile.TemporaryDirectory() as home:
        folder = _copies(Path(home))
        torch.set_num_threads(1)  # as a DataLoader's worker has
        yield from preparing(folder)
        yield from reading(folder)
    torch.set_num_threads(os.cpu_count() or 1)


def preparing(folder: Path) -> Iterator[Row]:
    """The whole of `prepare` on all cores, with hashing and writing, against the decoding and resizing of the usual loader.

    On a busy machine two threads get little more time than one, so the note has the processor time of each.
    """
    peer, into = PairFolder(folder, LOAD, SIZE), folder.parent / "prepared"

    def usual() -> None:
        for index in range(PAIRS):
            peer[index]

    for layout in ("arrays", "encoded"):
        usual_cost, our_cost = _Cost(usual), _Cost(lambda layout=layout: _prepare(folder, into, LOAD, layout))  # type: ignore[misc]
        seconds = take_turns({"peer": usual_cost, "ours": our_cost}, ROUNDS)
        note = f"{PAIRS / min(seconds['ours']):,.0f} pairs/s; {our_cost} of a core a pair, the chain {usual_cost}"
        yield Row(f"prepare {SIZE} px pairs as {layout} at {LOAD} px, {os.cpu_count()} cores, against Pillow's chain on one",
                  faster(seconds["peer"], seconds["ours"]), note)  # fmt: skip


class _Cost:
    """A callable, and the least processor time of its calls, summed over the threads of this process."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work, self._least = work, float("inf")

    def __call__(self) -> None:
        began = time.process_time()
        self._work()
        self._least = min(self._least, time.process_time() - began)

    def __str__(self) -> str:
        return f"{1000 * self._least / PAIRS:.2f} ms"


def reading(folder: Path) -> Iterator[Row]:
    """A shuffled epoch as stored, against the usual loader, which also crops and scales; each on one core."""
    small = _saved_smaller(folder)
    with _one_core():
        stored = ("arrays", SIZE, folder), ("arrays", LOAD, folder)
        for layout, load, files in (*stored, ("encoded", SIZE, small), ("encoded", SIZE, folder), ("encoded", LOAD, small)):
            into = files.parent / f"{layout}-{load}"
            _prepare(files, into, load, layout, workers=1)
            store = ImageDataset(into / "train")
            store.read(range(len(store)))  # into the page cache
            peer = _Usual(files)
            seconds = take_turns({"peer": peer, "ours": lambda store=store: _epoch(store)}, ROUNDS)  # type: ignore[misc]
            speeds = faster([s / peer.pairs for s in seconds["peer"]], [s / len(store) for s in seconds["ours"]])
            what = f"read a shuffled epoch from {layout} of {load} px on one core, against Pillow's chain"
            size = sum(file.stat().st_size for file in files.iterdir()) / PAIRS / 1000
            note = f"; JPEG files of {size:.0f} KB" if layout == "encoded" else ""
            yield Row(what, speeds, f"{len(store) / min(seconds['ours']):,.0f} pairs/s{note}")


class _Usual:
    """The usual loader over the first pairs of a folder."""

    pairs = 100

    def __init__(self, folder: Path) -> None:
        self._peer = PairFolder(folder, LOAD, SIZE)

    def __call__(self) -> None:
        for index in range(self.pairs):
            self._peer[index]


def _copies(home: Path) -> Path:
    drawn = sorted(draw_pairs(home, count=DRAWN, size=SIZE).glob("*.jpg"))
    folder = home / "set" / "train"
    folder.mkdir(parents=True)
    for number in range(PAIRS):
        shutil.copy(drawn[number % DRAWN], folder / f"{number}.jpg")
    return folder


def _saved_smaller(folder: Path) -> Path:
    """The images as Pillow saves them by default: quality 75, chroma at half the size."""
    into = folder.parents[1] / "small" / "train"
    into.mkdir(parents=True)
    for file in folder.iterdir():
        with Image.open(file) as image:
            image.save(into / file.name)
    return into


def _prepare(folder: Path, into: Path, load: int, layout: str, workers: int | None = None) -> None:
    files = [PurePosixPath(f"{number}.jpg") for number in range(PAIRS)]
    how = Prepare(load_size=load, crop_size=SIZE, val_fraction=0.005, workers=workers, layout=layout)
    prepare(folder, files, into, how, kind="pairs", direction="BtoA", eval_split="val")


def _epoch(store: ImageDataset) -> None:
    plan = EpochPlan.draw(len(store), margin=0, flip=False, seed=0, epoch=1)
    for start in range(0, len(store), BATCH):
        store.read(plan.order[start : start + BATCH])


@contextmanager
def _one_core() -> Iterator[None]:
    cores, threads = os.sched_getaffinity(0), torch.get_num_threads()
    os.sched_setaffinity(0, {max(cores)})
    torch.set_num_threads(1)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
        torch.set_num_threads(threads)
