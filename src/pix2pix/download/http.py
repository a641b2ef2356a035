"""One HTTP request: which redirects are followed, when a server is too slow, and whether another try may succeed."""

import re
import ssl
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from pix2pix.system.addresses import is_local, redacted
from pix2pix.system.terminal import human_bytes, printable

_CONNECT_SECONDS = 5.0
_MAX_REDIRECTS = 10
_SLOWEST = 1024  # bytes per `timeout` seconds; a slower server counts as stalled
_ANSWERS = {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}
_BUSY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_LONGEST_WAIT = 30.0


class InvalidDownload(Exception):
    """The content is not what was requested, and a retry would give the same. The message is the reason."""


class TryAgain(Exception):
    """This request failed, another one may succeed.

    reached: whether the server answered at all. wait: seconds that the server asks to wait. unknown_host: the host's name is unknown, which
    the system's resolver has already retried.
    """

    def __init__(self, reason: str, *, reached: bool = True, wait: float = 0.0, unknown_host: bool = False) -> None:
        super().__init__(reason)
        self.reached, self.wait, self.unknown_host = reached, wait, unknown_host


class Session(requests.Session):
    """Follows redirects, but none that leads from a public address to this machine or its network, where a server may trust all who ask."""

    def __init__(self) -> None:
        super().__init__()
        self.max_redirects = _MAX_REDIRECTS
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

    def ask(self, url: str, timeout: float, headers: dict[str, str]) -> requests.Response:
        """The answer to a GET, 200, 206 or 416, its body unread. Raises TryAgain or InvalidDownload for another, and as requests does."""
        # without content encoding: a tar.gz decoded on the way would have another size and hash
        headers = {"Accept-Encoding": "identity", "User-Agent": "pix2pix", **headers}
        response = self.get(url, stream=True, timeout=(min(_CONNECT_SECONDS, timeout), timeout), headers=headers)
        code = response.status_code
        if code in _ANSWERS:
            return response
        response.close()
        reason = f"the server answered {code} {printable(response.reason or '')[:100]}".rstrip()
        if code in _BUSY or code >= 500:
            asked = response.headers.get("Retry-After", "")
            raise TryAgain(reason, wait=min(float(asked), _LONGEST_WAIT) if re.fullmatch("[0-9]{1,9}", asked) else 0.0)
        raise InvalidDownload(reason)


def chunks(response: requests.Response, timeout: float) -> Iterator[bytes]:
    """The raw body as it arrives, at most 256 KiB a piece. Raises TryAgain below `_SLOWEST` bytes per `timeout` seconds."""
    since, arrived = time.monotonic(), 0
    while chunk := response.raw.read1(1 << 18, decode_content=False):
        yield chunk
        arrived += len(chunk)
        if (now := time.monotonic()) - since > timeout:
            if arrived < _SLOWEST:
                raise TryAgain(f"the server stalls: {human_bytes(arrived)} in {timeout:g} s")
            since, arrived = now, 0


def cut(received: int, total: int | None, why: str) -> TryAgain:
    """A transfer that ended before its time."""
    whole = "an unknown size" if total is None else human_bytes(total)
    return TryAgain(f"the transfer was cut after {human_bytes(received)} of {whole} ({why})")


def explained(error: Exception, url: str, received: int, total: int | None) -> Exception:
    """An error of requests or urllib3 as TryAgain, or InvalidDownload where another try is useless, with a readable reason."""
    causes, host = list(_causes(error)), urlsplit(url).hostname

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    untrusted = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if untrusted:
        return InvalidDownload(f"the server's certificate cannot be trusted ({untrusted.verify_message})")
    if has(requests.TooManyRedirects):
        return InvalidDownload("the server sends the request in circles (too many redirects)")
    if has(requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL, requests.exceptions.MissingSchema):
        return InvalidDownload(f"no address that can be asked ({redacted(str(error))})")
    if has(urllib3.exceptions.NameResolutionError):
        return TryAgain(f"the name {host} is not known; is there a network?", reached=False, unknown_host=True)
    system = next((cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror), type(error).__name__)
    if has(urllib3.exceptions.NewConnectionError, urllib3.exceptions.ProxyError):
        return TryAgain(f"no connection to {host} ({system})", reached=False)
    if has(urllib3.exceptions.ConnectTimeoutError):
        return TryAgain(f"{host} does not answer", reached=False)
    if has(urllib3.exceptions.ReadTimeoutError, TimeoutError):
        return TryAgain(f"the server stalls: silent after {human_bytes(received)}")
    return cut(received, total, system)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it wraps: requests and urllib3 carry the inner error as an argument, a `reason`, or a chained exception."""
    while error is not None:
        yield error
        inner = [*error.args, getattr(error, "reason", None), error.__cause__, error.__context__]
        error = next((cause for cause in inner if isinstance(cause, BaseException)), None)
