"""The page in windows of every size, for fingers, in forced colours, and without JavaScript."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image

from tests.demo.open_page import Demo

pytestmark = pytest.mark.browser

PHONE, LYING, TABLET = (320, 568), (568, 320), (768, 1024)
OUTSIDE_THEIR_PLACE = """() => {
    const names = [...document.querySelectorAll(".colours .name")];
    const short = names.map(name => name.textContent);
    names.forEach((name, place) => (name.textContent = place % 2 ? "Straßenbeleuchtungsmast" : "Sockel und Gesims"));
    const labels = names.map(name => name.parentElement);
    const boxes = labels.map(label => label.getBoundingClientRect());
    const apart = (one, other) => one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;
    const found = labels.filter((label, place) =>
        label.scrollWidth > label.clientWidth || label.scrollHeight > label.clientHeight
        || boxes.some((box, other) => other !== place && !apart(box, boxes[place]))).map(label => label.textContent);
    names.forEach((name, place) => (name.textContent = short[place]));
    return found;
}"""
SMALL_TARGETS = """() => [...document.querySelectorAll("button, label:has(input), input[type=number], input[type=range]")]
    .map(one => [one.id || one.title || one.textContent, one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.width < 44 || box.height < 44)).map(([name, box]) => [name, box.width, box.height])"""


def in_sight(demo: Demo, *selectors: str) -> bool:
    """Whether the whole of each element is in the window."""
    boxes = [demo.page.locator(selector).bounding_box() for selector in selectors]
    size = demo.page.viewport_size
    return all(
        box["x"] >= 0 and box["y"] >= 0 and box["x"] + box["width"] <= size["width"] and box["y"] + box["height"] <= size["height"]
        for box in boxes
    )


@pytest.fixture
def resized(demo: Demo) -> Iterator[Callable[[tuple[int, int]], Demo]]:
    """The page in a window of another size."""
    usual = demo.page.viewport_size

    def resize(size: tuple[int, int]) -> Demo:
        demo.page.set_viewport_size({"width": size[0], "height": size[1]})
        return demo

    yield resize
    demo.page.set_viewport_size(usual)


@pytest.mark.parametrize("size", [PHONE, LYING, (844, 390), TABLET, (1024, 768), (1366, 768), (1920, 1080), (2560, 1440)])
def test_the_drawing_and_process_are_in_sight_in_every_window(resized: Callable[..., Demo], size: tuple[int, int]) -> None:
    demo = resized(size)
    assert in_sight(demo, "#drawing", "[data-act=process]")
    assert demo.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert demo.page.evaluate(OUTSIDE_THEIR_PLACE) == []
    if min(size) >= 768:
        assert in_sight(demo, "#result")
        share = 0.15 if size[0] > size[1] else 0.11  # of the window; the result has as much
        assert demo.page.locator("#drawing").bounding_box()["width"] ** 2 > size[0] * size[1] * share
    if size[1] > 500:  # a phone on its side scrolls
        demo.page.evaluate("scrollTo(0, 9999)")
        assert in_sight(demo, "[data-act=process]")


def test_fingers_find_targets_of_44_pixels(visit: Callable[..., Demo]) -> None:
    demo = visit(width=PHONE[0], height=PHONE[1], has_touch=True, is_mobile=True)
    for width, height in (PHONE, LYING, TABLET):
        demo.page.set_viewport_size({"width": width, "height": height})
        assert demo.page.evaluate(SMALL_TARGETS) == [], (width, height)


def test_a_finger_draws_on_the_canvas_and_scrolls_beside_it(visit: Callable[..., Demo]) -> None:
    demo = visit(width=390, has_touch=True, is_mobile=True)
    with demo.new_result():
        demo.swipe(demo.at(2, 25), demo.at(12, 15), demo.at(20, 5))
    assert demo.page.evaluate("scrollY") == 0
    drawn = demo.pixels("drawing")
    bar = demo.page.locator(".bar").first.bounding_box()
    demo.swipe(*((bar["x"] + bar["width"] / 2, bar["y"] + 10 - step) for step in (0, 100, 200)))
    demo.page.wait_for_function("() => scrollY > 50")
    assert (demo.pixels("drawing") == drawn).all() and demo.problems == []


def test_the_live_switch_can_be_seen_in_forced_colours(visit: Callable[..., Demo], tmp_path_factory: pytest.TempPathFactory) -> None:
    demo = visit(forced_colors="active")
    file = tmp_path_factory.mktemp("shots") / "switch.png"
    seen = []
    for _ in range(2):
        demo.page.locator("#live").screenshot(path=file)
        seen.append(np.asarray(Image.open(file).convert("L"), dtype=int))
        demo.page.locator("#live").click()
    on, off = seen
    assert np.ptp(on) > 100 and np.ptp(off) > 100 and np.abs(on - off).max() > 100


def test_without_javascript_the_page_says_so_at_its_top(visit: Callable[..., Demo]) -> None:
    demo = visit(java_script_enabled=False, prepare=lambda page: None)
    notice = demo.page.locator("noscript p")
    assert "JavaScript" in notice.inner_text() and notice.bounding_box()["y"] < 50
