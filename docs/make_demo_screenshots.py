"""Photograph the demo for the guide: python -m docs.make_demo_screenshots

Shows the model of 128 pixels, which the first command of docs/guide/use-a-model.md#larger-pictures-to-draw trains and exports.
"""

from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser

from benchmarks.demo import DONE, serving
from docs.photographs import chromium, new_page, save
from pix2pix.cli.demo import LARGE
from pix2pix.demo.catalogue import find_models
from pix2pix.demo.runtime import runtime_files
from pix2pix.demo.site import assemble

PAGE, MODELS, SAMPLES = Path("demo"), Path("data/export"), Path("data/predictions")
SHOTS: dict[Literal["light", "dark"], Path] = {"light": Path("docs/demo-light.webp"), "dark": Path("docs/demo-dark.webp")}


def photograph(browser: Browser, address: str, scheme: Literal["light", "dark"], file: Path) -> None:
    """The page as it opens, with the line between before and after at a third."""
    page = new_page(browser, scheme)
    page.goto(address)
    page.wait_for_selector(DONE)
    page.get_by_role("slider", name="Before and after").fill("32")
    page.evaluate("document.activeElement.blur()")
    save(page, file)
    page.close()


def main() -> None:
    """Both schemes, served as `pix2pix demo` serves them."""
    models = find_models(MODELS, SAMPLES)
    if models[0].description.size < LARGE:
        raise SystemExit(f"{MODELS} has no model of {LARGE} pixels: see docs/guide/use-a-model.md#larger-pictures-to-draw")
    site = assemble(PAGE, runtime_files(PAGE), models)
    with serving(site) as address, chromium() as browser:
        for scheme, file in SHOTS.items():
            photograph(browser, address, scheme, file)


if __name__ == "__main__":
    main()
