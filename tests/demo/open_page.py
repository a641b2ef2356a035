"""The page as a test sees and uses it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

PAGE = Path(__file__).resolve().parents[2] / "demo"
AXE = PAGE / "node_modules/axe-core/axe.min.js"
HOSTILE = "<img src=x onerror=console.error(1)></script>"
PIXELS = """id => {
    const canvas = document.getElementById(id);
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    return [height, width, ...copy.getImageData(0, 0, width, height).data];
}"""


@dataclass
class Demo:
    """The open page and what it did."""

    page: Any
    problems: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def pixels(self, canvas: str) -> np.ndarray:
        """What is on a canvas, (H, W, 3) uint8; opaque everywhere."""
        height, width, *data = self.page.evaluate(PIXELS, canvas)
        rgba = np.array(data, np.uint8).reshape(height, width, 4)
        assert (rgba[..., 3] == 255).all()
        return rgba[..., :3]

    @contextmanager
    def new_result(self) -> Iterator[None]:
        """What is done inside makes the model run; afterwards it has, on the newest picture."""
        stage = self.page.locator("#result-stage")
        runs = stage.get_attribute("data-runs") or ""
        yield
        self.page.wait_for_selector(f'#result-stage[data-runs]:not([data-runs="{runs}"]):not([aria-busy])')

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where in the window the middle of a pixel of the drawing is."""
        box = self.page.locator("#drawing").bounding_box()
        height, width, *_ = self.page.evaluate(PIXELS, "drawing")
        return box["x"] + (x + 0.5) * box["width"] / width, box["y"] + (y + 0.5) * box["height"] / height

    def drag(self, *points: tuple[float, float]) -> None:
        """With the mouse from pixel to pixel of the drawing."""
        self.page.mouse.move(*self.at(*points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.at(*point))
        self.page.mouse.up()

    def swipe(self, *points: tuple[float, float]) -> None:
        """With a finger, from point to point of the window."""
        hand = self.page.context.new_cdp_session(self.page)
        for kind, place in (("touchStart", points[:1]), *(("touchMove", [point]) for point in points[1:]), ("touchEnd", [])):
            hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in place]})

    def pick(self, name: str) -> None:
        """A tool, a colour or a model."""
        self.page.get_by_role("radio", name=name, exact=True).check()

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def open(self, file: Path) -> None:
        """Choose a file as with the button."""
        self.page.set_input_files("#file", file)

    def saved(self, button: str, file: Path) -> Path:
        """What a button hands out."""
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name=button).click()
        download.value.save_as(file)
        return file
