import csv
import os
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from pix2pix.pages.gallery import ImageMetric, write_gallery
from pix2pix.pages.html import policy

SOURCES = Path(__file__).parents[2] / "src" / "pix2pix"


class Rows(HTMLParser):
    """Names and picture addresses of a page's rows, and every tag in them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.sources: list[str] = []
        self.tags: set[str] = set()
        self._in_name = False
        self.feed(text[text.index("<ul>") : text.rindex("</ul>")])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "p":
            self._in_name = True
            self.names.append("")
        if tag == "img":
            self.sources.append(dict(attrs)["src"] or "")

    def handle_endtag(self, tag: str) -> None:
        self._in_name = self._in_name and tag != "p"

    def handle_data(self, data: str) -> None:
        if self._in_name:
            self.names[-1] += data


def test_names_are_shown_as_text_and_addresses_lead_to_the_files(predictions: Path, hostile: tuple[str, ...]) -> None:
    write_gallery(predictions / "index.html", title="Facades <b>", names=hostile)
    text = (predictions / "index.html").read_text(encoding="utf-8")
    rows = Rows(text)
    assert rows.names == list(hostile)
    assert rows.tags == {"ul", "li", "p", "noscript", "a", "img"}
    assert "<title>Facades &lt;b&gt;</title>" in text
    assert len(rows.sources) == 3 * len(hostile)
    for source in rows.sources:
        assert not set(source) & set(" \"'<>#?\\:")
        assert (predictions / os.fsdecode(unquote_to_bytes(source))).is_file()
    assert [Path(unquote_to_bytes(source).decode()).parts[0] for source in rows.sources[:3]] == ["inputs", "plain.png", "targets"]


@pytest.mark.parametrize("template", ["pages/gallery.html", "report/report.html", "compare/compare.html", "runs/runs.html"])
def test_a_page_runs_its_own_scripts_alone_and_reaches_no_network(template: str) -> None:
    """Every script of the page has its hash in the policy; that browsers compute the same one, the tests with a browser show."""
    found = policy(template)
    assert "default-src 'none'" in found and "http" not in found and "connect-src" not in found
    scripts = found.partition("script-src ")[2].partition(";")[0].split()
    assert scripts and all(script.startswith("'sha256-") for script in scripts)
    assert '{% include "pages/head.html" %}' in (SOURCES / template).read_text(encoding="utf-8")
    head = (SOURCES / "pages/head.html").read_text(encoding="utf-8")
    assert '<meta http-equiv="Content-Security-Policy" content="{{ policy }}">' in head


def test_a_name_that_is_no_utf_8_is_still_found(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    write_gallery(tmp_path / "index.html", title="Latin", names=[name])
    rows = Rows((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert rows.names == ["caf\ufffd"]
    assert unquote_to_bytes(rows.sources[1]) == b"./caf\xe9.png"


def test_the_same_names_give_the_same_bytes_and_nothing_half_written_stays(predictions: Path, hostile: tuple[str, ...]) -> None:
    pages = []
    for _ in range(2):
        write_gallery(predictions / "index.html", title="Facades", names=hostile)
        pages.append((predictions / "index.html").read_bytes())
    assert pages[0] == pages[1]
    assert not list(predictions.glob("*.partial"))


def test_twenty_thousand_rows_stay_a_page_of_moderate_size(tmp_path: Path) -> None:
    write_gallery(tmp_path / "index.html", title="Many", names=[f"{number:06d}" for number in range(20_000)])
    assert (tmp_path / "index.html").stat().st_size < 12e6


@pytest.mark.browser
def test_every_picture_is_shown_from_disk(predictions: Path, hostile: tuple[str, ...], visit: Callable[..., Any]) -> None:
    write_gallery(predictions / "index.html", title="Facades", names=hostile)
    seen = visit(predictions / "index.html")
    assert seen.see_every_image() == [32] * (3 * len(hostile))
    assert seen.page.locator("li > p:first-child").all_text_contents() == list(hostile)
    assert all(url.startswith((predictions.as_uri(), "data:")) for url in seen.requests)


@pytest.mark.browser
def test_pictures_far_below_the_window_are_not_loaded(tmp_path: Path, visit: Callable[..., Any]) -> None:
    write_gallery(tmp_path / "index.html", title="Many", names=[f"{number:06d}" for number in range(2000)])
    seen = visit(tmp_path / "index.html")
    while len(seen.requests) <= 3:  # the page, then the pictures in sight; Playwright's own limit ends a wait for ever
        seen.page.wait_for_event("request")
    seen.page.wait_for_timeout(300)
    assert len(seen.requests) < 300
    assert seen.page.evaluate("document.querySelectorAll('main *').length") < 4 * 2000, "a row out of sight is a few elements"


@pytest.mark.browser
def test_a_picture_enlarges_by_keyboard_and_arrows_step_through_the_filtered_rows(
    predictions: Path, hostile: tuple[str, ...], visit: Callable[..., Any]
) -> None:
    write_gallery(predictions / "index.html", title="Facades", names=hostile)
    page = visit(predictions / "index.html").page
    page.get_by_role("searchbox").fill("a")
    shown = [name for name in hostile if "a" in name.lower()]
    assert page.locator("li:visible > p:first-child").all_text_contents() == shown
    page.locator("li:visible a").first.focus()
    page.keyboard.press("Enter")
    title = page.locator("dialog[open] .zoom-title")
    assert title.text_content() == shown[0]
    page.keyboard.press("ArrowRight")
    assert title.text_content() == shown[1]
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert title.text_content() == shown[-1]
    assert page.locator("dialog[open] img").count() == 3
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


@pytest.fixture
def measured(predictions: Path, hostile: tuple[str, ...]) -> Path:
    """A gallery beside the folder of its images: L1 grows from row to row, SSIM of the first image was not measured."""
    count = len(hostile)
    metrics = [
        ImageMetric("l1", "L1", True, [i / 100 for i in range(count)]),
        ImageMetric("ssim", "SSIM", False, [None, *(0.5 + (i * 7 % count) / 100 for i in range(1, count))]),
    ]
    page = predictions.parent / "pages" / "gallery.html"
    write_gallery(page, title="Facades", names=hostile, images=f"../{predictions.name}", metrics=metrics)
    return page


@pytest.mark.browser
def test_images_are_ordered_and_chosen_by_their_metrics_and_the_address_keeps_it(
    measured: Path, hostile: tuple[str, ...], visit: Callable[..., Any]
) -> None:
    seen = visit(measured)
    page, shown, status = seen.page, seen.page.locator("li:visible > p:first-child"), seen.page.get_by_role("status")
    page.get_by_label("Order").select_option("L1, worst first")
    assert shown.all_text_contents() == list(reversed(hostile))
    page.get_by_label("Order").select_option("SSIM, worst first")
    values = page.locator("main li").evaluate_all("rows => rows.map(({dataset}) => Number(dataset.values.split(' ')[1] || 9))")
    assert sorted(values) == values, "lowest first, and last what was not measured"
    page.get_by_label("Metric").select_option("L1")
    page.get_by_label("from").fill("0.02")
    page.get_by_label("to").fill("0.05")
    assert sorted(shown.all_text_contents()) == sorted(hostile[2:6])
    assert status.text_content() == f"4 of {len(hostile)}"

    again = visit(measured, fragment=page.url.partition("#")[2])
    assert again.page.locator("li:visible > p:first-child").all_text_contents() == shown.all_text_contents()
    page.get_by_label("Name contains").fill("no such name")
    assert status.text_content() == f"0 of {len(hostile)}: no image matches"
    page.get_by_role("button", name="Clear").click()
    page.wait_for_url(measured.as_uri())
    assert shown.all_text_contents() == list(hostile)
    assert seen.see_every_image() == [32] * (3 * len(hostile))
    assert seen.violations() == []
    page.locator("li a").first.click()
    page.keyboard.press("e")
    assert seen.violations() == []
    assert seen.problems + again.problems == []


@pytest.mark.browser
def test_the_csv_has_the_images_shown_in_their_order_and_no_formulas(tmp_path: Path, visit: Callable[..., Any]) -> None:
    names = ["=1+1", 'a "quoted", name', "left out"]
    write_gallery(tmp_path / "index.html", title="Facades", names=names, metrics=[ImageMetric("l1", "L1", True, [0.25, None, 0.5])])
    page = visit(tmp_path / "index.html").page
    page.get_by_label("Order").select_option("L1, worst first")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    with download.value.path().open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["name", "l1"], ["left out", "0.5"], ["'=1+1", "0.25"], ['a "quoted", name', ""]]


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1366])
@pytest.mark.parametrize("size", ["", "medium", "small"])
def test_every_size_fits_the_window(measured: Path, hostile: tuple[str, ...], visit: Callable[..., Any], width: int, size: str) -> None:
    seen = visit(measured, width=width, fragment=f"size={size}")
    assert seen.see_every_image() == [32] * (3 * len(hostile))
    assert seen.overflow() == 0


@pytest.mark.browser
def test_without_scripts_the_page_shows_everything(predictions: Path, hostile: tuple[str, ...], visit: Callable[..., Any]) -> None:
    write_gallery(predictions / "index.html", title="Facades", names=hostile)
    page = visit(predictions / "index.html", javascript=False).page
    assert page.locator("li > p:first-child").all_text_contents() == list(hostile)
    assert page.locator("main img").count() == 3 * len(hostile)
    assert not page.locator(".filter").is_visible()


@pytest.mark.browser
def test_pictures_come_with_their_rows_to_the_last_group_and_go_with_them(predictions: Path, visit: Callable[..., Any]) -> None:
    write_gallery(predictions / "index.html", title="Many", names=["plain", "two words"] * 200)
    page = visit(predictions / "index.html", width=400).page
    page.wait_for_function("() => Array.from(document.querySelectorAll('main img')).filter(one => one.naturalWidth === 32).length >= 180")
    page.evaluate("scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'})")
    page.wait_for_function(
        "() => Array.from(document.querySelectorAll('ul:last-of-type img')).filter(one => one.naturalWidth).length === 120"
    )
    page.wait_for_function("() => document.querySelectorAll('main img').length < 600")
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    page.wait_for_function("() => document.querySelectorAll('ul:first-of-type img').length === 180")
    names = page.locator("ul:first-of-type img").evaluate_all("all => all.slice(0, 4).map(one => one.alt)")
    assert names == ["plain, input", "plain, output", "plain, target", "two words, input"]


@pytest.mark.browser
def test_stepping_reaches_rows_that_were_never_near_the_window(predictions: Path, visit: Callable[..., Any]) -> None:
    write_gallery(predictions / "index.html", title="Many", names=["plain"] * 500)
    page = visit(predictions / "index.html").page
    page.locator("li a").first.click()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("Array.from(document.querySelectorAll('dialog img'), image => image.naturalWidth).join() === '32,32,32'")
