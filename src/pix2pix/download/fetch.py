"""Fetch one file, over HTTP or from this disk, atomically."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, Unpack
from urllib.parse import unquote

from pix2pix.download.partial_download import CHUNK, InvalidDownload, PartialDownload, Rules
from pix2pix.download.transfer import Session, Tag, TryAgain, receive
from pix2pix.errors import UserError
from pix2pix.system.addresses import parse, redacted

_UNREACHED_SECONDS = 6.0  # for which a server that never answered is tried: without a network, all mirrors fail within half a minute
_MAX_REDIRECTS = 10
_PROGRESS_BYTES = 1 << 20  # a try that gets this much further than all before it starts the count of retries again


@dataclass(frozen=True)
class Fetched:
    """The file: its size, its SHA-256 in hex, and its address, redacted."""

    bytes: int
    sha256: str
    url: str


class DownloadError(UserError):
    """An address that could not be fetched. `reason`: the message without address and advice, for a list of mirrors."""

    def __init__(self, url: str, reason: str, *, unknown_host: bool = False) -> None:
        super().__init__(f"{redacted(url)}: {reason}. Check the address, or take the file from elsewhere and name it as the source.")
        self.reason, self.unknown_host = reason, unknown_host


def local_path(source: str) -> Path | None:
    """The path that a `file://` address names; None for any other source. Raises UserError where it names another machine."""
    parts = parse(source)
    if parts.scheme.lower() != "file":
        return None
    if parts.netloc not in ("", "localhost"):
        host = parts.netloc.rpartition("@")[2]
        raise UserError(f"{redacted(source)}: names the machine {host!r}; a file on this one is written file:///{host}{parts.path}")
    return Path(unquote(parts.path))


def download(
    url: str,
    target: Path,
    *,
    expected_bytes: int | None = None,
    sha256: str | None = None,
    timeout: float = 20.0,
    retries: int = 4,
    backoff: float = 1.0,
    partial: Path | None = None,
    progress: bool = True,
    max_bytes: int = 1 << 40,
    archive: bool = True,
) -> Fetched:
    """Fetch `url` (http, https, file, or a plain path) to the file `target`, atomically, once everything is checked.

    expected_bytes, sha256: checked when given. timeout: seconds without a byte before a try fails. retries: further tries after a
    broken or refused connection, a stall, 5xx or 429, `backoff` * 1, 2, 4, ... seconds apart; a broken transfer is resumed.
    partial: file that keeps an unfinished download, for a later call to resume; None: nothing is kept. archive: whether the file must
    begin like a tar, gzip or zip.
    Raises DownloadError (a UserError) with the address and the reason, and UserError for a disk error.
    """
    remote = parse(url).scheme.lower() in ("http", "https")
    rules = Rules(expected_bytes, sha256, max_bytes, archive)
    part = target.with_name(target.name + ".part") if partial is None else partial
    note = None if partial is None else partial.with_name(partial.name + ".json")
    verb = "the server answered with" if remote else "it is"
    unfinished = PartialDownload(part, rules, keep=partial is not None, label=target.name, progress=progress, verb=verb)
    try:
        with unfinished:
            if remote:
                _receive_all(Tag(url, note), unfinished, timeout=timeout, retries=retries, backoff=backoff)
            else:
                _copy(local_path(url) or Path(url), unfinished)
            size, digest = unfinished.finish(target)
    except InvalidDownload as error:
        raise DownloadError(url, str(error)) from error
    finally:
        if note is not None and not part.exists():
            note.unlink(missing_ok=True)
    return Fetched(size, digest, redacted(url))


class Settings(TypedDict, total=False):
    """The keyword arguments of `download`."""

    expected_bytes: int | None
    sha256: str | None
    timeout: float
    retries: int
    backoff: float
    partial: Path | None
    progress: bool
    max_bytes: int
    archive: bool


def download_first(urls: Sequence[str], target: Path, *, way_out: str, **settings: Unpack[Settings]) -> Fetched:
    """Fetch the file from the first of several mirrors that has it. `settings`: as for `download`.

    Raises one UserError that lists every mirror with its reason and ends with `way_out`, or at once a UserError for a disk error.
    """
    reasons: list[str] = []
    unknown: set[str | None] = set()
    partial = settings.get("partial")
    for url in urls:
        host = parse(url).hostname
        if host in unknown:
            reasons.append(f"{redacted(url)}: the same unknown host")
            continue
        if partial is not None:  # one file per mirror: the bytes of two mirrors must not mix
            settings["partial"] = partial.with_name(f"{partial.name}-{hashlib.sha256(url.encode()).hexdigest()[:8]}")
        try:
            return download(url, target, **settings)
        except DownloadError as error:
            reasons.append(f"{redacted(url)}: {error.reason}")
            if error.unknown_host:
                unknown.add(host)
    tried = "\n".join(f"  {reason}" for reason in reasons)
    raise UserError(f"{target.name} could not be downloaded:\n{tried}\n{way_out}")


def _copy(path: Path, partial: PartialDownload) -> None:
    """Copy a file of this disk, with the same checks."""
    partial.restart()
    try:
        if not path.is_file():
            raise InvalidDownload("it is a folder, not an archive" if path.is_dir() else "there is no such file")
        size = path.stat().st_size
        with path.open("rb") as source:
            partial.expect(size)
            while chunk := source.read(CHUNK):
                partial.write(chunk)
    except OSError as error:
        raise InvalidDownload(f"it cannot be read ({error.strerror or error})") from error
    if partial.received != size:
        raise InvalidDownload("it changed its size while it was read")


def _receive_all(tag: Tag, partial: PartialDownload, *, timeout: float, retries: int, backoff: float) -> None:
    """Request until the file is complete; at most `retries` further tries in a row without progress."""
    tag.recall()
    reached, tries, furthest, began = False, 0, partial.received, time.monotonic()
    with Session() as session:
        session.max_redirects = _MAX_REDIRECTS
        while True:
            try:
                return receive(session, partial, tag, timeout=timeout)
            except TryAgain as error:
                reached = reached or error.reached
                if partial.received >= furthest + _PROGRESS_BYTES:
                    furthest, tries = partial.received, 0
                wait = max(backoff * 2**tries, error.wait)
                silent = not reached and time.monotonic() - began + wait > _UNREACHED_SECONDS
                if tries >= retries or error.unknown_host or silent:
                    raise DownloadError(tag.url, str(error), unknown_host=error.unknown_host) from error
            tries += 1
            time.sleep(wait)
