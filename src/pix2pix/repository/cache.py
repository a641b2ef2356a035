"""Read folders in DVC's cache by their hash, without a checkout: the workspace does not change."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.errors import UserError
from pix2pix.repository.digests import is_digest, is_inside

if TYPE_CHECKING:
    from dvc.repo import Repo


class NotCached(Exception):
    """Neither the cache nor the default remote has all files of a folder. The text is the reason on the remote's side."""


def cache_of(root: Path) -> Path:
    """Folder of DVC's cache for the repository at `root`, from its configuration; the default folder if `root` is no DVC repository."""
    try:
        return Path(_repo(root).cache.local.path)
    except UserError:
        return root / ".dvc" / "cache" / "files" / "md5"


def cached(cache: Path, digest: str) -> Path:
    """Path in a DVC cache of the object with this hash."""
    return cache / digest[:2] / digest[2:]


def listing(cache: Path, digest: str) -> dict[str, str] | None:
    """Relative path -> MD5 of the files of the folder `digest` (`<md5>.dir`).

    None if it is no folder, or its list is not in the cache, or names files outside the folder or the cache.
    """
    if not (is_digest(digest) and digest.endswith(".dir")):
        return None
    try:
        entries = json.loads(cached(cache, digest).read_text(encoding="utf-8"))
        found = {entry["relpath"]: entry["md5"] for entry in entries}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if all(is_inside(name) and is_digest(md5) for name, md5 in found.items()) else None


def cached_files(cache: Path, digest: str) -> dict[str, Path] | None:
    """Relative path -> path in the cache of the files of the folder `digest`; None if any is missing, or there are none."""
    files = {name: cached(cache, md5) for name, md5 in (listing(cache, digest) or {}).items()}
    return files if files and all(file.is_file() for file in files.values()) else None


def fetch_folder(digest: str, root: Path) -> dict[str, Path]:
    """Fetch the missing files of the folder `digest` from the default remote, and return `cached_files`.

    Raises:
        UserError: `root` is no DVC repository.
        NotCached: neither the cache nor the remote has all files.
    """
    if not is_digest(digest):
        raise NotCached("its hash is none of DVC's")
    repo = _repo(root)  # imports DVC, which takes a second
    from dvc.config import NoRemoteError
    from dvc_data.hashfile.hash_info import HashInfo

    cache, why = Path(repo.cache.local.path), "which lacks them"
    try:
        if listing(cache, digest) is None:
            repo.cloud.pull([HashInfo("md5", digest)])  # the list of files; the files follow below
        missing = [md5 for md5 in (listing(cache, digest) or {}).values() if not cached(cache, md5).is_file()]
        if missing:
            repo.cloud.pull([HashInfo("md5", md5) for md5 in missing])
    except NoRemoteError:
        why = "none is set up"
    except Exception as problem:  # each kind of remote raises its own exceptions
        why = str(problem).partition("\n")[0] or type(problem).__name__
    files = cached_files(cache, digest)
    if files is None:
        raise NotCached(why)
    return files


def files_that_differ(one: str, other: str, cache: Path, other_cache: Path) -> list[str]:
    """Sorted names of the files in which the folders with hashes `one` and `other` differ; empty if a cache lacks the list of either."""
    before, after = listing(cache, one), listing(other_cache, other)
    if before is None or after is None:
        return []
    return [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]


def _repo(root: Path) -> Repo:
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)  # the caller reports what is missing
    try:
        return Repo(str(root))
    except DvcException as problem:
        raise UserError(str(problem)) from None
