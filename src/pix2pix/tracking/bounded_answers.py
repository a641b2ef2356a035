"""Bound what an MLflow server answers: MLflow's client reads an answer of any length into memory, or onto the disk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests
from mlflow.utils import request_utils

from pix2pix.system.terminal import human_bytes

LONGEST_ANSWER = 64 << 20  # bytes; a page of 1,000 runs has a few MiB
LONGEST_FILE = 8 << 30  # bytes; a generator has up to 1 GiB


def bound_answers() -> None:
    """Make MLflow's HTTP requests raise `requests.RequestException` for an answer that is too long. Can be repeated."""
    request_utils.TCPKeepAliveHTTPAdapter = _Bounded  # type: ignore[misc]


class _Bounded(request_utils.TCPKeepAliveHTTPAdapter):
    """Counts the decoded bytes of every answer: a small compressed one can be long too."""

    def send(self, request: requests.PreparedRequest, stream: bool = False, *how: Any, **more: Any) -> requests.Response:
        response = super().send(request, stream, *how, **more)
        response.raw.stream = _counted(response.raw.stream, LONGEST_FILE if stream else LONGEST_ANSWER)  # type: ignore[method-assign]
        return response


def _counted(stream: Any, most: int) -> Any:
    def counted(*arguments: Any, **more: Any) -> Iterator[bytes]:
        received = 0
        for chunk in stream(*arguments, **more):
            received += len(chunk)
            if received > most:
                raise requests.RequestException(f"the server's answer is longer than {human_bytes(most)}")
            yield chunk

    return counted
