"""The page in a browser: what is drawn, what comes out, and that it is the network's own answer."""

import base64
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pix2pix.data.palettes import FACADES as PALETTE
from tests.demo.onnx_models import SIZE, generated
from tests.demo.open_page import Demo

pytestmark = pytest.mark.browser

BRING = """async ([kind, data, name]) => {
    const bytes = Uint8Array.from(atob(data), one => one.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, {type: "image/png"}));
    const given = {bubbles: true, cancelable: true};
    document.activeElement.dispatchEvent(kind === "paste"
        ? new ClipboardEvent("paste", {...given, clipboardData: transfer})
        : new DragEvent("drop", {...given, dataTransfer: transfer}));
}"""


def assert_networks_own(demo: Demo, seed: int = -1) -> None:
    """The result is what PyTorch makes of the drawing, within the two levels that rounding may take."""
    assert np.abs(demo.pixels("result").astype(int) - generated(demo.pixels("drawing"), seed)).max() <= 2


def is_only(area: np.ndarray, name: str) -> bool:
    return bool((area == PALETTE[name]).all())


def test_the_page_opens_with_a_sample_and_its_result(visit: Callable[..., Demo]) -> None:
    demo = visit()
    assert is_only(demo.pixels("drawing")[4:12, 4:20], "window")
    assert_networks_own(demo)
    assert demo.problems == []


def test_a_rectangle_begun_outside_the_corner_reaches_it_and_is_processed(demo: Demo) -> None:
    demo.pick("door")
    with demo.new_result():
        demo.drag((-0.8, -0.8), (9, 5))
    drawn = demo.pixels("drawing")
    assert is_only(drawn[:6, :10], "door") and not is_only(drawn[:7, :11], "door")
    assert_networks_own(demo)


def test_every_tool_draws_its_own_way_in_the_colour_chosen(demo: Demo) -> None:
    demo.page.get_by_role("button", name="Clear").click()
    demo.pick("Line")
    demo.page.get_by_label("Width").fill("1")
    demo.pick("shop")
    demo.drag((3, 10), (28, 10))
    assert is_only(demo.pixels("drawing")[10, 3:29], "shop") and is_only(demo.pixels("drawing")[9], "background")
    demo.pick("Pen")
    demo.pick("sill")
    demo.drag((5, 2), (5, 20), (15, 20))
    assert is_only(demo.pixels("drawing")[2:21, 5], "sill") and is_only(demo.pixels("drawing")[20, 5:16], "sill")
    demo.pick("Eraser")
    demo.drag((5, 2), (5, 8))
    assert is_only(demo.pixels("drawing")[2:9, 5], "background")
    demo.pick("Fill")
    demo.pick("deco")
    before = demo.pixels("drawing")
    with demo.new_result():
        demo.drag((30, 30), (30, 30))
    after = demo.pixels("drawing")
    assert is_only(after[31], "deco") and ((after == before) | (before == PALETTE["background"])).all()
    assert_networks_own(demo)


def test_undo_and_redo_give_back_every_pixel(demo: Demo) -> None:
    first = demo.pixels("drawing")
    demo.drag((1, 1), (8, 8))
    second = demo.pixels("drawing")
    demo.drag((20, 20), (25, 30))
    for key, expected in (("Control+z", second), ("Control+z", first), ("Control+Shift+Z", second)):
        with demo.new_result():
            demo.press(key)
        assert (demo.pixels("drawing") == expected).all()
        assert_networks_own(demo)
    demo.page.get_by_role("button", name="Undo").click()
    assert (demo.pixels("drawing") == first).all()


def test_what_is_saved_opens_again_pixel_by_pixel(demo: Demo, tmp_path: Path) -> None:
    with demo.new_result():
        demo.drag((3, 3), (30, 12))
    drawn, result = demo.pixels("drawing"), demo.pixels("result")
    drawing = demo.saved("Save this picture", tmp_path / "drawing.png")
    assert (np.asarray(Image.open(demo.saved("Save the result", tmp_path / "result.png")).convert("RGB")) == result).all()
    both = np.asarray(Image.open(demo.saved("Save both", tmp_path / "both.png")).convert("RGB"))
    assert (both == np.hstack([drawn, result])).all()
    demo.page.get_by_role("button", name="Clear").click()
    with demo.new_result():
        demo.open(drawing)
    assert (demo.pixels("drawing") == drawn).all() and (demo.pixels("result") == result).all()
    assert demo.page.locator("#foreign").is_hidden()


