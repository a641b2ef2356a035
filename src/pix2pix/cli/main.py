"""The console script `pix2pix`: commands for models and images outside the pipeline."""

import argparse
import importlib
import io
import os
import pkgutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

# Until `main` handles signals, Ctrl-C ends the program without a traceback, as SIGTERM does. A shell may have it ignored in the background.
if Path(sys.argv[0]).stem == "pix2pix" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from pix2pix import __version__, cli
from pix2pix.errors import UserError
from pix2pix.system.extras import extras_named
from pix2pix.system.interrupts import Stop, raise_interrupts
from pix2pix.system.runtime import limit_spinning
from pix2pix.system.terminal import say_error

_NO_COMMANDS = ("main", "arguments")


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands: one for each module of this package but `_NO_COMMANDS`."""
    parser = argparse.ArgumentParser(prog="pix2pix", description="Image-to-image translation: commands for models and images.")
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in sorted(module.name for module in pkgutil.iter_modules(cli.__path__)):
        if name not in _NO_COMMANDS:
            importlib.import_module(f"{cli.__name__}.{name}").add(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and report a user's mistake in one message. Returns the exit code."""
    sys.stdout, sys.stderr = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()  # None where the shell closed it
    for stream in (sys.stdout, sys.stderr):  # a name that the terminal's encoding cannot show must not end the program
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    arguments = build_parser().parse_args(argv)
    raise_interrupts()
    limit_spinning()
    try:
        with extras_named():
            arguments.run(arguments)
        sys.stdout.flush()
    except UserError as error:
        say_error("pix2pix", error)
        return 1
    except KeyboardInterrupt:
        say_error("pix2pix", "stopped")
        return 128 + Stop.by
    except BrokenPipeError:  # who reads the output wants no more, as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes what is left of it when it ends
        return 128 + signal.SIGPIPE
    return 0


if __name__ == "__main__":
    sys.exit(main())
