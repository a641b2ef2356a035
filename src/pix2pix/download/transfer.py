"""One request for a file over HTTP, from its beginning or from where an earlier request was cut."""

import contextlib
import json
import re
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import requests
import urllib3

from pix2pix.download.partial_download import Landing, Refused
from pix2pix.errors import UserError
from pix2pix.system.atomic_write import write_json
from pix2pix.system.terminal import human_bytes

CONNECT_SECONDS = 5.0
_SLOWEST = 1024  # bytes in one timeout's time: below it, a server that drips counts as one that stalls
_BUSY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}
_LONGEST_WAIT = 30.0


class TryAgain(Exception):
    """This request failed, another one may not.

    reached: whether the server answered at all. wait: seconds the server asks to be left alone. hopeless: the host's name is unknown, which
    the system's resolver has already retried.
    """

    def __init__(self, reason: str, *, reached: bool = True, wait: float = 0.0, hopeless: bool = False) -> None:
        super().__init__(reason)
        self.reached, self.wait, self.hopeless = reached, wait, hopeless


@dataclass
class Tag:
    """Which version of which file the bytes already here belong to: its address, strong ETag or Last-Modified, and whole size."""

    url: str
    note: Path | None
    validator: str | None = None
    total: int | None = None

    def learn(self, validator: str | None, total: int | None) -> None:
        """Take over what the server says, and note it beside a partial file that is kept, for a later process to go on from."""
        self.validator, self.total = validator, total
        if self.note is not None:
            known = {"total": total, "url": self.url, "validator": validator}
            with contextlib.suppress(OSError):  # without the note a later process starts from the beginning, no more
                write_json(self.note, known)

    def recall(self) -> None:
        """Take over what an earlier process noted for the same address; a note that is missing or damaged counts as none."""
        if self.note is None:
            return
        try:
            known = json.loads(self.note.read_text())
            if known["url"] == self.url:
                self.validator, self.total = known["validator"], known["total"]
        except (OSError, ValueError, KeyError, TypeError):
            return


def receive(session: requests.Session, landing: Landing, tag: Tag, *, timeout: float) -> None:
    """Ask for what `landing` still lacks of `tag.url` and write it there. `timeout`: seconds of silence before giving up.

    A continuation is asked for with Range and If-Range (RFC 9110, 13.1.5 and 14.2), so that a file changed meanwhile comes whole; a server
    that ignores both sends 200 and the landing starts again. Raises TryAgain, Refused, UserError (the disk).
    """
    # The bytes are wanted as they lie on the server: a tar.gz decoded on the way would have another size and hash.
    headers = {"Accept-Encoding": "identity", "User-Agent": "pix2pix"}
    if landing.received and tag.validator:
        headers |= {"Range": f"bytes={landing.received}-", "If-Range": tag.validator}
    elif landing.received:
        landing.restart()
    try:
        with session.get(tag.url, stream=True, timeout=(min(CONNECT_SECONDS, timeout), timeout), headers=headers) as response:
            _check_status(response, landing)
            if response.status_code == HTTPStatus.PARTIAL_CONTENT:
                _check_continuation(response, landing, tag)
            else:
                landing.restart()
                tag.learn(_validator(response), _length(response))
            landing.expect(tag.total)
            for chunk in _chunks(response, timeout):
                landing.write(chunk)
        if landing.is_short():
            raise TryAgain(_cut(landing, tag, "fewer bytes than announced or expected"))
    except (Refused, TryAgain, UserError):
        raise
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise _translated(error, landing, tag) from error


def _chunks(response: requests.Response, timeout: float) -> Iterator[bytes]:
    """The body as it arrives (raw, at most 256 KiB a piece), watched for a server that drips."""
    since, arrived = time.monotonic(), 0
    while chunk := response.raw.read1(1 << 18, decode_content=False):
        yield chunk
        arrived += len(chunk)
        if (now := time.monotonic()) - since > timeout:
            if arrived < _SLOWEST:
                raise TryAgain(f"the server stalls: {human_bytes(arrived)} in {timeout:g} s")
            since, arrived = now, 0


def _check_status(response: requests.Response, landing: Landing) -> None:
    code = response.status_code
    if code in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return
    reason = f"the server answered {code} {response.reason or ''}".rstrip()
    if code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        landing.restart()  # what lies here is no beginning of what the server has
    if code in _BUSY or code >= 500:
        asked = response.headers.get("Retry-After", "")
        raise TryAgain(reason, wait=min(float(asked), _LONGEST_WAIT) if re.fullmatch("[0-9]{1,9}", asked) else 0.0)
    raise Refused(reason)


def _check_continuation(response: requests.Response, landing: Landing, tag: Tag) -> None:
    """A 206 must go on exactly where the landing stands, within a file of the size known; anything else would splice two files."""
    span = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("Content-Range", "").strip())
    total = None if span is None or span[3] == "*" else int(span[3])
    if span is None or int(span[1]) != landing.received or (tag.total is not None and total not in (None, tag.total)):
        landing.restart()
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


def _translated(error: Exception, landing: Landing, tag: Tag) -> Exception:
    """What requests and urllib3 raise, as a reason in words and a verdict on whether another try makes sense."""
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        why = next(cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError))
        return Refused(f"the server's certificate cannot be trusted ({why.verify_message})")
    if isinstance(error, requests.TooManyRedirects):
        return Refused("the server sends the request in circles (too many redirects)")
    if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return Refused(f"no address that can be asked ({error})")
    host = urlsplit(tag.url).hostname
    if any(isinstance(cause, urllib3.exceptions.NameResolutionError) for cause in causes):
        return TryAgain(f"the name {host} is not known; is there a network?", reached=False, hopeless=True)
    if any(isinstance(cause, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ProxyError) for cause in causes):
        return TryAgain(f"no connection to {host} ({_root(causes)})", reached=False)
    if any(isinstance(cause, urllib3.exceptions.ConnectTimeoutError) for cause in causes):
        return TryAgain(f"{host} does not answer", reached=False)
    if any(isinstance(cause, urllib3.exceptions.ReadTimeoutError | TimeoutError) for cause in causes):
        return TryAgain(f"the server stalls: silent after {human_bytes(landing.received)}")
    return TryAgain(_cut(landing, tag, _root(causes)))


def _cut(landing: Landing, tag: Tag, why: str) -> str:
    whole = "an unknown size" if tag.total is None else human_bytes(tag.total)
    return f"the transfer was cut after {human_bytes(landing.received)} of {whole} ({why})"


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
