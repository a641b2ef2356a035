import os
import re
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from pix2pix.compare.compare import REAL, Comparison, compare
from pix2pix.compare.match import match
from pix2pix.compare.page import ROWS, write_comparison
from pix2pix.compare.source import from_folder
from pix2pix.evaluate.evaluate import image_metrics
from pix2pix.evaluate.evaluator import Evaluator
from tests.evaluate.test_evaluator import Colours
from tests.report_pages import HOSTILE, picture

IMAGE_METRICS = image_metrics({}, colouring=False)

STEMS = (*(f"{i:03d}" for i in range(12)), *(name for name in HOSTILE if not name.startswith("data:")))


def fill(folder: Path, seed: int) -> None:
    folder.mkdir(parents=True)
    for place, stem in enumerate(STEMS):
        picture(seed * 1000 + place).save(folder / f"{stem}.png")


@pytest.fixture
def compared(tmp_path: Path) -> Callable[..., Comparison]:
    """`compared("a", "b", notes=[...])`: the sets of these names against the same targets; the first one's inputs are known."""

    def made(*names: str, notes: list[str] | None = None) -> Comparison:
        home = tmp_path / f"sets-{len(names)}"
        for seed, name in enumerate(names):
            fill(home / name, seed)
        fill(home / names[0] / "targets", 100)
        fill(home / names[0] / "inputs", 200)
        sources = [from_folder(home / name) for name in names]
        evaluator = Evaluator(IMAGE_METRICS, Colours(), torch.device("cpu"))
        return compare(match(sources, None, common=False), evaluator, notes or [])

    return made


def page(tmp_path: Path, comparison: Comparison) -> str:
    write_comparison(tmp_path / "page.html", comparison)
    return (tmp_path / "page.html").read_text(encoding="utf-8")


def test_the_same_comparison_gives_the_same_bytes_with_everything_inside(tmp_path: Path, compared: Callable[..., Comparison]) -> None:
    comparison = compared("a", "b")
    pages = [page(tmp_path, comparison) for _ in range(2)]
    assert pages[0] == pages[1]
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", pages[0])
    assert not list(tmp_path.rglob("*.partial"))


def test_each_set_has_a_row_with_intervals_and_all_but_the_first_a_verdict(tmp_path: Path, compared: Callable[..., Comparison]) -> None:
    text = page(tmp_path, compared("a", "b", "c"))
    rows = re.findall(r'<tr class="(\w+)"><th scope="row">([^<]+)<', text)
    assert rows == [
        ("model", "a"),
        ("model", "b"),
        ("model", "c"),
        ("baseline", "identity (input)"),
        ("baseline", "mean of the targets"),
        ("reference", REAL),
    ]
    [first, second] = [row.partition("</tr>")[0] for row in text.split('<tr class="model">')[1:3]]
    measured = len(image_metrics({}, colouring=False))
    assert first.count("against") == 0 and first.count(" to ") == measured + 1  # the kernel distance has an interval too
    assert second.count('class="against') == second.count(", p ") + 1 == measured + 1  # and a difference, but no test
    sentences = re.findall(r'<p class="conclusion">(.+?)</p>', text)
    assert [sentence.split()[0] for sentence in sentences] == ["b", "c"]


def test_the_images_that_changed_most_come_first_side_by_side(tmp_path: Path, compared: Callable[..., Comparison]) -> None:
    comparison = compared("a", "b")
    text = page(tmp_path, comparison)
    changed = text.partition('id="changed"')[2].partition("</section>")[0]
    a, b = comparison.sources
    change = (b.values["l1"] - a.values["l1"]).abs()
    largest = comparison.matched.stems[int(change.argmax())]
    assert re.findall(r"<figcaption><strong>([^<]+)", changed)[0] == largest
    assert re.findall(r'<span aria-hidden="true">(\w+)', changed)[:4] == ["Input", "Target", "a", "b"]
    assert changed.count("<figure>") == ROWS


def test_every_image_has_the_pixels_of_its_file(tmp_path: Path, compared: Callable[..., Comparison]) -> None:
    comparison = compared("a", "b")
    even = page(tmp_path, comparison).partition('id="even"')[2]
    shown = [np.asarray(Image.open(BytesIO(b64decode(data)))) for data in re.findall(r'src="data:image/\w+;base64,([^"]+)"', even)]
    matched, first = comparison.matched, comparison.matched.stems[0]
    files = [matched.inputs[first], matched.targets[first], *(source.outputs[first] for source in matched.sources)]
    for image, file in zip(shown, files, strict=False):
        assert (image == np.asarray(Image.open(file))).all()
    assert len(shown) == ROWS * len(files)


def test_one_set_alone_has_no_differences_to_show(tmp_path: Path, compared: Callable[..., Comparison]) -> None:
    text = page(tmp_path, compared("alone"))
    assert 'id="changed"' not in text and 'id="spread"' not in text
    assert 'id="even"' in text


def test_identical_sets_are_said_to_be_and_show_no_changes(tmp_path: Path, compared: Callable[..., Comparison]) -> None:
    comparison = compared("a", "b")
    for stem in STEMS:
        comparison.matched.sources[1].outputs[stem].write_bytes(comparison.matched.sources[0].outputs[stem].read_bytes())
    evaluator = Evaluator(IMAGE_METRICS, Colours(), torch.device("cpu"))
    text = page(tmp_path, compare(comparison.matched, evaluator, []))
    assert "b and a are identical: every image is the same." in text
    assert 'id="changed"' not in text and 'id="spread"' not in text


def test_names_and_notes_are_text(tmp_path: Path, compared: Callable[..., Comparison]) -> None:
    evil = "<img src=x onerror=console.error(1)>"
    comparison = compared(evil, "<b>", notes=["<script>alert(1)</script>"])
    write_comparison(tmp_path / "page.html", comparison, evil, {"Parameters": [[evil, "1", "→", "2"]], "Code": []})
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert text.index("What differs") < text.index(">Results<")
    assert "<script>alert" not in text and "<img src=x" not in text and "<b></strong>" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_set_whose_name_is_no_utf_8_is_shown_with_a_replacement_character(tmp_path: Path, compared: Callable[..., Comparison]) -> None:
    text = page(tmp_path, compared("a", os.fsdecode(b"caf\xe9")))
    assert "<title>a and caf\ufffd</title>" in text and "udce9" not in text


@pytest.mark.browser
def test_a_row_enlarges_with_every_set_named(tmp_path: Path, compared: Callable[..., Comparison], visit: Callable[..., Any]) -> None:
    comparison = compared("first", "second")
    page(tmp_path, comparison)
    browser = visit(tmp_path / "page.html").page
    browser.locator(".strips button").last.click()
    captions = browser.locator("dialog[open] figcaption").all_text_contents()
    assert [caption.split()[0] for caption in captions] == ["Input", "Target", "first", "second"]
    assert re.search(r"\d", captions[2])
    browser.keyboard.press("Escape")
    assert browser.locator("dialog[open]").count() == 0
