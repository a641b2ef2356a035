"""The table of runs as a page: of records that a test makes up, so that MLflow is not needed."""

import io
import re
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pix2pix.errors import UserError
from pix2pix.repository.experiments import ExperimentResult
from pix2pix.runs.page import write_runs
from pix2pix.runs.table import groups
from pix2pix.tracking.lookup import RunRecord

EVIL = "<script>alert(1)</script>"


def run(name: str, dataset: str = "facades", *, start: int = 0, **params: str) -> RunRecord:
    metrics = {"test/L1": 0.08, "test/SSIM": 0.4, "test/FD Lite0": 250.0}
    return RunRecord(name, f"{abs(hash(name)):032x}"[:32], dataset, "FINISHED", start, start + 1, params, metrics, {"dvc.exp_name": name})


class MadeUp:
    """Stands in for MLflow's records: every run has a sample sheet but the broken ones."""

    def __init__(self, runs: list[RunRecord]) -> None:
        self.runs = runs

    def page(self, run: RunRecord) -> str:
        return f"http://127.0.0.1:5000/#{run.name}"

    def last_sample(self, run: RunRecord) -> bytes | None:
        if run.name == "imageless":
            return None
        out = io.BytesIO()
        if run.name == "odd":
            raise UserError("The MLflow store cannot be asked: Invalid path: '../../x'")
        Image.new("1" if run.name == "huge" else "RGB", (20_000, 20_000) if run.name == "huge" else (192, 128), 1).save(out, "PNG")
        return out.getvalue()[: 60 if run.name == "broken" else None]


def page_of(folder: Path, runs: list[RunRecord], made: list[ExperimentResult] | None = None) -> Path:
    path = folder / "data" / "runs.html"
    write_runs(path, groups(runs, made or []), runs, MadeUp(runs))  # type: ignore[arg-type]
    return path


def images(page: str) -> int:
    return page.count("data:image/webp;base64,")


def test_runs_and_experiments_without_one_are_listed_by_chain_with_what_differs(tmp_path: Path) -> None:
    runs = [run("long", seed="1"), run("short", seed="2"), run("colours", "food")]
    page = page_of(tmp_path, runs, [ExperimentResult("unrecorded", "food", 9, {"train.lr": "0.1"}, {"l1": 0.5}, "")]).read_text()
    assert re.findall(r'<section id="runs-(\w+)"', page) == ["facades", "food"]
    assert re.findall(r'<th scope="row">(?:<a [^>]*>)?(\w+)', page) == ["long", "short", "unrecorded", "colours"]
    assert "<code>seed=1</code>" in page and "<code>train.lr=0.1</code>" in page
    assert "2 runs" in page and "1 run and 1 experiment without a run" in page
    assert "pix2pix runs list --html data/runs.html" in page
    assert images(page) == 3


