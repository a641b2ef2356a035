"""Fetch one file, over HTTP or from this disk, atomically."""

import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from pix2pix.download.http import InvalidDownload, Session, TryAgain
from pix2pix.download.partial_download import PartialDownload, Wanted
from pix2pix.errors import UserError
from pix2pix.system.addresses import parse, redacted

_UNREACHED_SECONDS = 6.0  # for which a server that never answered is tried: without a network, all mirrors fail within half a minute
_PROGRESS_BYTES = 1 << 20  # a try that gets this much further than all before it starts the count of retries again
_ANY = Wanted()


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


def download(url: str, target: Path, wanted: Wanted = _ANY) -> None:
    """Fetch `url` (http, https, file, or a plain path) to the file `target`, atomically, once everything is checked.

    Raises DownloadError (a UserError) with the address and the reason, and UserError for a disk error.
    """
    remote = parse(url).scheme.lower() in ("http", "https")
    try:
        with PartialDownload(url, target, wanted, verb="the server answered with" if remote else "it is") as unfinished:
            if remote:
                _request_all(unfinished)
            else:
                unfinished.copy(local_path(url) or Path(url))
            unfinished.finish()
    except InvalidDownload as error:
        raise DownloadError(url, str(error)) from error


def download_first(urls: Sequence[str], target: Path, wanted: Wanted = _ANY, *, way_out: str) -> str:
    """Fetch the file from the first of several mirrors that has it; returns its address, redacted.

    Raises one UserError that lists every mirror with its reason and ends with `way_out`, or at once a UserError for a disk error.
    """
    reasons: list[str] = []
    unknown: set[str | None] = set()
    for url in urls:
        host = parse(url).hostname
        if host in unknown:
            reasons.append("the same unknown host")
            continue
        try:
            download(url, target, wanted)
            return redacted(url)
        except DownloadError as error:
            reasons.append(error.reason)
            if error.unknown_host:
                unknown.add(host)
    tried = "\n".join(f"  {redacted(url)}: {reason}" for url, reason in zip(urls, reasons, strict=True))
    raise UserError(f"{target.name} could not be downloaded:\n{tried}\n{way_out}")


def _request_all(partial: PartialDownload) -> None:
    """Request until the file is complete; at most `wanted.retries` further tries in a row without progress."""
    wanted, reached, tries, furthest, began = partial.wanted, False, 0, partial.received, time.monotonic()
    with Session() as session:
        while True:
            try:
                return partial.request(session)
            except TryAgain as error:
                reached = reached or error.reached
                if partial.received >= furthest + _PROGRESS_BYTES:
                    furthest, tries = partial.received, 0
                wait = max(wanted.backoff * 2**tries, error.wait)
                silent = not reached and time.monotonic() - began + wait > _UNREACHED_SECONDS
                if tries >= wanted.retries or error.unknown_host or silent:
                    raise DownloadError(partial.url, str(error), unknown_host=error.unknown_host) from error
            tries += 1
            time.sleep(wait)
