"""`make lock`: update dvc.lock after an edit of code, without running stages in which only comments changed.

DVC hashes the code that a stage depends on, so even a changed comment makes the stage stale. If the syntax trees of all its changed files
are the same, the outputs are the same too, and `dvc commit` records the new hashes. `dvc repro` runs all other stale stages.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from pix2pix.repository.digests import files_in, listing_digest, md5
from pix2pix.repository.dvc_lock import hashes_in, locked_stages
from pix2pix.repository.git import blobs_at, git

_CODE = ("src/", "stages/")  # prefixes of dependencies that are code
_COMMITS = 50  # newest commits of a dependency that are searched for its recorded hash


def update_lock(root: Path) -> int:
    """Update dvc.lock in `root` and print what was done. Returns the exit code: 1 if the hash of an output changed, else 0."""
    lock = root / "dvc.lock"
    before = locked_stages(lock)
    stale: dict[str, list[Any]] = json.loads(_dvc(root, "status", "--json", capture=True))
    same = [name for name, changes in stale.items() if name in before and only_comments_changed(root, before[name], changes)]
    if same:
        print(f"only comments changed, the outputs are the same: {', '.join(same)}", flush=True)
        _dvc(root, "commit", "--force", *same)
    _dvc(root, "repro")
    after = locked_stages(lock)
    moved = [
        path
        for name in before.keys() & after.keys()
        for path, md5 in hashes_in(before[name]).items()
        if hashes_in(after[name]).get(path, md5) != md5
    ]
    if moved:
        print(f"these outputs are not what they were, so the edit was more than names and comments: {', '.join(sorted(moved))}")
    return 1 if moved else 0


def only_comments_changed(root: Path, locked: Mapping[str, Any], changes: list[Any]) -> bool:
    """Whether all changes of a stage are in code, and all of this code is the same program as that recorded in dvc.lock.

    Args:
        root: the repository.
        locked: the stage's entry in dvc.lock.
        changes: the stage's entry in `dvc status --json`.
    """
    changed = [change.get("changed deps") if isinstance(change, dict) else None for change in changes]
    deps = {path: how for part in changed if part for path, how in part.items()}
    if not all(changed) or not all(how == "modified" and path.startswith(_CODE) for path, how in deps.items()):
        return False
    return all(_is_same_program(root, path, hashes_in(locked, "deps")[path]) for path in deps)


def same_program(one: bytes, other: bytes) -> bool:
    """Whether two Python sources differ only in comments, docstrings and formatting."""
    return one == other or ast.dump(_without_docstrings(one)) == ast.dump(_without_docstrings(other))


@cache
def _is_same_program(root: Path, path: str, digest: str) -> bool:
    old, new = _recorded(root, path, digest), _present(root / path)
    if old is None or old.keys() != new.keys():
        return False
    return all(same_program(old[name], new[name]) if name.endswith(".py") else old[name] == new[name] for name in old)


def _recorded(root: Path, path: str, digest: str) -> dict[str, bytes] | None:
    """Relative path -> content of a dependency at the newest commit where it has this hash; None if none of the last `_COMMITS` has it."""
    for commit in (git(root, "log", f"-{_COMMITS}", "--format=%H", "--", path) or "").split():
        names = [name for name in (git(root, "ls-tree", "-r", "-z", "--name-only", commit, "--", path) or "").split("\0") if name]
        blobs = blobs_at(root, [f"{commit}:{name}" for name in names])
        files = {PurePosixPath(name): blob for name, blob in zip(names, blobs, strict=True) if blob is not None}
        is_folder = digest.endswith(".dir")
        content = {name.relative_to(path).as_posix() if is_folder else name.name: blob for name, blob in files.items()}
        hashes = {name: md5(blob) for name, blob in content.items()}
        if digest == (listing_digest(hashes.items()) if is_folder else next(iter(hashes.values()), "")):
            return content
    return None


def _present(path: Path) -> dict[str, bytes]:
    files = {file.relative_to(path).as_posix(): file for file in files_in(path)} if path.is_dir() else {path.name: path}
    return {name: file.read_bytes() for name, file in files.items()}


def _without_docstrings(source: bytes) -> ast.Module:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node, clean=False):
            del node.body[0]
    return tree


def _dvc(root: Path, *arguments: str, capture: bool = False) -> str:
    done = subprocess.run([sys.executable, "-m", "dvc", *arguments], cwd=root, text=True, stdout=subprocess.PIPE if capture else None)
    if done.returncode != 0:
        raise SystemExit(done.returncode)
    return done.stdout or ""


if __name__ == "__main__":
    raise SystemExit(update_lock(Path()))
