import csv
import json
import math
import re
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pix2pix.errors import UserError
from pix2pix.metrics.labels import MEAN
from pix2pix.report.page import read_summaries, write_report

FD = "fd_efficientnet_lite0"
NewSummary = Callable[..., dict[str, Any]]


def report(folder: Path, *summaries: dict[str, Any], **options: Any) -> str:
    """The text of a report."""
    write_report(folder / "report" / "index.html", summaries, **options)
    return (folder / "report" / "index.html").read_text(encoding="utf-8")


def inlined(page: str) -> list[Image.Image]:
    """Every picture inside the page."""
    return [Image.open(BytesIO(b64decode(data))) for data in re.findall(r'src="data:image/(?:webp|jpeg);base64,([^"]+)"', page)]


def test_the_same_inputs_give_the_same_bytes_wherever_they_lie(tmp_path: Path, new_summary: NewSummary) -> None:
    def page(place: str) -> str:
        return report(tmp_path / place, new_summary("a", under=place), new_summary("b", under=place, kind="lab", direction=None))

    pages = [page("x"), page("y")]
    assert pages[0] == pages[1]
    assert str(tmp_path) not in pages[0]
    assert not list(tmp_path.rglob("*.partial"))


def test_every_section_is_there_and_pictures_are_inside(tmp_path: Path, new_summary: NewSummary) -> None:
    page = report(tmp_path, new_summary("a", examples=4), new_summary("b", examples=4))
    once = ("Results", "In plain words")
    in_each_chain = ("Input, output, target", "Best, median and worst", "How it learned", "From image to image")
    assert [page.count(f">{heading}</h2>") for heading in once] == [1, 1]
    assert [page.count(f">{heading}</h3>") for heading in in_each_chain] == [2, 2, 2, 2]
    assert len(inlined(page)) == 2 * (4 * 3 + 3 * 4 + 3)
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", page)


def test_names_and_settings_are_text(tmp_path: Path, new_summary: NewSummary, hostile: tuple[str, ...]) -> None:
    evil = "<script>alert(1)</script>"
    page = report(tmp_path, new_summary(settings={evil: evil}, examples=len(hostile)), title=evil)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert page.count("&lt;script&gt;alert") >= 4


def test_metrics_that_are_missing_or_not_finite_are_dashes(tmp_path: Path, new_summary: NewSummary) -> None:
    metrics = {"l1": math.nan, "psnr": None, "ssim": 0.7, FD: math.inf}
    rows = [{"name": "identity (input)", "ssim": None}]
    page = report(tmp_path, new_summary(metrics=metrics, rows=rows))
    model = page[page.index('<tr class="model">') :].partition("</tr>")[0]
    assert re.findall(r"<td[^>]*>([^<]+)", model) == ["–", "–", "0.7000", "–"]
    assert not re.search(r"\b(nan|inf|None)\b", re.sub(r'"data:[^"]+"', "", page))


def test_best_median_and_worst_are_by_lpips_where_it_was_measured_else_by_l1(tmp_path: Path, new_summary: NewSummary) -> None:
    by_l1 = [{"name": name, "l1": l1, "ssim": 0.5} for name, l1 in (("p", 0.5), ("q", 0.1), ("r", 0.3), ("s", 0.2), ("t", None))]
    page = report(tmp_path, new_summary(names=("p", "q", "r", "s", "t"), images=by_l1))
    assert re.findall(r"<strong>(\w+)</strong>: (\w)\.", page) == [("Best", "q"), ("Median", "s"), ("Worst", "p")]
    by_lpips = [{**row, "lpips": 0.9 - float(row["l1"])} for row in by_l1[:4]]
    page = report(tmp_path, new_summary("b", names=("p", "q", "r", "s"), images=by_lpips))
    assert "By LPIPS, with the place" in page and "LPIPS of 4 images" in page
    assert re.findall(r"<strong>(\w+)</strong>: (\w)\.", page) == [("Best", "p"), ("Median", "r"), ("Worst", "q")]
    page = report(tmp_path, new_summary("c", names=("p",), images=by_l1[:1]))
    assert "LPIPS was not measured" in page
    assert re.findall(r"<strong>([\w ]+)</strong>: (\w)\.", page) == [("Best and median and worst", "p")]


def test_a_caution_stands_once_and_only_where_it_holds(tmp_path: Path, new_summary: NewSummary) -> None:
    few = {"caution": f"11 images are too few for {FD}"}
    assert report(tmp_path, new_summary("a", **few), new_summary("b", **few)).count("11 images are too few for FD Lite0.") == 1
    page = report(tmp_path, new_summary("c"))
    assert 'class="soft caution"' not in page and "It is not FID" in page


