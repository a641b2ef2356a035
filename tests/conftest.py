"""For all tests: the arithmetic that `runtime.deterministic` promises, how long to look for odd input, a store, and a browser."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from pix2pix.config.settings import Runtime
from pix2pix.system import runtime
from pix2pix.tracking.store import connect
from tests.pipeline.forked import server

pytest_plugins = ["tests.report_pages"]

settings.register_profile("default", deadline=None)
settings.register_profile("long", deadline=None, max_examples=2000)
settings.load_profile("default")

# The store that a person uses, and what Git and DVC set for the hooks that they run, are none of the tests'.
for _name in [name for name in os.environ if name.startswith(("DVC_", "GIT_", "MLFLOW_"))]:
    del os.environ[_name]
os.environ["MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING"] = "false"  # the machine's load is no metric of the runs that tests record

# Programs started by `nohup` or in the background of a script ignore these signals, and so do those that tests start and stop.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

SAME_BITS = Runtime(device="cpu", deterministic=True, threads=1)
runtime.set_deterministic(SAME_BITS)
runtime.select_device(SAME_BITS)


# Files that take long come first, so that at the end no core waits for another. In between those that need no clone of the pipeline's,
# for the process that would wait until the other has made it.
LONG = (
    "tests/pipeline/test_experiments.py",
    "tests/stages/test_stages.py",
    "tests/pipeline/test_bits.py",
    "tests/pipeline/test_mistakes.py",
    "tests/pipeline/",
    "tests/train/",
    "tests/tracking/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order in which processes take files, by `--no-loadscope-reorder`."""
    items.sort(key=lambda item: next((place for place, start in enumerate(LONG) if item.nodeid.startswith(start)), len(LONG)))


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of the test run have in common."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def empty_store(shared: Path) -> Path:
    """An MLflow database without runs, for tests to copy, as making its tables takes seconds: one file, nothing written ahead."""
    path = shared / "store" / "mlflow.db"
    connect(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def processes() -> ForkServerContext:
    """For processes of their own that have PyTorch and MLflow imported already: each would take seconds for them."""
    return server()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Headless Chromium that reaches this machine alone, or a skip where there is none. Playwright takes no second in a process."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("no chromium on this machine (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    unreachable = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", unreachable]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()
