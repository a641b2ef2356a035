import http.client
import socket
import threading
from collections.abc import Iterator

import pytest

from pix2pix.demo.server import HOST, Handler, Server
from pix2pix.errors import UserError

SITE = {"index.html": b"<!doctype html>", "js/app.js": b"1", "vendor/ort.mjs": b"2", "vendor/ort.wasm": b"3", "models.json": b"{}"}


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(SITE, 0) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def ask(server: Server, path: str, method: str = "GET", host: str | None = None) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(HOST, server.server_port, timeout=5)
    connection.request(method, path, headers={} if host is None else {"Host": host})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def test_it_listens_on_this_machine_alone(server: Server) -> None:
    assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/js/app.js", "text/javascript"),
        ("/vendor/ort.mjs", "text/javascript"),
        ("/vendor/ort.wasm", "application/wasm"),
    ],
)
def test_files_come_with_their_type_and_the_headers_that_isolate_the_page(server: Server, path: str, kind: str) -> None:
    response, body = ask(server, path)
    assert response.status == 200 and body == SITE[path.removeprefix("/") or "index.html"]
    assert response.headers["Content-Type"].startswith(kind) and response.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        and response.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    )
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "connect-src 'self'" in policy and "'unsafe-inline'" not in policy and "http" not in policy


def test_head_says_the_same_without_the_file(server: Server) -> None:
    response, body = ask(server, "/", "HEAD")
    assert response.status == 200 and body == b"" and response.headers["Content-Length"] == "15"


@pytest.mark.parametrize("path", ["/../pyproject.toml", "/js/../../README.md", "/package.json", "//etc/passwd", "/js", "/%2e%2e/Makefile"])
def test_what_is_not_listed_is_not_there(server: Server, path: str) -> None:
    assert ask(server, path)[0].status == 404


def test_a_connection_that_sends_nothing_is_closed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Handler.timeout == 30
    monkeypatch.setattr(Handler, "timeout", 0.2)
    for start in (b"", b"GET / HTTP/1.1\r\nHost: ", b"POST"):
        with socket.create_connection((HOST, server.server_port), timeout=5) as connection:
            connection.sendall(start)
            assert connection.recv(100) == b""


def test_nothing_can_be_sent_to_it(server: Server) -> None:
    assert ask(server, "/", "POST")[0].status == 501


def test_a_foreign_name_for_this_machine_is_turned_away(server: Server) -> None:
    assert ask(server, "/", host="evil.example")[0].status == 421
    assert ask(server, "/", host=f"localhost:{server.server_port}")[0].status == 200


def test_a_port_that_is_taken_is_told_with_another_to_try(server: Server) -> None:
    with pytest.raises(UserError, match=f"port {server.server_port} is taken.*--port {server.server_port + 1}"):
        Server(SITE, server.server_port)
