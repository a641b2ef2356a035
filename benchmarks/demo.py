"""The demo's page in a real browser, seconds from its address to the first output: a part of `python -m benchmarks`.

The networks have the shapes of the sample's and of the published model, and random weights: the time does not depend on training.
"""

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.many import ROOT
from benchmarks.predict import drawn_model
from benchmarks.timing import Row
from pix2pix.demo.catalogue import find_models
from pix2pix.demo.runtime import runtime_files
from pix2pix.demo.server import Server
from pix2pix.demo.site import Site, assemble
from pix2pix.errors import UserError
from pix2pix.export.export import export
from pix2pix.system.terminal import human_bytes

MODELS = {"the sample's facades": (32, 64), "a model of the published size": (64, 256)}  # ngf and pixels
PATIENCE = 60_000  # milliseconds that a page may take before it counts as hanging
DONE = "#result-stage[data-runs]:not([aria-busy])"  # the model has run, and what it made is on the canvas


def rows(rounds: int = 5) -> list[Row]:
    """A row for each model in int8, which is what the pipeline exports; or a row that says what is missing."""
    try:
        from docs.photographs import chromium

        runtime = runtime_files(ROOT / "demo")
    except (ImportError, UserError) as error:
        return [Row("the demo's page", None, f"left out: {error}")]
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        return [_opening(browser, runtime, Path(folder) / str(ngf), what, ngf, size, rounds) for what, (ngf, size) in MODELS.items()]


def _opening(browser: Any, runtime: Mapping[str, Path], folder: Path, what: str, ngf: int, size: int, rounds: int) -> Row:
    model = drawn_model(ngf, size=size)
    file = folder / "drawn" / "model.onnx"
    file.parent.mkdir(parents=True)
    export(model, file, weights="int8", sha256="")
    parameters = sum(parameter.numel() for parameter in model.generator.parameters())
    with serving(assemble(ROOT / "demo", runtime, find_models(folder, folder))) as address:
        seconds = [_first_image(browser, address) for _ in range(rounds)]
    return Row(
        f"page load to first image of {size} px, {what}: {parameters / 1e6:.1f} M parameters in int8, {human_bytes(file.stat().st_size)}",
        None,
        f"{statistics.median(seconds):.2f} s ({min(seconds):.2f}-{max(seconds):.2f}), {rounds} times, nothing kept in between",
    )


def _first_image(browser: Any, address: str) -> float:
    """Seconds from requesting the page, in a window with an empty cache, until the model has run."""
    context = browser.new_context()
    try:
        page = context.new_page()
        began = time.perf_counter()
        page.goto(address)
        page.wait_for_selector(DONE, timeout=PATIENCE)
        return time.perf_counter() - began
    finally:
        context.close()


@contextmanager
def serving(site: Site) -> Iterator[str]:
    """The site on a free port, until the block is over; yields its address."""
    with Server(site, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.address
        finally:
            server.shutdown()
