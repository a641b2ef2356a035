"""Carry out a plan: write what is missing or out of date, in several processes, each file atomically."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tqdm import tqdm

from pix2pix.data.bad_image import BadImage
from pix2pix.data.decode_memory import decode_memory
from pix2pix.data.doubts import Doubts
from pix2pix.data.file_counts import FileCounts
from pix2pix.data.image_files import is_image
from pix2pix.data.pixels import Notes
from pix2pix.errors import UserError
from pix2pix.process.plan import Plan, Task
from pix2pix.system.atomic_write import RefusedName, write_bytes, write_errors
from pix2pix.system.runtime import cores

_ALONE = 32  # fewer files are written by this process alone: starting others would take longer


@dataclass(frozen=True)
class Outcome:
    """The result of a plan: how many files were written, how many were up to date, and which sources could not be used, with the reason.

    counts: the sources that were used and not, and the files beside them.
    doubts: sentences on images whose pixels may be wrong.
    orphans: images in the output folder that an earlier call made from sources that are gone now.
    """

    written: int
    already: int
    unusable: Sequence[tuple[Path, str]] = ()
    doubts: Sequence[str] = ()
    counts: FileCounts = field(default_factory=FileCounts, compare=False)
    orphans: int = 0


def run(plan: Plan, output: Path, *, label: str, workers: int | None) -> Outcome:
    """Write the files of `plan` below `output` that are missing or older than their sources, in `workers` processes; None: one per core.

    A source that cannot be used is listed, and the others are written. Raises UserError where a file cannot be written.
    """
    waiting = [task for task in plan.tasks if not _is_up_to_date(output / task.target, task.sources)]
    workers = 1 if len(waiting) < _ALONE else workers or cores()
    with _results(waiting, output, workers) as results:
        done = list(tqdm(results, total=len(waiting), desc=label, unit="file", disable=None))
    failed = [(task, reason) for task, (reason, _) in zip(waiting, done, strict=True) if reason]
    unusable, doubts = (*plan.unusable, *((task.sources[0], reason) for task, reason in failed)), Doubts()
    for task, (_, found) in zip(waiting, done, strict=True):
        doubts.add(str(task.sources[0]), found)
    counts = plan.counts + FileCounts(sum(len(task.sources) for task in plan.tasks) - sum(len(task.sources) for task, _ in failed))
    for file, _ in unusable:
        counts.cannot_use(file, "listed above")
    for partner in (file for task, _ in failed for file in task.sources[1:]):
        counts.pass_over(partner, "its A could not be used")
    wanted = {output / task.target for task in plan.tasks}
    return Outcome(
        written=len(waiting) - len(failed),
        already=len(plan.tasks) - len(waiting),
        unusable=unusable,
        doubts=tuple(doubts.lines(len(waiting))),
        counts=counts,
        orphans=sum(file not in wanted and is_image(file) for file in output.rglob("*")),
    )


@contextlib.contextmanager
def _results(tasks: Sequence[Task], output: Path, workers: int) -> Iterator[Iterable[tuple[str | None, list[tuple[str, str]]]]]:
    """`_write` of each task, in order. Where the block ends early, as by Ctrl-C, tasks that have not begun are dropped."""
    write = partial(_write, output=output)
    if workers == 1:
        yield map(write, tasks)
        return
    spawn = multiprocessing.get_context("spawn")  # forking a process that has threads, as PyTorch's, may hang
    pool = ProcessPoolExecutor(workers, mp_context=spawn, initializer=_start_worker, initargs=(workers, spawn.Lock()))
    try:
        yield pool.map(write, tasks)
    except BrokenProcessPool:
        raise UserError("a process was killed, perhaps for lack of memory: run the same command again with fewer --workers") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker(workers: int, alone: contextlib.AbstractContextManager[object]) -> None:
    """Leave Ctrl-C to the parent process, end with it even where it is killed, and share the memory to decode with the other workers."""
    decode_memory.share(workers, alone)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _write(task: Task, output: Path) -> tuple[str | None, list[tuple[str, str]]]:
    """Write one file; returns the reason where its source cannot be used, and the doubts about its pixels."""
    notes = Notes()
    try:
        content = task.content(notes)
        with write_errors(output / task.target):
            write_bytes(output / task.target, content)
    except (BadImage, RefusedName) as reason:
        return str(reason), []
    return None, notes.doubts


def _is_up_to_date(file: Path, sources: Sequence[Path]) -> bool:
    """Whether `file` was written after the last change of its sources; as it is written atomically, it is then complete."""
    try:
        made = file.stat().st_mtime_ns
        stats = [source.stat() for source in sources]
    except OSError:
        return False
    # an image replaced by an older one has an old mtime, but a new ctime
    return all(made >= max(stat.st_mtime_ns, stat.st_ctime_ns) for stat in stats)
