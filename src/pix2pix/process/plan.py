"""What an operation is going to do, decided before anything is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pix2pix.data.file_counts import FileCounts
from pix2pix.errors import UserError


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

    unusable: sources found unusable before any was opened -> the reason. counts: files beside the sources, passed over.
    notes: what the user should know. seen: a fingerprint of the sources, where their times do not show every change.
    """

    tasks: Sequence[Task]
    unusable: Mapping[Path, str] = field(default_factory=dict)
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
