"""For all tests: the arithmetic that `runtime.deterministic` promises, how long to look for odd input, kernels, and a browser."""

import shutil
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from pix2pix.config.settings import Runtime
from pix2pix.system import runtime

pytest_plugins = ["tests.report_pages"]

settings.register_profile("default", deadline=None)
settings.register_profile("long", deadline=None, max_examples=2000)
settings.load_profile("default")

# Programs started by `nohup` or in the background of a script ignore these signals, and so do those that tests start and stop.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

SAME_BITS = Runtime(device="cpu", deterministic=True, threads=1)
runtime.set_deterministic(SAME_BITS)
runtime.select_device(SAME_BITS)


# Files that take minutes come first, so that at the end no core waits for another. In between one that needs no clone of the pipeline's,
# for the process that would wait until the other has made it.
LONG = ("tests/pipeline/test_experiments.py", "tests/stages/test_stages.py", "tests/pipeline/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order in which processes take files, by `--no-loadscope-reorder`."""
    items.sort(key=lambda item: next((place for place, start in enumerate(LONG) if item.nodeid.startswith(start)), len(LONG)))


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