def test_a_photo_is_scaled_to_the_training_size_made_grey_and_coloured(demo: Demo, tmp_path: Path) -> None:
    with demo.new_result():
        demo.pick("food")
    assert demo.page.get_by_text("This model has no noise").is_visible()
    assert demo.page.get_by_label("Seed").is_hidden() and demo.page.get_by_role("radio", name="Pen").is_hidden()
    tones = np.random.default_rng(0).integers(0, 256, (60, 120), np.uint8)
    Image.fromarray(tones).resize((400, 200)).save(tmp_path / "grey.png")
    with demo.new_result():
        demo.open(tmp_path / "grey.png")
    shown = demo.pixels("drawing")
    assert shown.shape == (round(SIZE / 2**0.5), round(SIZE * 2**0.5), 3)
    assert (shown == shown[..., :1]).all() and shown.std() > 5
    assert_networks_own(demo)
    Image.new("RGB", (64, 64), (200, 30, 90)).save(tmp_path / "colour.jpg", quality=95)
    with demo.new_result():
        demo.open(tmp_path / "colour.jpg")
    level = demo.pixels("drawing")
    assert np.abs(level.astype(int) - 106).max() <= 2  # grey of the same L as (200, 30, 90), by scikit-image


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_a_picture_can_be_pasted_and_dropped(demo: Demo, tmp_path: Path, how: str) -> None:
    Image.new("RGB", (SIZE, SIZE), PALETTE["pillar"]).save(tmp_path / "map.png")
    demo.page.get_by_role("radio", name="door").focus()  # where one is after choosing a colour
    with demo.new_result():
        demo.page.evaluate(BRING, [how, base64.b64encode((tmp_path / "map.png").read_bytes()).decode(), "map.png"])
    assert is_only(demo.pixels("drawing"), "pillar")


def test_a_map_in_other_colours_can_be_snapped_to_the_palette_and_back(demo: Demo, tmp_path: Path) -> None:
    near = np.full((SIZE, SIZE, 3), (9, 60, 240), np.uint8)
    near[:, 16:] = (170, 10, 12)
    Image.fromarray(near).save(tmp_path / "near.png")
    with demo.new_result():
        demo.open(tmp_path / "near.png")
    assert "1,024 pixels" in demo.page.locator("#foreign").inner_text()
    with demo.new_result():
        demo.page.get_by_role("button", name="Snap").click()
    assert is_only(demo.pixels("drawing")[:, :16], "facade") and is_only(demo.pixels("drawing")[:, 16:], "shop")
    assert demo.page.locator("#foreign").is_hidden()
    demo.press("Control+z")
    assert (demo.pixels("drawing") == near).all()
    assert demo.page.locator("#foreign").is_visible(), "what was brought can be snapped again"
    demo.page.get_by_role("button", name="Clear").click()
    assert demo.page.locator("#foreign").is_hidden()
    demo.press("Control+z")
    assert demo.page.locator("#foreign").is_visible()


