"""A real HTTP server on this machine whose every answer a test decides."""

import threading
from collections.abc import Callable, Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Site:
    """Routes of a server on 127.0.0.1 and the requests it got. A route is called with the request's handler and answers as it likes."""

    def __init__(self) -> None:
        self.routes: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.requests: list[tuple[str, Message]] = []
        self.closing = threading.Event()  # routes that stall wait for this, so that no test has to wait for them
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.requests.append((self.path, self.headers))
                route = site.routes.get(self.path)
                if route is None:
                    self.send_error(404)
                else:
                    route(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                pass  # a client that hangs up is part of the tests

        self.server = Server(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def url(self, path: str, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.server.server_port}{path}"

    def serve(self, path: str, body: bytes, *, ranges: bool = True, cut_first: float | None = None, etag: str | None = '"v1"') -> None:
        """A well-behaved file; with `cut_first`, the first answer ends after that share of the body."""
        answers = 0

        def answer(handler: BaseHTTPRequestHandler) -> None:
            nonlocal answers
            answers += 1
            asked = handler.headers.get("Range") if ranges else None
            start = 0
            if asked and handler.headers.get("If-Range") in (None, etag):
                start = int(asked.removeprefix("bytes=").rstrip("-"))
                handler.send_response(206)
                handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            else:
                handler.send_response(200)
            handler.send_header("Content-Length", str(len(body) - start))
            if etag:
                handler.send_header("ETag", etag)
            handler.end_headers()
            end = int(len(body) * cut_first) if cut_first is not None and answers == 1 else len(body)
            handler.wfile.write(body[start:end])

        self.routes[path] = answer

    def status(self, path: str, code: int, then: bytes | None = None, headers: dict[str, str] | None = None) -> None:
        """An error; with `then`, only the first time."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(code)
            for name, value in (headers or {}).items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            if then is not None:
                self.serve(path, then)

        self.routes[path] = answer


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running = Site()
    running.thread.start()
    yield running
    running.closing.set()
    running.server.shutdown()
    running.server.server_close()
    running.thread.join()