def test_the_page_opens_with_an_image_and_figures_of_each_dataset(tmp_path: Path, new_summary: NewSummary) -> None:
    page = report(tmp_path, new_summary("a"), new_summary("b", kind="lab"))
    first, second = page.partition("<main>")[2].partition('id="results"')[0].split('<article class="card"')[1:]
    for card in (first, second):
        assert len(inlined(card)) == 3
        assert re.findall(r"<dt>(\w+) ", card) == ["L1", "SSIM", "PSNR"]
    assert "the grey input" in second and "the grey input" not in first


def test_figures_can_be_saved_from_the_page_and_the_model_is_named_with_the_commands_that_find_it(
    tmp_path: Path, new_summary: NewSummary
) -> None:
    summary = new_summary("a")
    page = report(tmp_path, summary)
    files = {name: b64decode(data).decode() for name, data in re.findall(r'download="([^"]+)" href="data:[\w/]+;base64,([^"]+)"', page)}
    assert json.loads(files["a.json"])["metrics"] == summary["metrics"]
    rows = list(csv.DictReader(files["a.csv"].splitlines()))
    assert [float(row["l1"]) for row in rows] == [row["l1"] for row in summary["images"]]
    assert f"pix2pix runs reproduce {summary['model_sha256'][:12]}<" in page


def test_the_l1_losses_of_the_curves_are_told_from_the_l1_of_the_tables(tmp_path: Path, new_summary: NewSummary) -> None:
    page = report(tmp_path, new_summary())
    before, curves = page.split(">How it learned<")
    assert "L1 loss" not in before and "another scale than the L1 of the tables" in curves
    assert {"training L1 loss", "validation L1 loss"} <= set(re.findall(r"[a-z]+ L1 loss", curves))


def test_intervals_stand_below_the_numbers(tmp_path: Path, new_summary: NewSummary) -> None:
    intervals = {"model": {"l1": {"low": 0.08, "high": 0.12}}, MEAN: {"l1": {"low": 0.18, "high": 0.22}}}
    page = report(tmp_path, new_summary(intervals=intervals))
    details = page[page.index("<details>") :]
    rows = details[details.index('<tr class="model">') :].partition("</tbody>")[0].split("</tr>")
    assert [re.findall(r"<small>([^<]+)</small>", row) for row in rows[:4]] == [["0.0800 to 0.1200"], [], ["0.1800 to 0.2200"], []]


def test_with_too_few_images_kid_comes_first_and_the_caution_names_it_as_the_table_does(tmp_path: Path, new_summary: NewSummary) -> None:
    kid = "kid_efficientnet_lite0"
    metrics = {"l1": 0.1, FD: 30.0, kid: 0.05}
    enough = report(tmp_path, new_summary("a", metrics=metrics, rows=[]))
    few = report(tmp_path, new_summary("b", metrics=metrics, rows=[], caution=f"11 images are too few for {FD}: read {kid} first"))

    def headings(page: str) -> list[str]:
        return re.findall(r'<th scope="col">([^<]+?) <', page.partition("</table>")[0])

    assert headings(enough) == ["L1", "FD Lite0", "KID Lite0"]
    assert headings(few) == ["L1", "KID Lite0", "FD Lite0"]
    assert "11 images are too few for FD Lite0: read KID Lite0 first." in few


def test_what_a_set_is_as_a_whole_has_a_table_of_its_own(tmp_path: Path, new_summary: NewSummary) -> None:
    rows = [
        {"name": "model", "precision": 0.9, "recall": 0.25, "colourfulness": 61.5, "ab_distance": 0.32},
        {"name": "identity (input)", "precision": None, "recall": 0.5, "colourfulness": 0.0, "ab_distance": 0.86},
    ]
    page = report(tmp_path, new_summary(rows=rows))
    table = page.partition("The images as a set")[2].partition("</table>")[0]
    assert re.findall(r'<th scope="col">([^<]+?) <', table) == ["Precision", "Recall", "Colour distance", "Colourfulness"]
    assert re.findall(r"<td[^>]*>([^<]+)", table) == ["0.9000", "0.2500", "0.3200", "61.50", "–", "0.5000", "0.8600", "0.000"]
    assert "The images as a set" not in report(tmp_path, new_summary("plain"))


def test_a_chain_without_samples_has_no_film(tmp_path: Path, new_summary: NewSummary) -> None:
    assert 'class="film"' not in report(tmp_path, new_summary(names=("p",), samples=tmp_path / "none"))


def test_datasets_need_names_of_their_own(tmp_path: Path, new_summary: NewSummary) -> None:
    summary = new_summary(names=("p",))
    with pytest.raises(ValueError, match="a dataset of its own"):
        write_report(tmp_path / "index.html", [summary, summary])
    with pytest.raises(ValueError, match="needs summaries"):
        write_report(tmp_path / "index.html", [])


