"""`pix2pix demo`: the page that runs exported models in a browser."""

import argparse
import contextlib
from pathlib import Path

from pix2pix.cli.arguments import Subparsers, number
from pix2pix.errors import UserError
from pix2pix.system.terminal import say

DESCRIPTION = """A page on which you draw or open images, and exported models run on them in the browser itself; no image leaves it. The
command serves the page on 127.0.0.1, or writes it as one file that works from disk without a network."""
PORT = 8000
LARGE = 128  # pixels of a picture that one shows to others
PORTS = number(int, lambda value: 0 <= value <= 65535, "a number from 0 to 65535")


def add(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("demo", help="a page to draw on, which runs exported models in the browser", description=DESCRIPTION)
    parser.add_argument("--models", type=Path, default=Path("data/export"), metavar="DIR", help="folder of exported models "
                        "(default: data/export)")  # fmt: skip
    parser.add_argument("--samples", type=Path, default=Path("data/predictions"), metavar="DIR", help="folder with example images, "
                        "<dataset>/inputs/*.png (default: data/predictions)")  # fmt: skip
    parser.add_argument("--port", type=PORTS, default=PORT, metavar="N", help=f"port of the server; 0: any free one (default: {PORT})")
    parser.add_argument("--single-file", type=Path, metavar="FILE", help="write the page and its models as one file, instead of serving it")
    parser.add_argument(
        "--page", type=Path, default=_checkout() / "demo", metavar="DIR", help="folder of the page (default: the repository's demo)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Find the files, then serve until stopped, or write. Raises UserError for a user's mistake."""
    from pix2pix.demo.catalogue import find_models
    from pix2pix.demo.runtime import runtime_files
    from pix2pix.demo.server import Server
    from pix2pix.demo.single_file import write_single_file
    from pix2pix.demo.site import START, assemble

    start = arguments.page / START
    if not start.is_file():
        raise UserError(f"{start} is missing: the demo's page is part of the repository; clone it, or name its folder with --page")
    models = find_models(arguments.models, arguments.samples)
    site = assemble(arguments.page, runtime_files(arguments.page), models)
    if arguments.single_file:
        write_single_file(site, arguments.single_file)
        say(f"open {arguments.single_file} ({arguments.single_file.stat().st_size / 1e6:.1f} MB; it needs no network)")
        return
    with Server(site, arguments.port) as server, contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is the normal way to stop
        say(f"open {server.address} (stop with Ctrl C)")
        if all(model.description.size < LARGE for model in models):
            say(f"for pictures of {LARGE} pixels: docs/guide/use-a-model.md#larger-pictures-to-draw")
        server.serve_forever()


def _checkout() -> Path:
    return Path(__file__).resolve().parents[3]