def test_a_fill_takes_the_colours_of_a_jpeg_for_what_they_are_meant_to_be(demo: Demo, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(-4, 5, (SIZE, SIZE, 3))
    meant = np.array([PALETTE["facade"]] * SIZE + [PALETTE["shop"]] * SIZE).reshape(2, SIZE, 3).repeat(SIZE // 2, 0)
    Image.fromarray((meant + noise).clip(0, 255).astype(np.uint8)).save(tmp_path / "noisy.png")
    with demo.new_result():
        demo.open(tmp_path / "noisy.png")
    demo.pick("Fill")
    demo.pick("door")
    with demo.new_result():
        demo.drag((5, 5), (5, 5))
    drawn = demo.pixels("drawing")
    assert is_only(drawn[: SIZE // 2], "door")
    assert not (drawn[SIZE // 2 :] == PALETTE["door"]).all(2).any()


def test_transparent_parts_become_white_and_photos_stand_upright(demo: Demo, tmp_path: Path) -> None:
    Image.new("RGBA", (SIZE, SIZE), (10, 20, 30, 0)).save(tmp_path / "clear.png")
    with demo.new_result():
        demo.open(tmp_path / "clear.png")
    assert (demo.pixels("drawing") == 255).all()
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    Image.new("RGB", (64, 16), (0, 0, 0)).save(tmp_path / "turned.jpg", exif=exif)
    with demo.new_result():
        demo.open(tmp_path / "turned.jpg")
    assert demo.pixels("drawing").shape == (64, 16, 3)


def test_without_live_nothing_runs_until_it_is_asked_for(demo: Demo) -> None:
    demo.page.get_by_role("checkbox", name="Live").uncheck()
    before = demo.pixels("result")
    demo.drag((2, 2), (30, 30))
    demo.page.wait_for_timeout(150)
    assert (demo.pixels("result") == before).all()
    with demo.new_result():
        demo.page.get_by_role("button", name="Process").click()
    assert_networks_own(demo)


def test_the_seed_decides_and_a_new_one_changes_the_image(demo: Demo) -> None:
    with demo.new_result():
        demo.page.get_by_label("Seed").fill("100")
        demo.press("Enter")
    assert_networks_own(demo, 100)
    with demo.new_result():
        demo.page.get_by_label("Seed").fill("")
        demo.press("Enter")
    assert_networks_own(demo, -1)
    status = demo.page.locator("[role=status]")
    assert "changes the image by 37" in status.inner_text() and "hardly" not in status.inner_text()
    with demo.new_result():
        demo.page.get_by_label("Seed").fill("0")
        demo.press("Enter")
    assert "hardly visible" in status.inner_text()
    with demo.new_result():
        demo.page.get_by_role("button", name="New seed").click()
    seed = int(demo.page.get_by_label("Seed").input_value())
    assert seed >= 0
    assert_networks_own(demo, seed)


def test_the_slider_pulls_the_drawing_over_the_result(demo: Demo) -> None:
    demo.page.get_by_role("slider", name="Before and after").focus()
    demo.press("End")
    seen = demo.page.locator("#before").evaluate("canvas => getComputedStyle(canvas).clipPath")
    assert seen in ("inset(0px calc(0%) 0px 0px)", "inset(0px 0% 0px 0px)")
    assert (demo.pixels("before") == demo.pixels("drawing")).all()


def test_another_model_keeps_the_drawing_of_the_first(demo: Demo) -> None:
    demo.drag((1, 1), (8, 8))
    drawn = demo.pixels("drawing")
    with demo.new_result():
        demo.pick("food")
    with demo.new_result():
        demo.pick("facades")
    assert (demo.pixels("drawing") == drawn).all()
    assert_networks_own(demo)


def test_random_samples_come_one_after_the_other(demo: Demo) -> None:
    for _ in range(4):
        before = demo.pixels("drawing")
        with demo.new_result():
            demo.page.get_by_role("button", name="Random sample").click()
        assert (demo.pixels("drawing") != before).any()


def test_a_thumbnail_gives_its_sample_and_the_target_can_be_pulled_over_the_result(demo: Demo, models_folder: Path) -> None:
    with demo.new_result():
        demo.page.get_by_role("button", name="Sample 3").click()
    files = [models_folder / "predictions/facades" / part / "2.png" for part in ("inputs", "targets")]
    sample, target = (np.asarray(Image.open(file).convert("RGB")) for file in files)
    assert (demo.pixels("drawing") == sample).all() and (sample != target).any()
    switch = demo.page.get_by_role("checkbox", name="Target")
    switch.check()
    demo.page.wait_for_selector("#result-sheet[data-wiped='100']")
    assert (demo.pixels("before") == target).all()
    with demo.new_result():
        demo.drag((1, 1), (3, 3))  # it is no longer the sample
    demo.page.wait_for_selector("#result-sheet[data-wiped='0']")
    assert switch.is_hidden() and (demo.pixels("before") == demo.pixels("drawing")).all()
    demo.press("Control+z")
    demo.page.wait_for_selector("#result-sheet[data-wiped='100']")
    switch.uncheck()
    with demo.new_result():
        demo.pick("food")  # its samples have no targets
    assert switch.is_hidden()