def test_a_run_has_the_minute_it_began_at_so_that_a_page_that_is_kept_stays_true(tmp_path: Path) -> None:
    page = page_of(tmp_path, [run("old", start=1_000_000_000_000)]).read_text()
    times = re.findall(r'<time datetime="([^"]+)">', page)
    assert [datetime.fromisoformat(text).timestamp() for text in times] == [1_000_000_000 // 60 * 60]
    assert " ago" not in page


def test_the_reference_and_the_caution_stand_below_the_runs_and_kid_comes_first(tmp_path: Path) -> None:
    kid, fd = "kid_efficientnet_lite0", "fd_efficientnet_lite0"
    known = run("measured")
    known.metrics.update({"test/KID Lite0": 0.3, "reference/KID Lite0": 0.0073, "reference/FD Lite0": 44.24})
    known.tags["evaluation.caution"] = f"40 images are too few for {fd}: read {kid} first"
    page = page_of(tmp_path, [known, run("older")]).read_text()
    assert re.findall(r'class="number">([\w ]+) <', page) == ["L1", "SSIM", "KID Lite0", "FD Lite0"]
    reference = page.partition("reference (real vs. real)")[2].partition("</tr>")[0]
    assert re.findall(r'<td class="number[^>]*>([^<]+)', reference) == ["–", "–", "0.0073", "44.24"]
    assert "40 images are too few for FD Lite0: read KID Lite0 first." in page


def test_an_image_that_is_missing_or_damaged_is_left_out(tmp_path: Path) -> None:
    page = page_of(tmp_path, [run("imageless"), run("broken"), run("whole")]).read_text()
    assert images(page) == 1


def test_names_are_text(tmp_path: Path) -> None:
    page = page_of(
        tmp_path, [run(EVIL, EVIL, key=EVIL), run("b", EVIL, key="")], [ExperimentResult(EVIL * 2, EVIL, 1, {EVIL: EVIL}, {}, "")]
    )
    assert "<script>alert" not in page.read_text()


def test_a_sample_sheet_that_cannot_be_had_is_left_out_and_named(tmp_path: Path) -> None:
    runs = [run("odd"), run("huge"), run("broken"), run("whole")]
    skipped = write_runs(tmp_path / "runs.html", groups(runs, []), runs, MadeUp(runs))  # type: ignore[arg-type]
    assert [re.findall(r"sheet of (\w+)", line) for line in skipped] == [["odd"], ["huge"], ["broken"]]
    page = (tmp_path / "runs.html").read_text()
    assert images(page) == 1 and re.findall(r'<th scope="row">(?:<a [^>]*>)?(\w+)', page) == ["odd", "huge", "broken", "whole"]


def test_the_best_of_each_metric_is_marked_and_parameters_like_the_first_runs_are_left_out(tmp_path: Path) -> None:
    first, same, better = (run(name, start=start, seed="1", lr=lr) for name, start, lr in (("a", 1, "1"), ("b", 2, "1"), ("c", 3, "2")))
    better.metrics.update({"test/L1": 0.07, "test/SSIM": 0.3})
    page = page_of(tmp_path, [better, same, first]).read_text()
    rows = [row.partition("</tr>")[0] for row in page.split('<tr class="run">')[1:]]
    assert [re.findall(r"<code>(\w+=\w+)</code>", row) for row in rows] == [["lr=2"], [], ["lr=1"]]
    assert ["first run" in row for row in rows] == [False, False, True]
    assert [re.findall(r'class="number best"[^>]*>([\d.]+)', row) for row in rows] == [
        ["0.0700"],
        ["0.4000"],
        ["0.4000"],
    ], "no Frechet distance is better than another"


def test_the_time_for_a_page_grows_with_its_runs_alone(tmp_path: Path) -> None:
    one = run("a")
    many = [replace(one, run_id=f"{i:032x}", metrics={"test/L1": i / 1e4, "test/SSIM": i / 1e4}) for i in range(3000)]
    began = time.process_time()
    write_runs(tmp_path / "runs.html", groups(many), [], MadeUp([]))  # type: ignore[arg-type]
    assert time.process_time() - began < 2, "0.3 s, or 7 s if each row looks at all others"


@pytest.mark.browser
def test_runs_are_sorted_and_filtered_in_the_browser(tmp_path: Path, chromium: Any) -> None:
    made = (("new", 3, "0.1", "0"), ("middle", 2, "0.2", "1"), ("old", 1, "0.3", "0"))
    runs = [run(name, start=start * 60_000, lr=lr, seed=seed) for name, start, lr, seed in made]
    for record, l1 in zip(runs, (0.2, 0.3, 0.1), strict=True):
        record.metrics["test/L1"] = l1
    del runs[0].metrics["test/SSIM"]
    page = chromium.new_page()
    page.goto(page_of(tmp_path, runs).as_uri())
    names = lambda: [text.split()[0] for text in page.locator("tr.run:visible th").all_inner_texts()]  # noqa: E731
    for head, orders in (("L1", ["old new middle", "middle new old"]), ("Run", ["old middle new", "new middle old"])):
        for order in orders:
            page.get_by_role("columnheader", name=head).first.get_by_role("button").click()
            assert names() == order.split()
    for _ in range(2):
        page.get_by_role("columnheader", name="SSIM").get_by_role("button").click()
        assert names()[-1] == "new"  # it has none
    page.get_by_role("searchbox").fill("LR=0.2 finished")
    assert names() == ["middle"] and page.get_by_text("1 of 3").is_visible()
    page.get_by_role("searchbox").fill("seed=0")
    assert sorted(names()) == ["new", "old"], "found though it is shown of the first run alone"
