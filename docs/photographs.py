"""What the scripts that photograph pages share: the browser, the size of its window, and the format of the guide's photographs."""

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

WIDTH, HEIGHT = 1280, 800  # pixels


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium without a window, until the block is over. Ends with a message where it is not installed."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise SystemExit("Chromium is missing (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def new_page(browser: Browser, scheme: Literal["light", "dark"] = "light") -> Page:
    """An empty page, `scheme` light or dark, without animations."""
    return browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme, reduced_motion="reduce")


def save(page: Page, file: Path) -> None:
    """Write what the window shows as WebP."""
    with Image.open(io.BytesIO(page.screenshot())) as whole:
        whole.convert("RGB").save(file, quality=80, method=6)
    print(f"open {file}")
