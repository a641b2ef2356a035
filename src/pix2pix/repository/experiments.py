"""DVC's experiments as Git has them: DVC, which takes a second to import, is not asked."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_REF = r"(?P<commit>\w+) (?P<time>\d+) refs/exps/(?P<baseline>[0-9a-f]{2}/[0-9a-f]+)/(?P<name>[^/]+)"


@dataclass(frozen=True)
class Experiment:
    """An experiment that ended well.

    Attributes:
        name: what DVC calls it; those of two baselines may share one.
        commit: the commit that keeps it, which no branch leads to.
        baseline: the commit it started from.
        time: when it was kept, in seconds since 1970.
    """

    name: str
    commit: str
    baseline: str
    time: int


def experiments(root: Path) -> list[Experiment]:
    """The experiments of the repository at `root`, newest first; none where it is no repository of Git."""
    listing = ["for-each-ref", "--sort=-committerdate", "--format=%(objectname) %(committerdate:unix) %(refname)", "refs/exps"]
    matches = (re.fullmatch(_REF, line) for line in (git(root, *listing) or "").splitlines())
    return [
        Experiment(match["name"], match["commit"], match["baseline"].replace("/", ""), int(match["time"])) for match in matches if match
    ]


def git(root: Path, *arguments: str) -> str | None:
    """Git's answer, None where there is none."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def files_at(root: Path, names: Iterable[str]) -> Iterator[str | None]:
    """The texts of files named `<commit>:<path>`, in order, None for what is not there; one process for all of them."""
    asked = list(names)
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "cat-file", "--batch"], input="\n".join(asked).encode(), capture_output=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        yield from (None for _ in asked)
        return
    answer, at = done.stdout, 0
    for _ in asked:
        head, at = answer[at : (end := answer.index(b"\n", at))], end + 1
        if not (size := re.fullmatch(rb"\w+ blob (\d+)", head)):
            yield None
            continue
        yield answer[at : at + int(size[1])].decode("utf-8", "replace")
        at += int(size[1]) + 1
