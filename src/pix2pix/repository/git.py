"""Run Git: resolve revisions, read files of a commit, and find changes of the work tree."""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

CODE = ("src", "stages", "dvc.yaml", "requirements.txt", "constraints.txt")  # what can change a result, apart from parameters
_NOT_CODE = (":(exclude)dvc.lock", ":(exclude)data")  # what the pipeline writes
_SECONDS = 60  # time limit of a Git call
# The same patch whatever the user's Git configuration
_PATCH = ("--binary", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")


class GitError(Exception):
    """Git failed; the text is its stderr, or why it could not run."""


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
        stdin: input of Git.
        env: the complete environment; None for that of this process.
        accept: exit codes that count as success.
        timeout: seconds; None for no limit.

    Raises:
        GitError: Git cannot be started, takes too long, or ends with another exit code.
    """
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], input=stdin, env=env, capture_output=True, timeout=timeout)
    except (OSError, subprocess.SubprocessError) as problem:
        raise GitError(str(problem)) from None
    if done.returncode not in accept:
        raise GitError(done.stderr.decode("utf-8", "replace").strip())
    return done.stdout


def git(root: Path, *arguments: str, accept: tuple[int, ...] = (0,), strip: bool = True) -> str | None:
    """Git's stdout as text, or None if Git fails, as outside a repository. `strip=False` keeps leading and trailing white space."""
    try:
        text = run_git(root, *arguments, accept=accept, timeout=_SECONDS).decode("utf-8", "replace")
    except GitError:
        return None
    return text.strip() if strip else text


def find_commit(revision: str, root: Path) -> str | None:
    """The commit hash of a revision, such as a branch, a tag or `HEAD~1`; None if it is not a revision."""
    return None if revision.startswith("-") else git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")


def blobs_at(root: Path, names: Iterable[str]) -> Iterator[bytes | None]:
    """Yield the content of each file `<commit>:<path>`, in order, None for a missing one. Runs one Git process for all."""
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
    """`blobs_at`, decoded as UTF-8."""
    return (None if content is None else content.decode("utf-8", "replace") for content in blobs_at(root, names))


def code_is_dirty(root: Path) -> bool:
    """Whether tracked files differ from HEAD, apart from those that the pipeline writes (dvc.lock, data/)."""
    return bool(git(root, "status", "--porcelain", "--untracked-files=no", "--", ":/", *_NOT_CODE))


def code_changes(root: Path, *, without: str) -> str:
    """Changes of the work tree against HEAD, new Python files included, as a patch for `git apply`; "" if there are none.

    Leaves out the file `without`, and what the pipeline writes (dvc.lock, data/).
    """
    changed = git(root, "diff", *_PATCH, "HEAD", "--", ":/", *_NOT_CODE, f":(exclude){without}", strip=False) or ""
    new = git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", "src/*.py", "stages/*.py") or ""
    # exit code 1 means that the files differ
    added = [
        git(root, "diff", "--no-index", *_PATCH, "--", os.devnull, name, strip=False, accept=(0, 1)) for name in new.split("\0") if name
    ]
    return changed + "".join(text or "" for text in added)
