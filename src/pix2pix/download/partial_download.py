"""Where a file lies while it is still coming in: beside its target, counted, hashed and checked, and moved there only when it is whole."""

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


class Refused(Exception):
    """What arrives is not what was asked for, and asking again would bring the same. The message is the reason."""


@dataclass(frozen=True)
class Rules:
    """What the file must be.

    expected_bytes, sha256: None where unknown. max_bytes: no file is larger. archive: its first bytes must be those of a tar, gzip or zip.
    """

    expected_bytes: int | None = None
    sha256: str | None = None
    max_bytes: int = 1 << 40
    archive: bool = True


class Landing:
    """The unfinished file `part`, used as a context: on the way out it is removed, unless `keep` and something in it is worth resuming."""

    def __init__(self, part: Path, rules: Rules, *, keep: bool, label: str, progress: bool, verb: str) -> None:
        self.part = part
        self.received = 0
        self._rules, self._keep, self._verb = rules, keep, verb  # verb: what messages put before 'a web page'
        self._hash = hashlib.sha256()
        self._head = b""
        self._total: int | None = None
        self._label, self._progress = label, progress
        self._bar: tqdm[Any] | None = None  # begins with the first byte: where nothing arrives, the error says it all

    def __enter__(self) -> "Landing":
        with write_errors(self.part):
            self.part.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._open()
            while chunk := self._file.read(CHUNK):
                self._count(chunk)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.close()
        with contextlib.suppress(OSError):  # a full disk can also refuse the last flush; the error on its way out tells of it
            self._file.close()
        if not (self._keep and self.received) or isinstance(error, Refused):
            self.part.unlink(missing_ok=True)

    def _open(self) -> IO[bytes]:
        """What an earlier call kept, or a new file. Raises OSError where a link lies under the name: it may lead anywhere."""
        if not self._keep:
            self.part.unlink(missing_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | (0 if self._keep else os.O_EXCL)
        return os.fdopen(os.open(self.part, flags, 0o666), "r+b")

    def restart(self) -> None:
        """Forget what has arrived: the next byte is the file's first."""
        with write_errors(self.part):
            self._file.seek(0)
            self._file.truncate()
        self.received, self._head, self._hash = 0, b"", hashlib.sha256()
        if self._bar is not None:
            self._bar.n = self._bar.last_print_n = 0

    def expect(self, total: int | None) -> None:
        """The whole file's size as its sender announces it (None: not announced); held against the rules once the first bytes are in."""
        self._total = total
        if self._bar is not None:
            self._bar.total = total

    def is_short(self) -> bool:
        """Whether fewer bytes are here than were announced or expected. Raises Refused where those few already are the wrong thing."""
        if len(self._head) < HEAD_BYTES:
            self._check_head()
        whole = self._rules.expected_bytes if self._total is None else self._total
        return whole is not None and self.received < whole

    def write(self, chunk: bytes) -> None:
        """Append bytes. Raises Refused as soon as they cannot be the file that was asked for, UserError when the disk refuses them."""
        unchecked = len(self._head) < HEAD_BYTES
        with write_errors(self.part):
            self._file.write(chunk)
        self._count(chunk)
        if unchecked and len(self._head) == HEAD_BYTES:
            self._check_head()
        if self.received > self._rules.max_bytes:
            raise Refused(f"it is larger than the limit of {human_bytes(self._rules.max_bytes)}")

    def finish(self, target: Path) -> tuple[int, str]:
        """Check the whole file, move it to `target`, and return its size in bytes and its SHA-256 (hex). Raises Refused, UserError."""
        if len(self._head) < HEAD_BYTES:
            self._check_head()  # a file shorter than one head is checked only now
        expected, digest = self._rules.expected_bytes, self._hash.hexdigest()
        if expected is not None and self.received != expected:
            raise Refused(f"{self.received} bytes came, {expected} were expected")
        if self._rules.sha256 is not None and digest != self._rules.sha256.lower():
            raise Refused(f"its SHA-256 is {digest}, {self._rules.sha256.lower()} was expected: it is another file, or damaged")
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
            self._bar = byte_bar(self._label, self._total, show=self._progress)
        self._bar.update(len(chunk))

    def _check_head(self) -> None:
        if self._rules.archive and archive_type(self._head) is None:
            raise Refused(f"{self._verb} {describe(self._head)}, where a tar, tar.gz or zip archive was expected")
        expected, total = self._rules.expected_bytes, self._total
        if expected is not None and total is not None and total != expected:
            raise Refused(f"{total} bytes are offered, {expected} were expected")
        if total is not None and total > self._rules.max_bytes:
            raise Refused(f"it is {human_bytes(total)}, larger than the limit of {human_bytes(self._rules.max_bytes)}")


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
