"""An unfinished download: a file that is checked while it grows, resumed after a broken connection, and moved to its target when whole."""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from http import HTTPStatus
from io import BufferedRandom
from pathlib import Path
from typing import Any, Self

import requests
import urllib3
from tqdm import tqdm

from pix2pix.data.archive_type import HEAD_BYTES, archive_type, describe
from pix2pix.download.http import InvalidDownload, Session, TryAgain, chunks, cut, explained
from pix2pix.errors import UserError
from pix2pix.system.atomic_write import write_errors, write_json
from pix2pix.system.terminal import byte_bar, human_bytes

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Wanted:
    """What the file must be, and how it is fetched.

    expected_bytes, sha256: None where unknown. max_bytes: the largest size accepted. archive: it must begin like a tar, gzip or zip.
    timeout: seconds without a byte before a try fails. retries: further tries after a broken or refused connection, a stall, 5xx or 429,
    `backoff` * 1, 2, 4, ... seconds apart; a broken transfer is resumed. keep_in: folder of unfinished downloads, to be resumed later;
    None: none. progress: whether a bar is shown.
    """

    expected_bytes: int | None = None
    sha256: str | None = None
    max_bytes: int = 1 << 40
    archive: bool = True
    timeout: float = 20.0
    retries: int = 4
    backoff: float = 1.0
    keep_in: Path | None = None
    progress: bool = True


