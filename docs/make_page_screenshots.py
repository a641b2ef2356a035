"""Photograph the pipeline's pages for the guide, from what `dvc repro` left: python -m docs.make_page_screenshots

The comparison is with the experiment `wider`, made as docs/make_mlflow_screenshots.py says.
"""

import tempfile
from pathlib import Path

from docs.photographs import chromium, new_page, save
from pix2pix.cli.main import main as pix2pix

DATASET, EXPERIMENT = "facades", "wider"
SHOTS = {name: Path(f"docs/page-{name}.webp") for name in ("report", "compare", "gallery", "viewer")}


def main() -> None:
    """Report, comparison and gallery as they open, and then an image of the gallery in the viewer."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        comparison = Path(folder) / "compare.html"
        if pix2pix(["compare", f"data/predictions/{DATASET}", EXPERIMENT, "--dataset", DATASET, "--html", str(comparison)]):
            raise SystemExit(1)
        page = new_page(browser)
        gallery = Path(f"data/gallery/{DATASET}.html")
        for name, path in {"report": Path("data/report/index.html"), "compare": comparison, "gallery": gallery}.items():
            page.goto(path.resolve().as_uri(), wait_until="networkidle")
            save(page, SHOTS[name])
        page.locator("[data-zoom] a").first.click()
        page.wait_for_load_state("networkidle")
        save(page, SHOTS["viewer"])


if __name__ == "__main__":
    main()
