"""What goes wrong is said in words, and the page goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.demo.open_page import HOSTILE, Demo
from tests.demo.test_page import assert_networks_own

pytestmark = pytest.mark.browser


def complaint(demo: Demo) -> str:
    alert = demo.page.get_by_role("alert")
    alert.wait_for()
    return str(alert.inner_text())


def test_a_file_that_is_no_picture_is_named_and_the_drawing_stays(demo: Demo, tmp_path: Path) -> None:
    before = demo.pixels("drawing")
    (tmp_path / "notes.txt").write_text("no picture")
    demo.open(tmp_path / "notes.txt")
    assert "notes.txt" in complaint(demo) and "PNG" in complaint(demo)
    assert (demo.pixels("drawing") == before).all()
    demo.page.get_by_role("button", name="Close").click()
    assert demo.page.get_by_role("alert").is_hidden()


def test_a_seed_that_is_none_is_refused_with_the_way_out(demo: Demo) -> None:
    demo.page.get_by_label("Seed").fill("-3")
    demo.press("Enter")
    assert "whole number" in complaint(demo)
    with demo.new_result():
        demo.page.get_by_label("Seed").fill("7")
        demo.press("Enter")
    assert_networks_own(demo, 7)
    assert demo.page.get_by_role("alert").is_hidden()


def test_a_model_that_does_not_come_or_does_not_run_is_told_in_words(visit: Callable[..., Demo]) -> None:
    gone = visit(prepare=lambda page: page.route("**/models/0.onnx", lambda route: route.fulfill(status=404, body="")))
    assert "make demo" in complaint(gone)
    junk = {"body": b"junk", "headers": {"Content-Length": "4"}}
    broken = visit(prepare=lambda page: page.route("**/models/0.onnx", lambda route: route.fulfill(**junk)))
    assert "could not be run in this browser" in complaint(broken)
    with broken.new_result():  # the other models still work
        broken.pick("food")
    assert_networks_own(broken)


def test_the_bar_shows_how_much_of_the_model_has_come(visit: Callable[..., Demo]) -> None:
    held: list[Any] = []
    demo = visit(prepare=lambda page: page.route("**/models/0.onnx", lambda route: held.append(route)))
    demo.page.wait_for_selector("#loading:not([hidden])")
    bar = demo.page.get_by_role("progressbar", name="Loading the model")
    for _ in range(100):
        if held:
            break
        demo.page.wait_for_timeout(20)
    assert 0.9 < bar.evaluate("bar => bar.value / bar.max") < 1  # the runtime is there, the model is not
    assert "MB" in demo.page.locator("#loading-text").inner_text()
    held[0].continue_()
    demo.page.wait_for_selector("#result-stage[data-runs]:not([aria-busy])")
    assert demo.page.locator("#loading").is_hidden() and demo.problems == []


def test_a_model_that_was_left_before_its_sample_came_begins_with_it_the_next_time(visit: Callable[..., Demo]) -> None:
    held: list[Any] = []
    demo, sample = visit(), "**/samples/1/0-input.png"
    demo.page.route(sample, lambda route: held.append(route))
    with demo.new_result():
        demo.pick("food")
    with demo.new_result():
        demo.pick("facades")
    for route in held:
        route.continue_()
    demo.page.unroute(sample)
    demo.page.wait_for_timeout(300)  # it comes, and is no drawing of the facades
    assert "sample=1" in demo.page.url and "model=facades" in demo.page.url
    demo.pick("food")
    demo.page.wait_for_selector("#thumbnails [aria-pressed=true]")
    assert held and demo.problems == []


def test_a_name_of_a_data_set_is_never_markup(demo: Demo) -> None:
    with demo.new_result():
        demo.pick(HOSTILE)
    assert demo.page.locator("#models label").last.inner_text().lower() == HOSTILE.lower()
