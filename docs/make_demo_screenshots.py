"""Photograph the demo for the guide, from what `dvc repro` left: python -m docs.make_demo_screenshots"""

from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser

from benchmarks.demo import DONE, serving
from docs.photographs import chromium, new_page
from pix2pix.demo.catalogue import find_models
from pix2pix.demo.runtime import runtime_files
from pix2pix.demo.site import assemble

PAGE, MODELS, SAMPLES = Path("demo"), Path("data/export"), Path("data/predictions")
SHOTS: dict[Literal["light", "dark"], Path] = {"light": Path("docs/demo-light.png"), "dark": Path("docs/demo-dark.png")}


def photograph(browser: Browser, address: str, scheme: Literal["light", "dark"], file: Path) -> None:
    """The page as it opens, with the line between before and after in the middle."""
    page = new_page(browser, scheme)
    page.goto(address)
    page.wait_for_selector(DONE)
    page.get_by_role("slider", name="Before and after").fill("32")
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=file)
    page.close()
    with Image.open(file) as whole:  # six bits a colour: nobody sees the difference, and the file is a quarter smaller
        whole.convert("RGB").point(lambda level: level & 0xFC | level >> 6).save(file, optimize=True)


def main() -> None:
    """Both schemes, served as `pix2pix demo` serves them."""
    site = assemble(PAGE, runtime_files(PAGE), find_models(MODELS, SAMPLES))
    with serving(site) as address, chromium() as browser:
        for scheme, file in SHOTS.items():
            photograph(browser, address, scheme, file)
            print(f"open {file}")


if __name__ == "__main__":
    main()
