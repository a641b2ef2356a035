"""The page's address holds the drawing: for a reload, and for others."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.demo.onnx_models import SIZE
from tests.demo.open_page import Demo
from tests.demo.test_page import assert_networks_own

pytestmark = pytest.mark.browser

DECODE = """async ([texts, most]) => {
    const { decode } = await import("/js/link.js");
    const tried = texts.map(text => decode(text, most).then(({ width, height }) => width * height, problem => problem.message));
    return Promise.all(tried);
}"""
MESSAGE = "The drawing in this page’s address is damaged or cut off"


def kept(demo: Demo, part: str) -> str:
    """The address, once it has this part."""
    demo.page.wait_for_function("part => location.hash.includes(part)", arg=part)
    return str(demo.page.url)


def reload(demo: Demo) -> None:
    demo.page.reload()
    demo.page.wait_for_selector("#result-stage[data-runs]:not([aria-busy])")


def test_a_drawing_is_in_the_address_and_comes_back_pixel_by_pixel(visit: Callable[..., Demo], tmp_path: Path) -> None:
    demo = visit()
    assert len(kept(demo, "sample=1")) < 60
    with demo.new_result():
        demo.page.get_by_label("Seed").fill("5")
        demo.drag((1, 1), (8, 20))
    drawn = demo.pixels("drawing")
    address = kept(demo, "seed=5&sample=1&drawing=")
    assert len(address) < 200
    other = visit(address)
    assert (other.pixels("drawing") == drawn).all()
    assert_networks_own(other, 5)
    assert damaged(other, address) == []
    with demo.new_result():
        demo.page.get_by_role("button", name="Clear").click()
    assert len(kept(demo, "#model=facades&seed=5&drawing=")) < 120
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), np.uint8)).save(tmp_path / "noise.png")
    with demo.new_result():
        demo.open(tmp_path / "noise.png")
    noise = demo.pixels("drawing")
    demo.page.wait_for_function("() => !location.hash.includes('drawing')")
    demo.page.get_by_text("too detailed for the page’s address").wait_for()
    reload(demo)  # what is too detailed for an address comes back all the same
    assert (demo.pixels("drawing") == noise).all() and demo.problems == other.problems == []


def damaged(demo: Demo, address: str) -> list[object]:
    """What the page makes of texts that are no drawing, where it is neither its message nor a picture of a size that it allows."""
    text = address.partition("drawing=")[2]
    draw = random.Random(0)
    cut = [text[:length] for length in range(len(text))]
    changed = [text[:place] + draw.choice("Aa0-_*é") + text[place + 1 :] for place in draw.choices(range(len(text)), k=100)]
    found = demo.page.evaluate(DECODE, [[*cut, *changed, "A" * 10_000_000], SIZE * SIZE])
    assert all(str(answer).startswith(MESSAGE) for answer in [*found[: len(cut)], found[-1]])
    return [answer for answer in found if not (str(answer).startswith(MESSAGE) or answer in range(1, SIZE * SIZE + 1))]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("model=facades&drawing=7c", MESSAGE),
        ("model=facades&sample=99", "does not have the sample"),
        ("model=<img src=x onerror=console.error(1)>", "does not have the model"),
    ],
)
def test_an_address_that_asks_for_what_is_not_there_gives_a_message_and_an_empty_canvas(
    window: Demo, address: str, asked: str, said: str
) -> None:
    window.page.goto(f"{address}#{asked}")
    window.page.wait_for_selector("#result-stage[data-runs]:not([aria-busy])")
    alert = window.page.get_by_role("alert")
    alert.wait_for()
    assert said in alert.inner_text()
    assert np.ptp(window.pixels("drawing"), axis=(0, 1)).max() == 0 and window.problems == []
