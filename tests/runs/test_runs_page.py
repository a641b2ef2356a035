"""The table of runs as a page: of records that a test makes up, so that MLflow is not needed."""

import io
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pix2pix.errors import UserError
from pix2pix.report.page import write_report
from pix2pix.runs import refresh
from pix2pix.runs.experiments import Result
from pix2pix.runs.page import write_runs
from pix2pix.runs.table import groups
from pix2pix.tracking import lookup
from pix2pix.tracking.lookup import RunRecord

EVIL = "<script>alert(1)</script>"


def run(name: str, dataset: str = "facades", *, start: int = 0, **params: str) -> RunRecord:
    metrics = {"test.l1": 0.08, "test.ssim": 0.4, "test.fd_efficientnet_lite0": 250.0}
    return RunRecord(name, f"{abs(hash(name)):032x}"[:32], dataset, "FINISHED", start, start + 1, params, metrics, {"dvc.exp_name": name})


class MadeUp:
    """Stands in for MLflow's records: every run has a picture but the broken ones."""

    def __init__(self, runs: list[RunRecord]) -> None:
        self.runs = runs

    def all(self) -> list[RunRecord]:
        return self.runs

    def last_sample(self, run: RunRecord) -> bytes | None:
        if run.name == "pictureless":
            return None
        out = io.BytesIO()
        Image.new("RGB", (192, 128), (200, 120, 40)).save(out, "PNG")
        return out.getvalue()[: 60 if run.name == "broken" else None]


def page_of(folder: Path, runs: list[RunRecord], made: list[Result] | None = None, **options: Any) -> Path:
    path = folder / "data" / "runs.html"
    write_runs(path, groups(runs, made or []), runs, MadeUp(runs), **options)  # type: ignore[arg-type]
    return path


def pictures(page: str) -> int:
    return page.count("data:image/jpeg;base64,")


def test_runs_and_experiments_without_one_are_listed_by_chain_with_what_differs(tmp_path: Path) -> None:
    runs = [run("long", seed="1"), run("short", seed="2"), run("colours", "food")]
    page = page_of(tmp_path, runs, [Result("unrecorded", "food", 9, {"train.lr": "0.1"}, {"l1": 0.5}, "")]).read_text()
    assert re.findall(r'<section id="runs-(\w+)"', page) == ["facades", "food"]
    assert re.findall(r'<th scope="row">(\w+)', page) == ["long", "short", "unrecorded", "colours"]
    assert "<code>seed=1</code>" in page and "<code>train.lr=0.1</code>" in page
    assert "2 runs" in page and "1 run and 1 experiment without a run" in page
    assert "pix2pix runs list --html data/runs.html" in page
    assert pictures(page) == 3


def test_a_run_has_the_minute_it_began_at_so_that_a_page_that_is_kept_stays_true(tmp_path: Path) -> None:
    page = page_of(tmp_path, [run("old", start=1_000_000_000_000)]).read_text()
    told = re.findall(r'<time datetime="([^"]+)">', page)
    assert [datetime.fromisoformat(text).timestamp() for text in told] == [1_000_000_000 // 60 * 60]
    assert " ago" not in page


def test_the_floor_and_the_caution_stand_below_the_runs_and_kid_comes_first(tmp_path: Path) -> None:
    kid, fd = "kid_efficientnet_lite0", "fd_efficientnet_lite0"
    known = run("measured")
    known.metrics.update({f"test.{kid}": 0.3, f"floor.{kid}": 0.0073, f"floor.{fd}": 44.24})
    known.tags["evaluation.caution"] = f"40 images are too few for {fd}: read {kid} first"
    page = page_of(tmp_path, [known, run("older")]).read_text()
    assert re.findall(r'class="number">([\w ]+) <', page) == ["L1", "SSIM", "KID Lite0", "FD Lite0"]
    floor = page.partition("real against real")[2].partition("</tr>")[0]
    assert re.findall(r'<td class="number[^>]*>([^<]+)', floor) == ["–", "–", "0.0073", "44.24"]
    assert "40 images are too few for FD Lite0: read KID Lite0 first." in page


def test_a_picture_that_is_missing_or_damaged_or_too_many_is_left_out(tmp_path: Path) -> None:
    page = page_of(tmp_path, [run("pictureless"), run("broken"), run("whole")]).read_text()
    assert pictures(page) == 1
    newest_first = [run(str(place), start=-place) for place in range(5)]
    assert pictures(page_of(tmp_path, newest_first, pictured=2).read_text()) == 2


def test_names_are_text(tmp_path: Path) -> None:
    page = page_of(
        tmp_path, [run(EVIL, EVIL, key=EVIL), run("b", EVIL, key="")], [Result(EVIL * 2, EVIL, 1, {EVIL: EVIL}, {}, "")], note=EVIL
    )
    assert "<script>alert" not in page.read_text()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[RunRecord] | UserError], None]:
    """`store(runs)`: what MLflow has; `store(UserError(...))`: what it says instead."""

    def holds(content: list[RunRecord] | UserError) -> None:
        def records(root: Path) -> MadeUp:
            if isinstance(content, UserError):
                raise content
            return MadeUp(content)

        monkeypatch.setattr(lookup, "Records", records)

    return holds