def test_summaries_are_read_in_their_order_and_those_of_other_datasets_are_removed(tmp_path: Path) -> None:
    for name in ("a", "b", "left-over"):
        (tmp_path / f"{name}.json").write_text(f'{{"dataset": "{name}"}}')
    (tmp_path / "b.csv").touch()
    with pytest.raises(UserError, match=r"c\.json cannot be read.*run the stage summary"):
        read_summaries(tmp_path, ["a", "c"])
    assert (tmp_path / "left-over.json").exists(), "nothing is removed where one is missing"
    assert [summary["dataset"] for summary in read_summaries(tmp_path, ["b", "a"])] == ["b", "a"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.csv", "b.json"]


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(400, "dark"), (1280, "light")])
def test_the_page_is_quiet_complete_and_fits_its_window(
    tmp_path: Path, new_summary: NewSummary, visit: Callable[..., Any], width: int, scheme: str
) -> None:
    six = {"l1": 0.0837, "psnr": 19.07, "ssim": 0.6718, "lpips": 0.4126, "kid_efficientnet_lite0": -0.276, FD: 184.2}
    bounds = {metric: {"low": -0.4001 if metric == "ssim" else 0.4001, "high": 0.4301} for metric in six if metric != FD}
    summaries = (
        new_summary("a", metrics=six, intervals={"model": bounds}, examples=11),
        new_summary("b" * 60, kind="lab", direction=None, examples=11),
    )
    report(tmp_path, *summaries)
    seen = visit(tmp_path / "report" / "index.html", width=width, scheme=scheme)
    assert seen.page.evaluate("document.querySelector('.card img').getBoundingClientRect().bottom < innerHeight"), "on the first screen"
    widths = seen.see_every_image()
    assert len(widths) == 2 * (11 * 3 + 3 * 4 + 3)
    assert min(widths) > 0
    assert seen.overflow() == 0
    tables = seen.page.evaluate("Array.from(document.querySelectorAll('.scroll'), table => table.scrollWidth - table.clientWidth)")
    assert set(tables) == {0}, "six measures with intervals need no scrolling"
    assert seen.page.evaluate("document.querySelector('.tabs').getBoundingClientRect().top") == 0, "the datasets stay in sight"
    assert seen.violations() == []
    assert seen.problems == []
    assert all(url.startswith((tmp_path.as_uri(), "data:")) for url in seen.requests)
    paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", paper))) > 380) == (scheme == "light")


@pytest.mark.browser
def test_the_slider_shows_one_epoch_at_a_time(tmp_path: Path, new_summary: NewSummary, visit: Callable[..., Any]) -> None:
    report(tmp_path, new_summary())
    page = visit(tmp_path / "report" / "index.html").page
    shown = page.locator(".film figure:visible")
    assert [shown.count(), shown.get_attribute("data-epoch")] == [1, "3"]
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    assert [shown.count(), shown.get_attribute("data-epoch")] == [1, "1"]
    assert page.locator(".film-control span").text_content() == "Epoch 1"
    values, cursor = page.locator(".charts [data-values]"), page.locator(".plot i").first
    assert values.first.text_content() == "0.3" and cursor.bounding_box()["x"] > 0
    chart = page.locator(".plot").first.bounding_box()
    page.mouse.move(chart["x"] + chart["width"] * 0.5, chart["y"] + 20)
    assert [values.first.text_content(), shown.get_attribute("data-epoch")] == ["0.15", "2"]
    page.get_by_role("button", name="Play").click()
    shown.and_(page.locator("[data-epoch='3']")).wait_for()
    page.get_by_role("button", name="Play").wait_for()  # it stops at the last
    shown.locator("button").click()
    assert page.locator("dialog[open] .zoom-title").text_content() == "facades, epoch 3"


@pytest.mark.browser
def test_without_scripts_the_epochs_are_a_strip(tmp_path: Path, new_summary: NewSummary, visit: Callable[..., Any]) -> None:
    report(tmp_path, new_summary())
    seen = visit(tmp_path / "report" / "index.html", width=400, javascript=False)
    assert seen.page.locator(".film figure:visible").count() == 3
    assert not seen.page.locator(".film-control").is_visible()
    assert seen.page.locator(".film figcaption:visible").all_text_contents() == ["Epoch 1", "Epoch 2", "Epoch 3"]


@pytest.mark.browser
def test_a_picture_enlarges_with_its_error_map(tmp_path: Path, new_summary: NewSummary, visit: Callable[..., Any]) -> None:
    report(tmp_path, new_summary())
    page = visit(tmp_path / "report" / "index.html").page
    page.locator(".extremes button").first.click()
    assert page.locator("dialog[open] figcaption").all_text_contents() == ["Input", "Output", "Target", "Error"]
    page.get_by_role("button", name="Close").click()
    assert page.locator("dialog[open]").count() == 0
