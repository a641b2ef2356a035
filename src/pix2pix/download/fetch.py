"""Fetch one file, over HTTP or from this disk, atomically."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from pix2pix.download.partial_download import CHUNK, InvalidDownload, PartialDownload, Wanted
from pix2pix.download.transfer import Session, Tag, TryAgain, receive
from pix2pix.errors import UserError
from pix2pix.system.addresses import parse, redacted

_UNREACHED_SECONDS = 6.0  # for which a server that never answered is tried: without a network, all mirrors fail within half a minute
_MAX_REDIRECTS = 10
_PROGRESS_BYTES = 1 << 20  # a try that gets this much further than all before it starts the count of retries again
_ANY = Wanted()


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


def download(url: str, target: Path, wanted: Wanted = _ANY) -> Fetched:
    """Fetch `url` (http, https, file, or a plain path) to the file `target`, atomically, once everything is checked.

    Raises DownloadError (a UserError) with the address and the reason, and UserError for a disk error.
    """
    remote, partial = parse(url).scheme.lower() in ("http", "https"), wanted.partial
    part = target.with_name(target.name + ".part") if partial is None else partial
    note = None if partial is None else partial.with_name(partial.name + ".json")
    unfinished = PartialDownload(part, wanted, label=target.name, verb="the server answered with" if remote else "it is")
    try:
        with unfinished:
            if remote:
                _receive_all(Tag(url, note), unfinished, wanted)
            else:
                _copy(local_path(url) or Path(url), unfinished)
            size, digest = unfinished.finish(target)
    except InvalidDownload as error:
        raise DownloadError(url, str(error)) from error
    finally:
        if note is not None and not part.exists():
            note.unlink(missing_ok=True)
    return Fetched(size, digest, redacted(url))


def download_first(urls: Sequence[str], target: Path, wanted: Wanted = _ANY, *, way_out: str) -> Fetched:
    """Fetch the file from the first of several mirrors that has it.

    Raises one UserError that lists every mirror with its reason and ends with `way_out`, or at once a UserError for a disk error.
    """
    reasons: list[str] = []
    unknown: set[str | None] = set()
    for url in urls:
        host = parse(url).hostname
        if host in unknown:
            reasons.append(f"{redacted(url)}: the same unknown host")
            continue
        kept = wanted.partial  # one file per mirror: the bytes of two mirrors must not mix
        own = kept and kept.with_name(f"{kept.name}-{hashlib.sha256(url.encode()).hexdigest()[:8]}")
        try:
            return download(url, target, replace(wanted, partial=own))
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


def _receive_all(tag: Tag, partial: PartialDownload, wanted: Wanted) -> None:
    """Request until the file is complete; at most `wanted.retries` further tries in a row without progress."""
    tag.recall()
    reached, tries, furthest, began = False, 0, partial.received, time.monotonic()
    with Session() as session:
        session.max_redirects = _MAX_REDIRECTS
        while True:
            try:
                return receive(session, partial, tag, timeout=wanted.timeout)
            except TryAgain as error:
                reached = reached or error.reached
                if partial.received >= furthest + _PROGRESS_BYTES:
                    furthest, tries = partial.received, 0
                wait = max(wanted.backoff * 2**tries, error.wait)
                silent = not reached and time.monotonic() - began + wait > _UNREACHED_SECONDS
                if tries >= wanted.retries or error.unknown_host or silent:
                    raise DownloadError(tag.url, str(error), unknown_host=error.unknown_host) from error
            tries += 1
            time.sleep(wait)
