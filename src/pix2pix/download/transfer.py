"""One HTTP request for a file, from its beginning or from where an earlier request broke off."""

import contextlib
import hashlib
import json
import re
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from pix2pix.download.partial_download import InvalidDownload, PartialDownload
from pix2pix.errors import UserError
from pix2pix.system.addresses import is_local, redacted
from pix2pix.system.atomic_write import write_json
from pix2pix.system.terminal import human_bytes, printable

CONNECT_SECONDS = 5.0
_SLOWEST = 1024  # bytes per `timeout` seconds; a slower server counts as stalled
_BUSY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}
_LONGEST_WAIT = 30.0


class Session(requests.Session):
    """Follows redirects, but none that leads from a public address to this machine or its network, where a server may trust all who ask."""

    def __init__(self) -> None:
        super().__init__()
        self._may_be_local: bool | None = None

    def send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:
        """Send one request; requests calls this for each redirect too. Raises InvalidDownload for a redirect that is not followed."""
        host = urlsplit(request.url or "").hostname
        local = is_local(str(host))
        if self._may_be_local is None:
            self._may_be_local = local
        elif local and not self._may_be_local:
            raise InvalidDownload(f"the server redirects to {printable(str(host))}, an address of this machine or its network")
        return super().send(request, **how)


class TryAgain(Exception):
    """This request failed, another one may succeed.

    reached: whether the server answered at all. wait: seconds that the server asks to wait. unknown_host: the host's name is unknown, which
    the system's resolver has already retried.
    """

    def __init__(self, reason: str, *, reached: bool = True, wait: float = 0.0, unknown_host: bool = False) -> None:
        super().__init__(reason)
        self.reached, self.wait, self.unknown_host = reached, wait, unknown_host


@dataclass
class Tag:
    """The version of the file that the received bytes belong to: its address, strong ETag or Last-Modified, and size."""

    url: str
    note: Path | None
    validator: str | None = None
    total: int | None = None

    def learn(self, validator: str | None, total: int | None) -> None:
        """Store validator and size, also in the note beside a partial download, so that a later process can resume it."""
        self.validator, self.total = validator, total
        if self.note is not None:
            known = {"total": total, "url_sha256": self._digest, "validator": validator}
            with contextlib.suppress(OSError):  # without the note a later process starts from the beginning
                write_json(self.note, known)

    @property
    def _digest(self) -> str:
        """Stands for the address in the note, as it may hold a password."""
        return hashlib.sha256(self.url.encode()).hexdigest()

    def recall(self) -> None:
        """Read the note of an earlier process for the same address; one that is missing or damaged is ignored."""
        if self.note is None:
            return
        try:
            known = json.loads(self.note.read_text())
            if known["url_sha256"] == self._digest:
                self.validator, self.total = known["validator"], known["total"]
        except (OSError, ValueError, KeyError, TypeError):
            return


def receive(session: Session, partial: PartialDownload, tag: Tag, *, timeout: float) -> None:
    """Request what `partial` lacks of `tag.url` and append it. `timeout`: seconds of silence before giving up.

    A continuation is requested with Range and If-Range (RFC 9110, 13.1.5 and 14.2), so that a file that has changed is sent from its
    beginning. A server that ignores both sends 200, and the download starts again. Raises TryAgain, InvalidDownload, UserError (the disk).
    """
    # Without content encoding: a tar.gz decoded on the way would have another size and hash.
    headers = {"Accept-Encoding": "identity", "User-Agent": "pix2pix"}
    if partial.received and tag.validator:
        headers |= {"Range": f"bytes={partial.received}-", "If-Range": tag.validator}
    elif partial.received:
        partial.restart()
    try:
        with session.get(tag.url, stream=True, timeout=(min(CONNECT_SECONDS, timeout), timeout), headers=headers) as response:
            _check_status(response, partial)
            if response.status_code == HTTPStatus.PARTIAL_CONTENT:
                _check_continuation(response, partial, tag)
            else:
                partial.restart()
                tag.learn(_validator(response), _length(response))
            partial.expect(tag.total)
            for chunk in _chunks(response, timeout):
                partial.write(chunk)
        if partial.is_short():
            raise TryAgain(_cut(partial, tag, "fewer bytes than announced or expected"))
    except (InvalidDownload, TryAgain, UserError):
        raise
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise _explain(error, partial, tag) from error


