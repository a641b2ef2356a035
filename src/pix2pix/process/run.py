"""Carry out a plan: what is not there yet, on all cores, each file whole or not at all."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import joblib
from tqdm import tqdm

from pix2pix.data.images import IMAGE_SUFFIXES, BadImage
from pix2pix.errors import UserError
from pix2pix.process.task import Plan, Task, Unusable
from pix2pix.system.atomic_write import write_bytes, write_errors

_ALONE = 32  # fewer files than this are done before further processes would have started


@dataclass(frozen=True)
class Outcome:
    """What came of a plan: how many files were written, how many were there, and what could not be used.

    orphans: pictures in the output folder that an earlier call made from sources that are gone now.
    """

    written: int
    already: int
    unusable: Sequence[Unusable] = ()
    orphans: int = 0


def run(plan: Plan, output: Path, *, label: str, workers: int) -> Outcome:
    """Make the files of `plan` below `output` that are missing or older than their sources; `workers` processes, -1 for one a core.

    A source that cannot be used is listed and the others are done. Raises UserError where the disk refuses a file.
    """
    waiting = [task for task in plan.tasks if not _is_up_to_date(output / task.target, task.sources)]
    pool = joblib.Parallel(n_jobs=workers if len(waiting) >= _ALONE else 1, return_as="generator")
    work = pool(joblib.delayed(_make)(task, output) for task in waiting)
    reasons = list(tqdm(work, total=len(waiting), desc=label, unit="file", disable=None))
    unusable = [Unusable(task.sources[0], reason) for task, reason in zip(waiting, reasons, strict=True) if reason]
    return Outcome(
        written=len(waiting) - len(unusable),
        already=len(plan.tasks) - len(waiting),
        unusable=(*plan.unusable, *unusable),
        orphans=_orphans(output, {output / task.target for task in plan.tasks}),
    )


def refuse_doubles(tasks: Sequence[Task]) -> None:
    """Raises UserError where two files would get the same name, on file systems that know no case as well."""
    by_target: dict[str, Task] = {}
    for task in tasks:
        first = by_target.setdefault(str(task.target).casefold(), task)
        if first is not task:
            raise UserError(f"{first.sources[0]} and {task.sources[0]} would both become {task.target}: rename one")


def _is_up_to_date(file: Path, sources: Sequence[Path]) -> bool:
    """Whether `file` was written after the last change of its sources; being written in one go, it is then complete."""
    try:
        made = file.stat().st_mtime_ns
        stats = [source.stat() for source in sources]
    except OSError:
        return False
    # a picture replaced by an older one has an old time of modification, but its entry in the file system is new
    return all(made >= max(stat.st_mtime_ns, stat.st_ctime_ns) for stat in stats)


def _orphans(output: Path, wanted: Set[Path]) -> int:
    return sum(file not in wanted and file.suffix.lower() in IMAGE_SUFFIXES for file in output.rglob("*"))


def _make(task: Task, output: Path) -> str | None:
    """Write one file; returns the reason why not where its source is of no use."""
    try:
        content = task.content()
    except BadImage as reason:
        return str(reason)
    target = output / task.target
    with write_errors(target):
        write_bytes(target, content)
    return None
