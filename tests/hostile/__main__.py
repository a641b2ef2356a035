"""Run the random search and print its counts; exit code 1 if it finds anything."""

import argparse
import contextlib
import ctypes
import logging
import signal
import tempfile
from pathlib import Path

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends the imports without a traceback

from pix2pix.system.interrupts import raise_interrupts
from tests.hostile.inputs import KINDS
from tests.hostile.search import search


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--count", type=int, default=5000, help="inputs (default: 5000)")
    parser.add_argument("--seed", type=int, default=0, help="of the inputs (default: 0)")
    return parser


def main() -> int:
    """Search and print. Returns the exit code."""
    arguments = parser().parse_args()
    raise_interrupts()
    with contextlib.suppress(
        AttributeError
    ):  # one heap for all threads (glibc): each server thread would keep its own, up to its longest answer
        ctypes.CDLL(None).mallopt(-8, 1)  # M_ARENA_MAX
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        result = search(arguments.count, arguments.seed, Path(folder) / "search")
    if result.stopped:
        print("stopped; of the inputs until then:")
    for name in KINDS:
        print(f"{name}: {result.refused[name]} refused, {result.accepted[name]} accepted")
    for title, found in (("tracebacks", result.tracebacks), ("files written outside", result.outside), ("over 10 s", result.slow)):
        print(f"{title}: {len(found)}", *found[:20], sep="\n  ")
    print(f"longest input: {result.longest[0]:.2f} s ({result.longest[1]})")
    print(f"peak memory: {result.peak / 2**20:.0f} MiB")
    return 130 if result.stopped else 0 if result.clean else 1


if __name__ == "__main__":
    raise SystemExit(main())