def _chunks(response: requests.Response, timeout: float) -> Iterator[bytes]:
    """The raw body as it arrives, at most 256 KiB a piece. Raises TryAgain below `_SLOWEST` bytes per `timeout` seconds."""
    since, arrived = time.monotonic(), 0
    while chunk := response.raw.read1(1 << 18, decode_content=False):
        yield chunk
        arrived += len(chunk)
        if (now := time.monotonic()) - since > timeout:
            if arrived < _SLOWEST:
                raise TryAgain(f"the server stalls: {human_bytes(arrived)} in {timeout:g} s")
            since, arrived = now, 0


def _check_status(response: requests.Response, partial: PartialDownload) -> None:
    code = response.status_code
    if code in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return
    reason = f"the server answered {code} {printable(response.reason or '')[:100]}".rstrip()
    if code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        partial.restart()  # the bytes received are not the beginning of the server's file
    if code in _BUSY or code >= 500:
        asked = response.headers.get("Retry-After", "")
        raise TryAgain(reason, wait=min(float(asked), _LONGEST_WAIT) if re.fullmatch("[0-9]{1,9}", asked) else 0.0)
    raise InvalidDownload(reason)


def _check_continuation(response: requests.Response, partial: PartialDownload, tag: Tag) -> None:
    """Check that a 206 continues after the bytes received, in a file of the known size: anything else would join parts of two files."""
    span = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("Content-Range", "").strip())
    total = None if span is None or span[3] == "*" else int(span[3])
    if span is None or int(span[1]) != partial.received or (tag.total is not None and total not in (None, tag.total)):
        partial.restart()
        raise TryAgain("the server sent another part of the file than was asked for")
    tag.total = tag.total if total is None else total


def _validator(response: requests.Response) -> str | None:
    etag = response.headers.get("ETag")
    if etag and not etag.startswith("W/"):  # a weak tag does not promise the same bytes
        return etag
    return response.headers.get("Last-Modified")


def _length(response: requests.Response) -> int | None:
    length = response.headers.get("Content-Length", "")
    return int(length) if re.fullmatch("[0-9]{1,18}", length) else None


def _explain(error: Exception, partial: PartialDownload, tag: Tag) -> Exception:
    """Turn an error of requests or urllib3 into TryAgain, or InvalidDownload where another try is useless, with a readable reason."""
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        why = next(cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError))
        return InvalidDownload(f"the server's certificate cannot be trusted ({why.verify_message})")
    if isinstance(error, requests.TooManyRedirects):
        return InvalidDownload("the server sends the request in circles (too many redirects)")
    if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return InvalidDownload(f"no address that can be asked ({redacted(str(error))})")
    host = urlsplit(tag.url).hostname
    if any(isinstance(cause, urllib3.exceptions.NameResolutionError) for cause in causes):
        return TryAgain(f"the name {host} is not known; is there a network?", reached=False, unknown_host=True)
    if any(isinstance(cause, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ProxyError) for cause in causes):
        return TryAgain(f"no connection to {host} ({_root(causes)})", reached=False)
    if any(isinstance(cause, urllib3.exceptions.ConnectTimeoutError) for cause in causes):
        return TryAgain(f"{host} does not answer", reached=False)
    if any(isinstance(cause, urllib3.exceptions.ReadTimeoutError | TimeoutError) for cause in causes):
        return TryAgain(f"the server stalls: silent after {human_bytes(partial.received)}")
    return TryAgain(_cut(partial, tag, _root(causes)))


def _cut(partial: PartialDownload, tag: Tag, why: str) -> str:
    whole = "an unknown size" if tag.total is None else human_bytes(tag.total)
    return f"the transfer was cut after {human_bytes(partial.received)} of {whole} ({why})"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it wraps: requests and urllib3 carry the inner error as an argument, a `reason`, or a chained exception."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        error = waiting.pop()
        if error is None or any(error is known for known in seen):
            continue
        seen.append(error)
        yield error
        inner = [error.__cause__, error.__context__, getattr(error, "reason", None), *error.args]
        waiting += [cause for cause in inner if isinstance(cause, BaseException)]


def _root(causes: list[BaseException]) -> str:
    text = next((cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror), None)
    return str(text or type(causes[0]).__name__)
