"""HTTP server of the demo, on 127.0.0.1 only. It serves a fixed list of files, and accepts no data."""

import errno
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pix2pix.demo.site import START, Site, content, media_type
from pix2pix.errors import UserError

HOST = "127.0.0.1"
HEADERS = {
    # these two make the page cross-origin isolated, which WebAssembly threads require
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "worker-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # a reload loads a retrained model
}


class Server(ThreadingHTTPServer):
    """Serves a site at http://127.0.0.1:<port>/; port 0 chooses a free port. Raises UserError if the port is not available."""

    daemon_threads = True
    allow_reuse_address = True  # so that it can restart at once

    def __init__(self, site: Site, port: int) -> None:
        self.site = site
        try:
            super().__init__((HOST, port), Handler)
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                reason = f"port {port} is taken by another program"
            else:
                reason = f"port {port} cannot be used ({problem.strerror})"
            raise UserError(
                f"{reason}: choose another, as in `pix2pix demo --port {_another(port)}` or `make demo PORT={_another(port)}`"
            ) from None

    @property
    def address(self) -> str:
        """URL of the page."""
        return f"http://{HOST}:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD requests for the files of the site."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 30.0  # seconds without a byte, after which a connection is closed

    def do_GET(self) -> None:
        """Send a file with its headers."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Send only the headers of a file."""
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        # refuse other host names that resolve to this machine (DNS rebinding)
        if self.headers.get("Host") not in (f"{HOST}:{self.server.server_port}", f"localhost:{self.server.server_port}"):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return
        address = self.path.partition("?")[0].removeprefix("/") or START
        resource = self.server.site.get(address)
        try:
            body = None if resource is None else content(resource)
        except OSError:
            body = None
        if body is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", media_type(address))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def end_headers(self) -> None:
        """Add `HEADERS` to every response, also to errors."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: a line for each file does not help the user."""


def _another(port: int) -> int:
    return port + 1 if port < 65535 else 8080