class PartialDownload:
    """The unfinished file `part`, of which `received` bytes are there; a context manager that removes it, unless it can be resumed.

    Its version, known by `validator` (a strong ETag or a time) and `total` (its size), is noted beside a file that is kept.
    """

    def __init__(self, url: str, target: Path, wanted: Wanted, *, verb: str) -> None:
        self.url, self.target, self.wanted = url, target, wanted
        self._verb = verb  # as in 'the server answered with a web page'
        self.part, self.kept = target.with_name(f"{target.name}.part"), False
        self.validator: str | None = None
        self.total: int | None = None
        self._checked = False
        self._bar: tqdm[Any] | None = None  # created with the first byte: a download that never starts shows no bar

    def __enter__(self) -> Self:
        self._file = (self._kept_file(self.wanted.keep_in) if self.wanted.keep_in else None) or self._new_file()
        self.received = self._file.seek(0, os.SEEK_END)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._bar is not None:
            self._bar.close()
        if error is not None and (isinstance(error, InvalidDownload) or not (self.kept and self.received)):
            self.part.unlink(missing_ok=True)
            self._note.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # on a full disk the last flush fails too, and its error is raised already
            self._file.close()
        if self.kept:
            with contextlib.suppress(OSError):
                self.part.parent.rmdir()  # succeeds only where it is empty

    def _kept_file(self, folder: Path) -> BufferedRandom | None:
        """What an earlier call kept in `folder`, or a new file to keep, locked; None where another process interferes."""
        digest = hashlib.sha256(self.url.encode()).hexdigest()[:8]  # one file for each address: bytes of two mirrors must not mix
        path = folder / f"{self.target.name[:40]}-{digest}"
        with write_errors(path):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666), "r+b")
            except (FileNotFoundError, FileExistsError):
                return None  # another process has just removed the folder, as it was empty
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.kept = os.path.samestat(os.fstat(file.fileno()), path.stat())  # else another process has completed it meanwhile
        except OSError:
            self.kept = False
        if not self.kept:
            file.close()
            return None
        self.part = path
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # without the note it starts from the beginning
            known = json.loads(self._note.read_text())
            self.validator, self.total = known["validator"], known["total"]
        return file

    def _new_file(self) -> BufferedRandom:
        with write_errors(self.part):
            self.part.unlink(missing_ok=True)
            return os.fdopen(os.open(self.part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666), "r+b")

    @property
    def _note(self) -> Path:
        return self.part.with_name(f"{self.part.name}.json")

    def copy(self, path: Path) -> None:
        """Copy a file of this disk. Raises InvalidDownload."""
        try:
            if not path.is_file():
                raise InvalidDownload("it is a folder, not an archive" if path.is_dir() else "there is no such file")
            with path.open("rb") as source:
                self._begin(None, os.fstat(source.fileno()).st_size)
                while chunk := source.read(_CHUNK):
                    self._write(chunk)
        except OSError as error:
            raise InvalidDownload(f"it cannot be read ({error.strerror or error})") from error
        if self.received != self.total:
            raise InvalidDownload("it changed its size while it was read")

    def request(self, session: Session) -> None:
        """Request what is missing, over HTTP. Raises TryAgain, InvalidDownload, UserError (the disk).

        A continuation is requested with Range and If-Range (RFC 9110, 13.1.5 and 14.2), so that a file that has changed is sent from its
        beginning. A server that ignores both sends 200, and the download starts again.
        """
        resume = {"Range": f"bytes={self.received}-", "If-Range": self.validator} if self.received and self.validator else {}
        try:
            with session.ask(self.url, self.wanted.timeout, resume) as response:
                answer = response.headers
                if response.status_code == HTTPStatus.OK:
                    etag, size = answer.get("ETag"), answer.get("Content-Length", "")
                    strong = etag and not etag.startswith("W/")  # a weak one does not promise the same bytes
                    self._begin(etag if strong else answer.get("Last-Modified"), int(size) if re.fullmatch("[0-9]{1,18}", size) else None)
                else:
                    span = re.fullmatch(rf"bytes {self.received}-[0-9]+/([0-9]+|\*)", answer.get("Content-Range", "").strip())
                    if span is None or (self.total is not None and span[1] not in ("*", str(self.total))):
                        self._begin(None, None)  # anything else would join parts of two files
                        raise TryAgain("the server sent another part of the file than was asked for")
                    self.total = self.total if span[1] == "*" else int(span[1])
                for chunk in chunks(response, self.wanted.timeout):
                    self._write(chunk)
            self._check()
            whole = self.wanted.expected_bytes if self.total is None else self.total
            if whole is not None and self.received < whole:
                raise cut(self.received, self.total, "fewer bytes than announced or expected")
        except (InvalidDownload, TryAgain, UserError):
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise explained(error, self.url, self.received, self.total) from error

    def _begin(self, validator: str | None, total: int | None) -> None:
        """Discard what was received: the next byte is the first of a file of this version."""
        with write_errors(self.part):
            self._file.seek(0)
            self._file.truncate()
        self.received, self._checked, self.validator, self.total = 0, False, validator, total
        if self._bar is not None:
            self._bar.n, self._bar.total = 0, total
        if self.kept:
            with contextlib.suppress(OSError):
                write_json(self._note, {"total": total, "validator": validator})

    def _write(self, chunk: bytes) -> None:
        """Append bytes. Raises InvalidDownload as soon as they cannot be the file requested, UserError for a disk error."""
        with write_errors(self.part):
            self._file.write(chunk)
        self.received += len(chunk)
        if self._bar is None:
            self._bar = byte_bar(self.target.name, self.total, show=self.wanted.progress)
            self._bar.update(self.received - len(chunk))
        self._bar.update(len(chunk))
        if self.received >= HEAD_BYTES:
            self._check()
        if self.received > self.wanted.max_bytes:
            raise InvalidDownload(f"it is larger than the limit of {human_bytes(self.wanted.max_bytes)}")

    def _check(self) -> None:
        """Check the first bytes, once, and the announced size. Raises InvalidDownload."""
        if self._checked:
            return
        with write_errors(self.part):
            self._file.seek(0)
            head = self._file.read(HEAD_BYTES)
            self._file.seek(0, os.SEEK_END)
        if self.wanted.archive and archive_type(head) is None:
            raise InvalidDownload(f"{self._verb} {describe(head)}, where a tar, tar.gz or zip archive was expected")
        expected, total = self.wanted.expected_bytes, self.total
        if expected is not None and total is not None and total != expected:
            raise InvalidDownload(f"{total} bytes are offered, {expected} were expected")
        if total is not None and total > self.wanted.max_bytes:
            raise InvalidDownload(f"it is {human_bytes(total)}, larger than the limit of {human_bytes(self.wanted.max_bytes)}")
        self._checked = True

    def finish(self) -> None:
        """Check the whole file and move it to the target. Raises InvalidDownload, UserError."""
        self._check()
        expected, sha256 = self.wanted.expected_bytes, (self.wanted.sha256 or "").lower()
        if expected is not None and self.received != expected:
            raise InvalidDownload(f"{self.received} bytes came, {expected} were expected")
        with write_errors(self.target):
            self._file.flush()
            self._file.seek(0)
            if sha256 and (found := hashlib.file_digest(self._file, "sha256").hexdigest()) != sha256:
                raise InvalidDownload(f"its SHA-256 is {found}, {sha256} was expected: it is another file, or damaged")
            self._note.unlink(missing_ok=True)
            shutil.move(self.part, self.target)
