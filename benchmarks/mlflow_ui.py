"""`make ui` as a person starts it: time until its page answers, and its memory."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.many import ROOT, family_memory
from benchmarks.timing import Row

_PATIENCE = 60.0  # seconds that it may take before it counts as hanging


def interface() -> Row:
    """`make ui`: seconds until its page answers, and memory of all its processes after the page and its data were requested."""
    began = time.perf_counter()
    with serving(ROOT) as (address, process):
        seconds = time.perf_counter() - began
        for path in ("/", "/ajax-api/2.0/mlflow/experiments/search?max_results=100"):
            urllib.request.urlopen(f"{address}{path}", timeout=_PATIENCE).read()
        time.sleep(2)  # whatever it starts beside
        memory = family_memory(process.pid)
    return Row("`make ui`", None, f"there after {seconds:.1f} s; {memory >> 20} MiB in all its processes, shared pages counted once")


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """`make ui` in `folder` on a free port, until the block is over: its address, and the process that make is."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, quiet = f"http://127.0.0.1:{port}", subprocess.DEVNULL
    process = subprocess.Popen(["make", "ui", f"PORT={port}"], cwd=folder, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        until = time.monotonic() + _PATIENCE
        while not _there(f"{address}/health"):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"make ui in {folder} {'ended' if process.poll() is not None else 'does not answer'}")
            time.sleep(0.05)
        yield address, process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(_PATIENCE)


def _there(address: str) -> bool:
    try:
        return bool(urllib.request.urlopen(address, timeout=5).status == 200)
    except OSError:
        return False
