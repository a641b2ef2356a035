"""What a call is going to do, decided before anything is written, and the output folder, which belongs to that call alone."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pix2pix.data.file_counts import FileCounts
from pix2pix.errors import UserError
from pix2pix.system.atomic_write import write_errors, write_json


@dataclass(frozen=True)
class Task:
    """One file to write.

    target: its path below the output folder. sources: the files it is made from. content: makes it, perhaps in another process, and adds
    to the `Notes` that it is given; raises BadImage with the reason where a source cannot be used.
    """

    target: PurePosixPath
    sources: tuple[Path, ...]
    content: Callable[..., bytes]


@dataclass(frozen=True)
class Plan:
    """All files of one call.

    unusable: sources found unusable before any was opened, each with the reason. counts: files beside the sources, passed over.
    notes: what the user should know. seen: a fingerprint of the sources, where their times do not show every change.
    """

    tasks: Sequence[Task]
    unusable: Sequence[tuple[Path, str]] = ()
    counts: FileCounts = field(default_factory=FileCounts)
    notes: Sequence[str] = ()
    seen: Mapping[str, str] = field(default_factory=dict)

    def check_targets(self) -> None:
        """Raises UserError where two files would get the same name, also on file systems that ignore case."""
        by_target: dict[str, Task] = {}
        for task in self.tasks:
            first = by_target.setdefault(str(task.target).casefold(), task)
            if first is not task:
                raise UserError(f"{first.sources[0]} and {task.sources[0]} would both become {task.target}: rename one")


NOTE = ".pix2pix-process.json"


def check_overlap(output: Path, inputs: Sequence[Path]) -> None:
    """Raises UserError where `output` is one of the input folders or lies in one: the next call would read outputs as sources."""
    for source in inputs:
        if output.resolve().is_relative_to(source.resolve()):
            where = "is the input folder itself" if output.resolve() == source.resolve() else f"lies inside {source}"
            raise UserError(f"--output {output} {where}, and sources are never changed: choose a folder beside it")


def check_sources(output: Path, tasks: Sequence[Task]) -> None:
    """Raises UserError where a source lies in `output`, to which a link below an input folder leads: it is an output of the call before."""
    top = output.resolve()
    for folder in {source.parent for task in tasks for source in task.sources}:
        if folder.resolve().is_relative_to(top):
            raise UserError(f"--output {output} is read as a source, as {folder}: remove that link, or choose another folder")


def acquire(output: Path, call: Mapping[str, object], inputs: Sequence[Path]) -> None:
    """Create the folder with a hidden note of the call that it belongs to; do nothing where it belongs to this call already.

    `call`: the operation and the options that decide the files' content, as values for JSON. By the note a later call distinguishes
    finished files from files made with other options.
    Raises UserError where the folder belongs to another call, or holds files that no call made.
    """
    # relative, so that a folder with inputs and outputs can be moved
    wanted = {**call, "input": [os.path.relpath(source.resolve(), output.resolve()) for source in inputs]}
    note = output / NOTE
    with write_errors(output):
        if note.exists():
            try:
                made = json.loads(note.read_text(encoding="utf-8"))
            except ValueError:
                raise UserError(f"{note} is damaged: choose another --output, or remove {output}") from None
            if made != wanted:
                raise UserError(
                    f"{output} holds what another call made ({_differences(made, wanted)}): choose another --output, or remove it"
                )
            return
        if output.exists() and any(not path.name.startswith(".") for path in output.iterdir()):
            raise UserError(f"{output} holds files that pix2pix process did not make: choose a new or an empty folder as --output")
        write_json(note, wanted)


def _differences(made: object, wanted: Mapping[str, object]) -> str:
    """The options that differ, for a message."""
    before = made if isinstance(made, dict) else {}
    keys = [key for key in {**wanted, **before} if before.get(key) != wanted.get(key)]
    return ", ".join(f"{key} was {before.get(key)}, now {wanted.get(key)}" for key in keys)
