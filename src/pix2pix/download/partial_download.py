"""A partial download: a file that is counted, hashed and checked while it grows, and moved to its target when it is complete."""

import contextlib
import errno
import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from tqdm import tqdm

from pix2pix.data.archive_type import HEAD_BYTES, archive_type, describe
from pix2pix.system.atomic_write import atomic_path, write_errors
from pix2pix.system.terminal import byte_bar, human_bytes

CHUNK = 1 << 20


class InvalidDownload(Exception):
    """The content is not what was requested, and a retry would give the same. The message is the reason."""


@dataclass(frozen=True)
class Wanted:
    """What the file must be, and how it is fetched.

    expected_bytes, sha256: None where unknown. max_bytes: the largest size accepted. archive: it must begin like a tar, gzip or zip.
    timeout: seconds without a byte before a try fails. retries: further tries after a broken or refused connection, a stall, 5xx or 429,
    `backoff` * 1, 2, 4, ... seconds apart; a broken transfer is resumed. partial: file that keeps an unfinished download, for a later call
    to resume; None: nothing is kept. progress: whether a bar is shown.
    """

    expected_bytes: int | None = None
    sha256: str | None = None
    max_bytes: int = 1 << 40
    archive: bool = True
    timeout: float = 20.0
    retries: int = 4
    backoff: float = 1.0
    partial: Path | None = None
    progress: bool = True


class PartialDownload:
    """Context manager of the unfinished file `part`. On exit it is removed, unless it is to be kept and can be resumed."""

    def __init__(self, part: Path, wanted: Wanted, *, label: str, verb: str) -> None:
        self.part = part
        self.received = 0
        self._wanted, self._keep, self._verb = wanted, wanted.partial is not None, verb  # verb: as in 'the server answered with a web page'
        self._hash = hashlib.sha256()
        self._head = b""
        self._total: int | None = None
        self._label = label
        self._bar: tqdm[Any] | None = None  # created with the first byte: a download that never starts shows no bar

    def __enter__(self) -> "PartialDownload":
        with write_errors(self.part):
            self.part.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._open()
            while chunk := self._file.read(CHUNK):
                self._count(chunk)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.close()
        with contextlib.suppress(OSError):  # on a full disk the last flush fails too, and its error is raised already
            self._file.close()
        if not (self._keep and self.received) or isinstance(error, InvalidDownload):
            self.part.unlink(missing_ok=True)

    def _open(self) -> IO[bytes]:
        """The file that an earlier call kept, or a new one. Raises OSError for a symbolic link, which may lead anywhere."""
        if not self._keep:
            self.part.unlink(missing_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | (0 if self._keep else os.O_EXCL)
        return os.fdopen(os.open(self.part, flags, 0o666), "r+b")

    def restart(self) -> None:
        """Discard what was received: the next byte is the file's first."""
        with write_errors(self.part):
            self._file.seek(0)
            self._file.truncate()
        self.received, self._head, self._hash = 0, b"", hashlib.sha256()
        if self._bar is not None:
            self._bar.n = self._bar.last_print_n = 0

    def expect(self, total: int | None) -> None:
        """Set the size that the server announces (None: not announced); checked against what is wanted with the first bytes."""
        self._total = total
        if self._bar is not None:
            self._bar.total = total

    def is_short(self) -> bool:
        """Whether fewer bytes were received than announced or expected. Raises InvalidDownload where the first bytes are wrong."""
        if len(self._head) < HEAD_BYTES:
            self._check_head()
        whole = self._wanted.expected_bytes if self._total is None else self._total
        return whole is not None and self.received < whole

    def write(self, chunk: bytes) -> None:
        """Append bytes. Raises InvalidDownload as soon as they cannot be the file requested, UserError for a disk error."""
        unchecked = len(self._head) < HEAD_BYTES
        with write_errors(self.part):
            self._file.write(chunk)
        self._count(chunk)
        if unchecked and len(self._head) == HEAD_BYTES:
            self._check_head()
        if self.received > self._wanted.max_bytes:
            raise InvalidDownload(f"it is larger than the limit of {human_bytes(self._wanted.max_bytes)}")

    def finish(self, target: Path) -> tuple[int, str]:
        """Check the file, move it to `target`; returns its size in bytes and SHA-256 in hex. Raises InvalidDownload, UserError."""
        if len(self._head) < HEAD_BYTES:
            self._check_head()  # a file shorter than HEAD_BYTES was not checked yet
        expected, digest = self._wanted.expected_bytes, self._hash.hexdigest()
        if expected is not None and self.received != expected:
            raise InvalidDownload(f"{self.received} bytes came, {expected} were expected")
        if self._wanted.sha256 is not None and digest != self._wanted.sha256.lower():
            raise InvalidDownload(f"its SHA-256 is {digest}, {self._wanted.sha256.lower()} was expected: it is another file, or damaged")
        with write_errors(target):
            self._file.close()
            _move(self.part, target)
        return self.received, digest

    def _count(self, chunk: bytes) -> None:
        if len(self._head) < HEAD_BYTES:
            self._head = (self._head + chunk[:HEAD_BYTES])[:HEAD_BYTES]
        self._hash.update(chunk)
        self.received += len(chunk)
        if self._bar is None:
            self._bar = byte_bar(self._label, self._total, show=self._wanted.progress)
        self._bar.update(len(chunk))

    def _check_head(self) -> None:
        if self._wanted.archive and archive_type(self._head) is None:
            raise InvalidDownload(f"{self._verb} {describe(self._head)}, where a tar, tar.gz or zip archive was expected")
        expected, total = self._wanted.expected_bytes, self._total
        if expected is not None and total is not None and total != expected:
            raise InvalidDownload(f"{total} bytes are offered, {expected} were expected")
        if total is not None and total > self._wanted.max_bytes:
            raise InvalidDownload(f"it is {human_bytes(total)}, larger than the limit of {human_bytes(self._wanted.max_bytes)}")


def _move(part: Path, target: Path) -> None:
    """Rename atomically, also across file systems."""
    try:
        part.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with atomic_path(target) as temporary:
            shutil.copyfile(part, temporary)
        part.unlink()
