"""A server on 127.0.0.1 whose answers do not end."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pix2pix.errors import UserError
from pix2pix.tracking.bounded_answers import LONGEST_ANSWER
from pix2pix.tracking.lookup import Records

LONG = gzip.compress(b"[" + b" " * LONGEST_ANSWER + b"]", 1)


class Server(ThreadingHTTPServer):
    pages = 0


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.server.pages += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = b'{"experiments": [{"experiment_id": "1", "name": "facades"}]}'
        if "runs/search" in self.path:
            answer = b'{"runs": [], "next_page_token": "again"}' if self.server.pages < 50 else LONG
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        if answer is LONG:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{running.server_port}")
        yield running
        running.shutdown()


def test_an_answer_that_is_too_long_is_refused_however_small_it_is_packed(server: Server, tmp_path: Path) -> None:
    server.pages = 50
    with pytest.raises(UserError, match=r"the server's answer is longer than 64\.0 MiB"):
        Records(tmp_path).all()


def test_pages_without_end_are_given_up(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pix2pix.tracking.lookup._MOST_PAGES", 20)
    with pytest.raises(UserError, match="sends pages without end"):
        Records(tmp_path).all()
    assert server.pages == 21
