"""Everything by keyboard alone, and for eyes and ears of every kind."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pix2pix.data.palettes import FACADES as PALETTE
from tests.demo.onnx_models import SIZE
from tests.demo.open_page import AXE, Demo
from tests.demo.test_page import assert_networks_own, is_only

pytestmark = pytest.mark.browser


def to_the_sheet(demo: Demo) -> None:
    for _ in range(30):
        demo.press("Tab")
        if demo.page.evaluate("document.activeElement.id") == "stage":
            return
    raise AssertionError("Tab never came to the drawing")


def status(demo: Demo) -> str:
    return str(demo.page.locator("[role=status]").inner_text())


def test_a_house_can_be_drawn_processed_and_undone_without_a_mouse(demo: Demo) -> None:
    to_the_sheet(demo)
    first = demo.pixels("drawing")
    demo.press("4", *["Shift+ArrowLeft"] * 4, *["Shift+ArrowUp"] * 4, "Space", *["ArrowRight"] * 3, "Shift+ArrowDown")
    with demo.new_result():
        demo.press("Space")
    drawn = demo.pixels("drawing")
    assert is_only(drawn[:9, :4], "door") and (drawn[9:] == first[9:]).all() and (drawn[:, 4:] == first[:, 4:]).all()
    demo.press("c", "p", "ArrowRight", "Space", "ArrowRight", "Space")
    assert (demo.pixels("drawing")[8, 5] == PALETTE["shop"]).all()
    demo.press("b", "f", "Space")
    assert (demo.pixels("drawing")[8, 5] == PALETTE["pillar"]).all()
    demo.press("r", "Space", "ArrowDown", "Escape", "Control+z", "Control+z")
    assert (demo.pixels("drawing") == drawn).all()
    with demo.new_result():
        demo.press("n")
    with demo.new_result():
        demo.press("Enter")
    assert_networks_own(demo, int(demo.page.get_by_label("Seed").input_value()))


def test_the_status_line_says_where_the_cursor_is_and_what_happened(demo: Demo) -> None:
    to_the_sheet(demo)
    demo.press(*["Shift+ArrowRight"] * 4, "Shift+ArrowDown", *["Shift+ArrowDown"] * 3, "ArrowLeft")
    assert status(demo) == f"Column {SIZE - 1}, row {SIZE}, facade."
    demo.press("Space")
    assert status(demo).endswith("window, drawing.")
    with demo.new_result():
        demo.press("Space")
    assert status(demo).startswith("Result ready after")


def test_letters_stay_letters_in_a_field_and_can_be_switched_off(demo: Demo) -> None:
    demo.page.get_by_label("Seed").focus()
    demo.press("4")
    assert demo.page.get_by_role("radio", name="window").is_checked()
    demo.page.get_by_role("heading", name="Drawing").click()
    demo.press("?")
    switch = demo.page.get_by_label("Single letters and figures")
    switch.uncheck()
    demo.press("Escape", "4")
    assert demo.page.get_by_role("radio", name="window").is_checked()
    demo.page.get_by_role("button", name="Keyboard").click()
    switch.check()
    demo.press("Escape", "4")
    assert demo.page.get_by_role("radio", name="door").is_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_width_overflows_and_axe_finds_nothing_in_a_narrow_and_a_wide_window(
    visit: Callable[..., Demo], tmp_path: Path, scheme: str
) -> None:
    demo = visit(scheme=scheme, reduced_motion="reduce")
    (tmp_path / "x.txt").write_text("no picture")
    for state in ("labels", "error", "photo", "help"):
        if state == "error":
            demo.open(tmp_path / "x.txt")
            demo.page.get_by_role("alert").wait_for()
        elif state == "photo":
            demo.page.get_by_role("button", name="Close").click()
            with demo.new_result():
                demo.pick("food")
        elif state == "help":
            demo.page.get_by_role("button", name="Keyboard").click()
        demo.page.evaluate(AXE.read_text())
        for width, height in ((320, 568), (568, 320), (768, 1024), (1366, 768), (1920, 1080)):
            demo.page.set_viewport_size({"width": width, "height": height})
            assert demo.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
            if width in (320, 1366):  # axe takes most of the time
                found = demo.page.evaluate(
                    "axe.run().then(result => result.violations.map(one => [one.id, one.nodes.map(node => node.html)]))"
                )
                assert found == [], (state, width)
    assert demo.problems == []


def test_nothing_moves_where_less_motion_is_asked_for(visit: Callable[..., Demo]) -> None:
    demo = visit(reduced_motion="reduce")
    moving = "[...document.querySelectorAll('*')].filter(one => parseFloat(getComputedStyle(one).transitionDuration) > 0).length"
    assert demo.page.evaluate(moving) == 0
