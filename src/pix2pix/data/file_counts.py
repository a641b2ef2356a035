"""Count the files that a command or stage is given: used, passed over, or not usable. Every command ends with `FileCounts.line`."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from pix2pix.system.terminal import counted

_ENDING = re.compile(r"\.[A-Za-z0-9_]{1,10}$")  # others, from names of untrusted archives, are not printed
_MOST_REASONS = 3  # of passed-over or unusable files, in a line
Group = tuple[str, str]  # (ending, reason)


@dataclass
class FileCounts:
    """How many files were used, and how many of each (ending, reason) were passed over (no image) or not usable (an image, but damaged).

    Two counts are merged by `+`. An ending is kept as spelled (`.HEIC`); '' is none, or one of unusual characters.
    """

    used: int = 0
    passed_over: Counter[Group] = field(default_factory=Counter)
    not_usable: Counter[Group] = field(default_factory=Counter)

    def use(self, files: int = 1) -> None:
        """Count files that were used."""
        self.used += files

    def pass_over(self, file: PurePath | str, reason: str, *, files: int = 1) -> None:
        """Count a file that is none of those asked for; `reason`: a few words, the same for all files of its kind."""
        self.passed_over[_ending(file), reason] += files

    def cannot_use(self, file: PurePath | str, reason: str, *, files: int = 1) -> None:
        """Count a file that should have been used and cannot be."""
        self.not_usable[_ending(file), reason] += files

    @property
    def total(self) -> int:
        """All files."""
        return self.used + self.passed_over.total() + self.not_usable.total()

    def __add__(self, other: "FileCounts") -> "FileCounts":
        """The counts of both."""
        return FileCounts(self.used + other.used, self.passed_over + other.passed_over, self.not_usable + other.not_usable)

    def line(self) -> str:
        """One line, such as `45 files: 35 used, 10 .HEIC passed over (install pillow-heif)`."""
        parts = [f"{self.used:,} used", *_worded(self.passed_over, "passed over"), *_worded(self.not_usable, "not usable")]
        return f"{counted(self.total, 'file')}: {', '.join(parts)}"

    def as_rows(self) -> list[dict[str, str | int]]:
        """The files that were not used, for JSON: {"ending", "reason", "files", "what"} of each group, most files first."""
        both = {"passed over": self.passed_over, "not usable": self.not_usable}
        return [
            {"ending": ending, "reason": reason, "files": files, "what": what}
            for what, groups in both.items()
            for (ending, reason), files in _most_first(groups)
        ]

    @classmethod
    def of_rows(cls, used: int, rows: Iterable[Mapping[str, str | int]]) -> "FileCounts":
        """What `as_rows` wrote. Raises KeyError and ValueError for other rows."""
        counts = cls(used)
        for row in rows:
            groups = counts.passed_over if row["what"] == "passed over" else counts.not_usable
            groups[str(row["ending"]), str(row["reason"])] += int(row["files"])
        return counts


def _ending(file: PurePath | str) -> str:
    suffix = PurePath(file).suffix
    return suffix if _ENDING.match(suffix) else ""


def _most_first(groups: Counter[Group]) -> list[tuple[Group, int]]:
    return sorted(groups.items(), key=lambda item: (-item[1], item[0]))


def _worded(groups: Counter[Group], what: str) -> list[str]:
    """`10 .HEIC passed over (install pillow-heif)` for each reason; for many reasons, all files together."""
    reasons: dict[str, Counter[str]] = {}
    for (ending, reason), files in _most_first(groups):
        reasons.setdefault(reason, Counter())[ending] += files
    if len(reasons) > _MOST_REASONS:
        together: Counter[str] = Counter()
        for endings in reasons.values():
            together += endings
        reasons = {f"{len(reasons)} reasons": together}
    return [f"{_endings(endings)} {what} ({reason})" for reason, endings in reasons.items()]


def _endings(endings: Counter[str]) -> str:
    return " and ".join(f"{files:,} {ending or 'without ending'}" for ending, files in endings.most_common())
