"""Atomic writes: a file or folder appears under its name once it is complete. If writing fails, the previous content stays.

The temporary file or folder is beside the target, under a random name. It is created exclusively (a symbolic link is never followed) with
the permissions of the umask, and locked while its writer runs. If the writer is killed, the next writer in the same parent folder removes
it.
"""

import contextlib
import csv
import errno
import fcntl
import functools
import io
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.system.terminal import human_bytes

_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}\.partial")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_OF_NAME = {errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.ENOTDIR, errno.EISDIR, errno.EEXIST}


class RefusedName(UserError):
    """The file system does not take this name: too long, of letters that it has not, or taken by a folder. Others can be written."""


@contextlib.contextmanager
def atomic_path(path: Path, *, sync: bool = False) -> Iterator[Path]:
    """Yield the path of a new, empty file; at the end of the block it is renamed to `path`. Creates the parent folder.

    sync: flush to the disk before the rename, so that a power cut cannot leave an empty file under the name. Raises OSError.
    """
    with _temporary(path, folder=False) as (temporary, lock):
        yield temporary
        if sync:
            os.fsync(lock)
        temporary.replace(path)


@contextlib.contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a new, empty folder; at the end of the block it replaces the folder `path`, if there is one. Raises OSError."""
    replaced = _temporary_name(path)
    try:
        with _temporary(path, folder=True) as (temporary, _):
            yield temporary
            if os.path.lexists(path):
                path.replace(replaced)
            temporary.replace(path)
    except BaseException:
        if os.path.lexists(replaced):
            replaced.replace(path)
        raise
    _remove(replaced)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically. Raises OSError, as do the other write functions."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8 atomically; line ends are not converted. Bytes of a file name that are no UTF-8 become `\\udc..`."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_json(path: Path, content: object) -> None:
    """Write `content` as indented JSON atomically."""
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write `csv_text(rows)` atomically."""
    write_text(path, csv_text(rows))


def csv_text(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows as CSV. All have the keys of the first, which are the header; there is at least one row.

    A text that a spreadsheet would take for a formula, such as a file named `=1+1.png`, gets an apostrophe in front.
    """
    text = io.StringIO()
    table = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows({key: _as_text(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


def _as_text(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


@contextlib.contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Context manager for a block that writes `path`: an OSError becomes a UserError.

    It has the reason: a full disk, quota or size limit with the free space, else the system's. A RefusedName where other names could be
    written.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            kind = RefusedName if error.errno in _OF_NAME else UserError
            raise kind(f"{path}: cannot be written: {error.strerror or error}. Check the folder's rights and the file's name.") from error
        try:
            free = f"{human_bytes(shutil.disk_usage(path if path.is_dir() else path.parent).free)} free on its disk"
        except OSError:
            free = "free space unknown"
        way_out = "Make room, or raise the quota or file-size limit, then run the same command again."
        raise UserError(f"{path}: no room left to write it ({error.strerror}; {free}). {way_out}") from error


def _temporary_name(path: Path) -> Path:
    return path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.partial")


@contextlib.contextmanager
def _temporary(path: Path, *, folder: bool) -> Iterator[tuple[Path, int]]:
    """Yield a temporary file or folder beside `path`, and the open descriptor that holds its lock. Removes it if the block fails."""
    temporary, lock = _create(path, folder=folder)
    try:
        yield temporary, lock
    except BaseException:
        with contextlib.suppress(OSError):
            _remove(temporary)
        raise
    finally:
        os.close(lock)


def _create(path: Path, *, folder: bool) -> tuple[Path, int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(path.parent.absolute())
    while True:
        temporary = _temporary_name(path)
        try:
            if folder:
                temporary.mkdir()
            descriptor = os.open(temporary, os.O_RDONLY if folder else os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        except OSError as error:
            error.filename = str(path)
            raise
        with contextlib.suppress(OSError):  # some network file systems cannot lock folders
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.path.lexists(temporary):  # else another process removed it as abandoned before it was locked
            return temporary, descriptor
        os.close(descriptor)


@functools.lru_cache(maxsize=256)
def _remove_abandoned(parent: Path) -> None:
    """Remove temporary files and folders whose writers were killed; runs once for each parent folder and process."""
    with contextlib.suppress(OSError):
        for entry in [entry for entry in os.scandir(parent) if _TEMPORARY.fullmatch(entry.name)]:
            with contextlib.suppress(OSError):
                descriptor = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    _remove(Path(entry.path))
                finally:
                    os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
