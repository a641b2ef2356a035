"""What an operation is going to do, decided before anything is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Task:
    """One file to be made.

    target: its path below the output folder. sources: the files it is made from. content: makes it, perhaps in another process; raises
    BadImage with the reason where a source cannot be used.
    """

    target: PurePosixPath
    sources: tuple[Path, ...]
    content: Callable[[], bytes]


@dataclass(frozen=True)
class Unusable:
    """A source of which nothing can be made, and why."""

    file: Path
    reason: str


@dataclass(frozen=True)
class Plan:
    """All files of one call.

    unusable: sources that turned out to be of no use before any was opened. seen: what was read to make the plan, where the times of
    the sources do not tell whether it is still the same.
    """

    tasks: Sequence[Task]
    unusable: Sequence[Unusable] = ()
    seen: Mapping[str, str] = field(default_factory=dict)
