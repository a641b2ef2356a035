"""Every page from a phone to a large screen, at 200 %, light, dark, in forced colours and without JavaScript, with the network cut."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from pix2pix.compare.compare import compare
from pix2pix.compare.match import match
from pix2pix.compare.page import write_comparison
from pix2pix.compare.source import from_folder
from pix2pix.evaluate.evaluate import image_metrics
from pix2pix.evaluate.evaluator import Evaluator
from pix2pix.pages.gallery import write_gallery
from pix2pix.report.page import write_report
from pix2pix.repository.experiments import ExperimentResult
from pix2pix.runs.difference import write_differences
from pix2pix.summary.gallery import write_measured_gallery
from pix2pix.summary.summary import summarize
from tests.evaluate.test_evaluator import Colours
from tests.report_pages import HOSTILE, fill_predictions, make_chain
from tests.runs.test_runs_page import page_of, run

pytestmark = pytest.mark.browser
WIDTHS = (320, 768, 1366, 1920)
NAMES = ("report", "gallery", "viewer", "predictions", "compare", "runs", "difference")
DIFFERENCES = {
    "Parameters": [["train.lr", "0.0002", "→", "0.001"], ["datasets.facades.lambda_l1", "100", "→", "x" * 90]],
    "Code": [[f"src/pix2pix/train/step_{i}.py | 12 ++++++------"] for i in range(14)],
    "Made with": [],
}
# what cannot be clicked once it is scrolled to, as something covers it or it lies outside the window
COVERED = """() => Array.from(document.querySelectorAll("a[href], button, input, select, summary")).filter((one) => {
    const dialog = document.querySelector("dialog[open]");
    if (!one.checkVisibility() || dialog && !dialog.contains(one)) return false;
    one.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
    const box = one.getClientRects()[0];
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return !top || !(one.contains(top) || one.closest("label")?.contains(top));
}).map((one) => one.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Each page by its name, with names of files and sets that would break a careless one."""
    root = tmp_path_factory.mktemp("pages")
    chains = [make_chain(root, dataset, kind=kind) for dataset, kind in (("facades", "pairs"), ("b" * 60, "lab"))]
    write_report(root / "report.html", [summarize(chain) for chain in chains])
    write_measured_gallery(root / "gallery.html", chains[0])
    write_gallery(chains[0].predictions / "index.html", title="facades", names=HOSTILE)
    for name in ("first", "s" * 60):
        fill_predictions(root / name, tuple("abcdefgh"))
    comparable = match([from_folder(root / "first"), from_folder(root / ("s" * 60))], None, common=False)
    comparison = compare(comparable, Evaluator(image_metrics({}, colouring=False), Colours(), torch.device("cpu")), ["a note"])
    write_comparison(root / "compare.html", comparison, "from first to second", DIFFERENCES)
    runs = [run("a", key="1"), run("r" * 60, key="x" * 200), run("imageless", key="2"), run("c", "food")]
    found = {
        "runs": page_of(root, runs, [ExperimentResult("no-run", "anime", 1, {"a": "b"}, {}, "")]),
        "predictions": chains[0].predictions / "index.html",
        "viewer": root / "gallery.html",
    }
    write_differences(root / "difference.html", runs[0], runs[1], DIFFERENCES)
    return lambda name: found.get(name, root / f"{name}.html")


@pytest.mark.parametrize("scheme", ["light", "dark", "forced colours"])
@pytest.mark.parametrize("name", NAMES)
def test_it_is_quiet_accessible_and_as_wide_as_its_window(
    pages: Callable[[str], Path], visit: Callable[..., Any], name: str, scheme: str
) -> None:
    seen = visit(pages(name), scheme="light" if scheme == "forced colours" else scheme)
    if scheme == "forced colours":
        seen.page.emulate_media(forced_colors="active")
    if name == "viewer":
        seen.page.locator("[data-zoom] a").first.click()
    for width in WIDTHS:
        seen.page.set_viewport_size({"width": width, "height": 800})
        widths = seen.see_every_image()
        assert all(widths) and bool(widths) is (name != "difference"), width
        assert seen.overflow() == 0, width
        if width in (320, 1366):  # axe takes most of the time
            assert seen.violations() == [], width
    assert seen.problems == []
    assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize("name", NAMES)
def test_at_a_zoom_of_200_percent_everything_is_there_and_in_reach(
    pages: Callable[[str], Path], visit: Callable[..., Any], name: str, width: int
) -> None:
    seen = visit(pages(name), width=width, zoom=2)
    widths = seen.see_every_image()
    assert all(widths) and bool(widths) is (name != "difference")
    if name == "viewer":
        seen.page.evaluate("scrollTo(0, 0)")
        seen.page.locator("[data-zoom] a").first.click()
        for box in (image.bounding_box() for image in seen.page.locator("dialog img").all()):
            assert box["height"] > 150 and box["y"] + box["height"] < 400
    assert seen.overflow() == 0
    assert seen.page.evaluate(COVERED) == []
    assert seen.violations() == [] and seen.problems == []


@pytest.mark.parametrize("name", [name for name in NAMES if name != "viewer"])
def test_without_javascript_nothing_is_missing_that_needs_none(pages: Callable[[str], Path], visit: Callable[..., Any], name: str) -> None:
    page = visit(pages(name), javascript=False).page
    written = len(re.findall(r"<img (?!src=x)", pages(name).read_text(encoding="utf-8").partition("<main")[2]))
    assert page.locator("main").inner_text().strip() and page.locator("main img").count() == written
    assert page.locator("input:visible, select:visible").count() == 0, "controls that would do nothing"
