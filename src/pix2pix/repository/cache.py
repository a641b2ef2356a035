"""Folders in DVC's cache, by DVC's hash: nothing is checked out, and the workspace stays as it is."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.errors import UserError

if TYPE_CHECKING:
    from dvc.repo import Repo


class NotCached(Exception):
    """Neither the cache nor the default remote has all of a folder; the text says what the remote is at fault for."""


def cache_of(root: Path) -> Path:
    """DVC's cache of the repository at `root`, wherever its configuration puts it."""
    try:
        return Path(_repo(root).cache.local.path)
    except UserError:
        return root / ".dvc" / "cache" / "files" / "md5"


def cached(cache: Path, digest: str) -> Path:
    """Where a DVC cache keeps what has this hash."""
    return cache / digest[:2] / digest[2:]


def listing(cache: Path, digest: str) -> dict[str, str] | None:
    """Relative path -> MD5 of the files of a folder (`<md5>.dir`); None where it is no folder, or the cache lacks its list."""
    try:
        entries = json.loads(cached(cache, digest).read_text(encoding="utf-8")) if digest.endswith(".dir") else None
    except FileNotFoundError:
        return None
    return None if entries is None else {str(entry["relpath"]): str(entry["md5"]) for entry in entries}


def cached_files(cache: Path, digest: str) -> dict[str, Path] | None:
    """Relative path -> file in the cache of a folder; None where the cache lacks any."""
    files = {name: cached(cache, md5) for name, md5 in (listing(cache, digest) or {}).items()}
    return files if files and all(file.is_file() for file in files.values()) else None


def fetch_folder(digest: str, root: Path) -> dict[str, Path]:
    """`cached_files`, after what is missing was fetched from the default remote.

    Raises:
        UserError: `root` is no repository of DVC.
        NotCached: the files are in neither.
    """
    repo = _repo(root)  # DVC takes a second to import
    from dvc.config import NoRemoteError
    from dvc_data.hashfile.hash_info import HashInfo

    cache, why = Path(repo.cache.local.path), "which lacks them"
    try:
        if listing(cache, digest) is None:
            repo.cloud.pull([HashInfo("md5", digest)])  # the list of files, then the files
        missing = [md5 for md5 in (listing(cache, digest) or {}).values() if not cached(cache, md5).is_file()]
        if missing:
            repo.cloud.pull([HashInfo("md5", md5) for md5 in missing])
    except NoRemoteError:
        why = "none is set up"
    except Exception as problem:  # a remote can fail in any way, down to its network
        why = str(problem).partition("\n")[0] or type(problem).__name__
    files = cached_files(cache, digest)
    if files is None:
        raise NotCached(why)
    return files


def files_that_differ(one: str, other: str, cache: Path, other_cache: Path) -> list[str]:
    """Names of the files in which two folders of these hashes differ; none where one of the two caches does not know its list."""
    before, after = listing(cache, one), listing(other_cache, other)
    if before is None or after is None:
        return []
    return [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]


def _repo(root: Path) -> Repo:
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)  # what is missing is reported once, by the caller
    try:
        return Repo(str(root))
    except DvcException as problem:
        raise UserError(str(problem)) from None
