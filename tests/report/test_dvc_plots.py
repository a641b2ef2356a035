"""`dvc plots show` and `dvc plots diff` of a real repository, looked at with the network cut."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PIPELINE = """
stages:
  train:
    cmd: python make.py
    params: [shade]
    plots:
      - data/samples
      - data/history/<one>.csv: {x: epoch, y: val_l1, title: "one: difference"}
      - data/history/two.csv: {x: epoch, y: val_l1}
plots:
  - adversarial:
      x: epoch
      y: {data/history/two.csv: [loss_d_real, loss_d_fake]}
"""
MAKE = """
import json
from pathlib import Path
from PIL import Image
shade = int(Path("params.yaml").read_text().split()[1])
for name in ("history", "samples"):
    Path("data", name).mkdir(parents=True, exist_ok=True)
rows = [f"{e},{shade / e},{'' if e == 2 else shade / 100 / e},0.5,{0.1 * e}" for e in range(1, 6)]
for name in ("<one>", "two"):
    Path(f"data/history/{name}.csv").write_text("\\n".join(["epoch,loss_g_l1,val_l1,loss_d_real,loss_d_fake", *rows, ""]))
Image.new("RGB", (300, 30), (shade, 0, 0)).save("data/samples/epoch-0005.png")
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two revisions of a training, with this project's plots page and DVC settings."""
    root = tmp_path_factory.mktemp("plots") / "repo"
    root.mkdir()

    def run(*command: str) -> None:
        subprocess.run(command, cwd=root, check=True, capture_output=True)

    dvc = (sys.executable, "-m", "dvc")
    run("git", "init", "-q")
    run("git", "config", "user.name", "A Test")
    run("git", "config", "user.email", "test@example.org")
    run(*dvc, "init", "-q")
    for name in ("config", "plots.html"):
        shutil.copy(ROOT / ".dvc" / name, root / ".dvc" / name)
    (root / "make.py").write_text(MAKE)
    (root / "dvc.yaml").write_text(PIPELINE.replace("python", sys.executable))
    for shade in (100, 200):
        (root / "params.yaml").write_text(f"shade: {shade}\n")
        run(*dvc, "repro", "-q")
        run("git", "add", "--all")
        run("git", "commit", "-q", "-m", str(shade))
    return root


@cache
def plots(repository: Path, *arguments: str) -> Path:
    """The page that a DVC command writes."""
    command = [sys.executable, "-m", "dvc", "plots", *arguments, "-o", arguments[0]]
    subprocess.run(command, cwd=repository, check=True, capture_output=True)
    return repository / arguments[0] / "index.html"


@pytest.mark.pipeline
def test_the_page_names_no_address_outside(repository: Path) -> None:
    text = plots(repository, "diff", "HEAD~1", "HEAD").read_text()
    assert {url for url in re.findall(r"https?://[^\s\"'<>)]+", text) if not url.startswith("http://www.w3.org/")} <= {
        "https://vega.github.io/schema/vega-lite/v5.json"  # the name of a format, which nothing asks for
    }
    assert "<script src" not in text


@pytest.mark.pipeline
@pytest.mark.browser
@pytest.mark.parametrize(("command", "lines"), [(["show"], 1), (["diff", "HEAD~1", "HEAD"], 2)])
@pytest.mark.parametrize(("width", "scheme"), [(400, "dark"), (1280, "light")])
def test_curves_and_pictures_are_there_with_the_network_cut(
    repository: Path, visit: Callable[..., Any], command: list[str], lines: int, width: int, scheme: str
) -> None:
    seen = visit(plots(repository, *command), width=width, scheme=scheme)
    assert seen.problems == []
    assert all(url.startswith((repository.as_uri(), "data:")) for url in seen.requests)
    assert seen.overflow() == 0
    charts = seen.page.locator("svg[role=img]")
    assert charts.count() == 3
    assert [charts.nth(i).locator("path").count() for i in range(3)] == [2 * lines, lines, lines]  # the two columns of D first
    titles = seen.page.locator("h2").all_text_contents()
    assert titles[:2] == ["adversarial", "one: difference"]
    letters = seen.page.evaluate("Array.from(document.querySelectorAll('svg[role=img] text'), text => text.getBoundingClientRect().height)")
    assert min(letters) >= 12, "letters keep their size however narrow the page"
    pictures = seen.page.evaluate("Array.from(document.images, image => [image.complete && image.naturalWidth, image.alt !== ''])")
    assert pictures == [[300, True]] * lines


@pytest.mark.pipeline
@pytest.mark.browser
def test_a_gap_in_the_numbers_is_a_gap_in_the_curve(repository: Path, visit: Callable[..., Any]) -> None:
    page = visit(plots(repository, "show")).page
    curve = page.locator("svg[role=img]").nth(1)
    assert curve.locator("circle").count() == 4
    assert curve.locator("text[text-anchor=middle]").all_text_contents() == ["1", "2", "3", "4", "5"]
    assert curve.locator("path").get_attribute("d").count("M") == 2
    assert curve.get_attribute("aria-label") == "val_l1 by epoch: workspace ends at 0.4"


@pytest.mark.pipeline
@pytest.mark.browser
def test_the_other_columns_of_a_history_can_be_looked_at(repository: Path, visit: Callable[..., Any]) -> None:
    page = visit(plots(repository, "show")).page
    choice = page.get_by_label("Column").nth(1)
    assert choice.locator("option").all_text_contents() == ["val_l1", "loss_g_l1", "loss_d_real", "loss_d_fake"]
    choice.select_option("loss_g_l1")
    assert page.locator("svg[role=img]").nth(1).get_attribute("aria-label") == "loss_g_l1 by epoch: workspace ends at 40"


@pytest.mark.browser
def test_the_page_draws_one_epoch_and_says_where_there_is_nothing(tmp_path: Path, visit: Callable[..., Any]) -> None:
    template = (ROOT / ".dvc/plots.html").read_text()
    spec = '{"data": {"values": [%s]}, "title": "t", "encoding": {"x": {"field": "epoch"}}, "layer": [{"encoding": {"y": {"field": "a"}}}]}'
    divs = ""
    for name, rows in (("one", '{"epoch": "1", "a": "0.5", "rev": "w"}'), ("none", '{"epoch": "1", "a": "", "rev": "w"}'), ("empty", "")):
        divs += f"<div id='{name}'></div><script>vegaEmbed('#{name}', {spec % rows});</script>"
    (tmp_path / "page.html").write_text(template.replace("{plot_divs}", divs).replace("{refresh_tag}", ""))
    seen = visit(tmp_path / "page.html")
    assert seen.problems == []
    assert seen.page.locator("#one svg[role=img] circle").count() == 1
    assert seen.page.locator("#none").text_content().endswith("No numbers to draw.")
    assert seen.page.locator("#empty").text_content() == ""
