"""The viewer, on a gallery and on a page whose images are inside."""

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pix2pix.pages.gallery import write_gallery
from pix2pix.report.page import write_report

pytestmark = pytest.mark.browser
COLOURS = {"inputs": (10, 20, 30), "": (100, 50, 30), "targets": (90, 60, 30)}
Visit = Callable[..., Any]


def plain_images(folder: Path, *names: str) -> None:
    """Images of one colour each: input, output and target."""
    for part, colour in COLOURS.items():
        (folder / part).mkdir(parents=True, exist_ok=True)
        for name in names:
            Image.new("RGB", (64, 48), colour).save(folder / part / f"{name}.png")


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    plain_images(tmp_path, "a", "b & c", "d")
    write_gallery(tmp_path / "index.html", title="Plain", names=["a", "b & c", "d"])
    return tmp_path / "index.html"


def opened(visit: Visit, path: Path, place: int = 0, **options: Any) -> Any:
    """The page with its item number `place` in the viewer, and the images loaded."""
    page = visit(path, **options).page
    page.locator("[data-zoom] a, button[data-zoom]").nth(place).click()
    page.evaluate("Promise.all(Array.from(document.querySelectorAll('dialog img'), image => image.decode()))")
    return page


def seen(page: Any, x: float) -> tuple[int, ...]:
    """The colour that is on the screen at a share of the first pane's width."""
    pane = page.locator(".zoom-pane").first
    shot = np.asarray(Image.open(io.BytesIO(pane.screenshot())).convert("RGB"))
    return tuple(int(value) for value in shot[shot.shape[0] // 2, int(x * shot.shape[1])])


def test_blink_wipe_and_error_show_output_against_target(gallery: Path, visit: Visit) -> None:
    page = opened(visit, gallery)
    page.keyboard.press("b")
    assert seen(page, 0.5) == COLOURS[""]
    page.keyboard.press("b")
    assert seen(page, 0.5) == COLOURS["targets"]
    page.keyboard.press("w")
    assert (seen(page, 0.25), seen(page, 0.75)) == (COLOURS[""], COLOURS["targets"])
    page.keyboard.press("e")
    assert seen(page, 0.5) == pytest.approx((40, 40, 0), abs=4)  # the differences 10, 10, 0 times 4
    page.get_by_label("Second image").select_option("Output")
    page.get_by_label("First image").select_option("Input")
    page.get_by_label("Gain").fill("0")
    assert seen(page, 0.5) == pytest.approx((90, 30, 0), abs=1)


def test_all_images_zoom_and_move_together_about_the_cursor(gallery: Path, visit: Visit) -> None:
    page = opened(visit, gallery)
    pane = page.locator(".zoom-pane").first.bounding_box()
    x, y = pane["x"] + pane["width"] * 0.3, pane["y"] + pane["height"] * 0.6
    shares = """([x, y]) => Array.from(document.querySelectorAll('.zoom-pane'), pane => {
        const outer = pane.getBoundingClientRect(), inner = pane.firstChild.getBoundingClientRect();
        return [(outer.width * x + outer.left - inner.left) / inner.width, (outer.height * y + outer.top - inner.top) / inner.height];
    })"""
    page.mouse.move(x, y)
    page.mouse.wheel(0, -600)
    page.locator(".near").wait_for()
    under = page.evaluate(shares, [0.3, 0.6])
    assert np.allclose(under, [[0.3, 0.6]] * 3, atol=0.01)
    page.mouse.down()
    page.mouse.move(x + 20, y - 10)
    page.mouse.up()
    moved = page.evaluate(shares, [0.3 + 20 / pane["width"], 0.6 - 10 / pane["height"]])
    assert np.allclose(moved, under, atol=0.01)
    page.keyboard.press("0")
    assert np.allclose(page.evaluate(shares, [0.5, 0.5]), 0.5, atol=0.001)


def test_the_address_leads_to_an_image_and_back_closes_it(gallery: Path, visit: Visit) -> None:
    page = opened(visit, gallery)
    page.keyboard.press("ArrowRight")
    title, place = page.locator("dialog[open] .zoom-title"), page.locator("dialog[open] .zoom-place")
    assert (title.text_content(), place.text_content()) == ("b & c", "2 of 3")
    address = page.url
    page.go_back()
    assert (page.locator("dialog[open]").count(), page.url) == (0, gallery.as_uri())

    page.goto("about:blank")
    page.goto(address)
    assert title.text_content() == "b & c"
    page.keyboard.press("Escape")
    page.wait_for_url(gallery.as_uri())
    assert page.evaluate("document.activeElement.closest('li').dataset.zoom") == "b & c"


def test_a_key_held_down_steps_on_when_the_browser_refuses_more_addresses(gallery: Path, visit: Visit) -> None:
    page = opened(visit, gallery)
    page.evaluate("() => { history.replaceState = () => { throw new DOMException('too many calls', 'SecurityError'); }; }")
    for name in ("b & c", "d"):
        page.keyboard.press("ArrowRight")
        assert page.locator(".zoom-title").text_content() == name


def test_on_a_phone_output_and_target_stand_side_by_side_and_a_swipe_steps(gallery: Path, visit: Visit) -> None:
    page = opened(visit, gallery, width=360)
    boxes = {figure.inner_text().strip(): figure.bounding_box() for figure in page.locator("dialog figure").all()}
    assert boxes["Output"]["y"] == boxes["Target"]["y"] < boxes["Input"]["y"]
    assert boxes["Output"]["x"] + boxes["Output"]["width"] <= boxes["Target"]["x"]
    assert page.evaluate("document.querySelector('dialog').scrollWidth <= innerWidth")
    page.evaluate(
        """() => {
            const pane = document.querySelector('.zoom-pane'), box = pane.getBoundingClientRect();
            const touch = (type, x) => pane.dispatchEvent(new PointerEvent(type, {
                bubbles: true, pointerId: 1, pointerType: 'touch', clientX: box.left + x, clientY: box.top + 20}));
            Element.prototype.setPointerCapture = () => {};
            touch('pointerdown', 120), touch('pointermove', 60), touch('pointerup', 20);
        }"""
    )
    assert page.locator(".zoom-title").text_content() == "b & c"


def test_the_pixel_under_the_cursor_is_read_or_said_to_need_a_server(
    gallery: Path, tmp_path: Path, new_summary: Callable[..., Any], visit: Visit
) -> None:
    page = opened(visit, gallery)
    page.locator(".zoom-pane").first.hover()
    assert " · colour values only where the page is served" in page.locator(".zoom-pixel").text_content()

    plain_images(tmp_path / "inside", "p")
    write_report(tmp_path / "report.html", [new_summary(names=("p",), predictions=tmp_path / "inside")])
    page = opened(visit, tmp_path / "report.html")
    page.locator(".zoom-pane").first.hover()
    assert page.locator(".zoom-pixel").text_content().endswith(" · Input: 10 20 30 · Output: 100 50 30 · Target: 90 60 30")

    page = opened(visit, tmp_path / "report.html")
    compressed = io.BytesIO()
    Image.new("RGB", (64, 48), COLOURS[""]).save(compressed, "JPEG")
    address = "data:image/jpeg;base64," + base64.b64encode(compressed.getvalue()).decode()
    page.evaluate("address => Promise.all([...document.querySelectorAll('dialog img')].map(i => (i.src = address, i.decode())))", address)
    page.locator(".zoom-pane").first.hover()
    assert page.locator(".zoom-pixel").text_content().endswith(" · no colour values: a compressed copy")