def refreshed(root: Path, *, recorded: bool = True) -> str | None:
    return refresh.refresh_runs(root / "data/runs.html", root, recorded=recorded, lock=root / ".resume/runs.lock")


def test_the_page_is_brought_up_to_date_and_stays_as_it_was_where_mlflow_cannot_be_asked(tmp_path: Path, store: Any) -> None:
    store([run("known")])
    assert refreshed(tmp_path) is None
    before = (tmp_path / "data/runs.html").read_text()
    assert "known" in before
    store(UserError("The MLflow store cannot be asked"))
    assert refreshed(tmp_path) == "The MLflow store cannot be asked"
    assert "tracking.enabled is false" in (refreshed(tmp_path, recorded=False) or "")
    assert (tmp_path / "data/runs.html").read_text() == before


def test_where_mlflow_is_off_and_no_page_there_is_one_that_says_why_it_is_empty(tmp_path: Path) -> None:
    assert refreshed(tmp_path, recorded=False)
    page = (tmp_path / "data/runs.html").read_text()
    assert "tracking.enabled is false" in page and "No runs yet" in page


def test_a_page_that_cannot_be_written_is_told_and_stops_nothing(tmp_path: Path, store: Any) -> None:
    store([])
    (tmp_path / "data").write_text("a file where the folder should be")
    assert "cannot be written" in (refreshed(tmp_path) or "")


@pytest.mark.browser
@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_quiet_complete_and_fits_its_window(tmp_path: Path, visit: Callable[..., Any], width: int, scheme: str) -> None:
    runs = [run("a", key="1"), run("b" * 60, key="x" * 200), run("pictureless", key="2"), run("c", "food")]
    seen = visit(page_of(tmp_path, runs, [Result("no-run", "anime", 1, {"a": "b"}, {}, "")], note="A note."), width=width, scheme=scheme)
    assert seen.see_every_image() == [192, 192, 192]
    assert seen.overflow() == 0
    assert seen.problems == []
    assert all(url.startswith((tmp_path.as_uri(), "data:")) for url in seen.requests)


@pytest.mark.browser
def test_the_report_leads_to_the_runs_of_each_chain(tmp_path: Path, new_chain: Callable[..., Any], visit: Callable[..., Any]) -> None:
    names = ("facades", "100% ü&<b>")
    write_report(tmp_path / "data/report/index.html", [new_chain(name) for name in names], runs="../runs.html")
    page_of(tmp_path, [run(f"of {name}", name) for name in names])
    for name in names:
        seen = visit(tmp_path / "data/report/index.html")
        shown = seen.page.frame_locator(f'iframe[title="Runs and experiments of {name}"]')
        assert shown.get_by_role("row", name=f"of {name}").is_visible()
        assert shown.get_by_role("heading").all_text_contents() == [], "the report's own headings stand above"
        assert shown.locator("section:visible").count() == 1
        seen.page.get_by_role("link", name=f"All runs and experiments of {name}").click()
        seen.page.wait_for_url("**/runs.html*")
        assert seen.page.locator("section:target h2").text_content() == name
        assert seen.problems == []
