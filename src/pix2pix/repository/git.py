"""Git as this program asks it: revisions, files of a commit, and what the work tree has on top of one."""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

CODE = ("src", "stages", "dvc.yaml", "requirements.txt", "constraints.txt")  # what can change a result beside parameters
_NOT_CODE = (":(exclude,top)dvc.lock", ":(exclude,top)data")  # what the pipeline itself rewrites
_SECONDS = 60  # that a question may take
# The same patch whatever the person's Git is configured to
_PATCH = ("--binary", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")


class GitError(Exception):
    """Git failed; the text is what it wrote to stderr."""


def run_git(
    root: Path,
    *arguments: str,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    accept: tuple[int, ...] = (0,),
    timeout: float | None = None,
) -> bytes:
    """Run Git in `root` and return its stdout.

    Args:
        stdin: what Git reads.
        env: the whole environment, None for this process's own.
        accept: exit codes that are no failure.
        timeout: seconds, None to wait as long as it takes.

    Raises:
        GitError: it cannot be started, takes too long, or ends with another exit code.
    """
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], input=stdin, env=env, capture_output=True, timeout=timeout)
    except (OSError, subprocess.SubprocessError) as problem:
        raise GitError(str(problem)) from None
    if done.returncode not in accept:
        raise GitError(done.stderr.decode("utf-8", "replace").strip())
    return done.stdout


def git(root: Path, *arguments: str, accept: tuple[int, ...] = (0,), strip: bool = True) -> str | None:
    """Git's stdout as text, None where it fails, as outside of a repository. `strip=False` keeps white space at the ends."""
    try:
        text = run_git(root, *arguments, accept=accept, timeout=_SECONDS).decode("utf-8", "replace")
    except GitError:
        return None
    return text.strip() if strip else text


def find_commit(revision: str, root: Path) -> str | None:
    """The commit of a branch, a tag, `HEAD~1` and the like; None for what is no revision."""
    return None if revision.startswith("-") else git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")


def blobs_at(root: Path, names: Iterable[str]) -> Iterator[bytes | None]:
    """The contents of files named `<commit>:<path>`, in order, None for what is not there; one process for all of them."""
    requested = list(names)
    try:
        output = run_git(root, "cat-file", "--batch", stdin="\n".join(requested).encode(), timeout=_SECONDS)
    except GitError:
        yield from (None for _ in requested)
        return
    at = 0
    for _ in requested:
        head, at = output[at : (end := output.index(b"\n", at))], end + 1
        if not (size := re.fullmatch(rb"\w+ blob (\d+)", head)):
            yield None
            continue
        yield output[at : at + int(size[1])]
        at += int(size[1]) + 1


def files_at(root: Path, names: Iterable[str]) -> Iterator[str | None]:
    """`blobs_at` as text."""
    return (None if content is None else content.decode("utf-8", "replace") for content in blobs_at(root, names))


def code_is_dirty(root: Path) -> bool:
    """Whether tracked files differ from the commit, without those that the pipeline itself rewrites: they say nothing of the code."""
    return bool(git(root, "status", "--porcelain", "--untracked-files=no", "--", ":/", *_NOT_CODE))


def code_changes(root: Path, *, without: str) -> str:
    """What the work tree has that the commit has not, as a patch for `git apply`, new Python files included; "" where there is nothing.

    Without the file `without`, and without what the pipeline writes.
    """
    changed = git(root, "diff", *_PATCH, "HEAD", "--", ":/", *_NOT_CODE, f":(exclude,top){without}", strip=False) or ""
    new = git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", "src/*.py", "stages/*.py") or ""
    # exit code 1 says that there is a difference
    added = [
        git(root, "diff", "--no-index", *_PATCH, "--", os.devnull, name, strip=False, accept=(0, 1)) for name in new.split("\0") if name
    ]
    return changed + "".join(text or "" for text in added)
