"""Two pictures of one scene, drawn stroke by stroke side by side."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from pix2pix.synthetic.canvas import Canvas, Color, Point, ring


class Twin:
    """A photo and a second picture (a map, labels, edges) of the same scene. Coordinates run from 0 to 1 in both."""

    def __init__(self, size: int, ground: Color, second_ground: Color) -> None:
        self.photo = Canvas(size, ground)
        self.second = Canvas(size, second_ground)

    def polygon(
        self, points: Sequence[Point], color: Color, second: Color | None, *, edge: Color | None = None, width: float = 0.012
    ) -> None:
        """A polygon in both; `second` None leaves it out of the second picture, and `edge` outlines it there."""
        self.photo.polygon(points, color)
        if second is not None:
            self.second.polygon(points, second, edge=edge, width=width)

    def box(self, x0: float, y0: float, x1: float, y1: float, color: Color, second: Color | None) -> None:
        """An upright rectangle in both."""
        self.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], color, second)

    def ellipse(self, x: float, y: float, rx: float, ry: float, color: Color, second: Color | None, *, edge: Color | None = None) -> None:
        """An ellipse in both."""
        self.polygon(ring(x, y, rx, ry), color, second, edge=edge)

    def line(self, points: Sequence[Point], width: float, color: Color, second: Color | None, second_width: float | None = None) -> None:
        """A line in both, in the second picture of its own width where that is given."""
        self.photo.line(points, color, width)
        if second is not None:
            self.second.line(points, second, width if second_width is None else second_width)

    def finish(self, rng: np.random.Generator, *, grain: int, labels: bool, photo_first: bool) -> Image.Image:
        """The pair, (2 * size, size) pixels. With `labels` the second picture keeps its exact colours, without any smooth edge."""
        size = self.photo.size
        second = self.second.finish()
        if labels:
            second = self.second.image.resize((size, size), Image.Resampling.NEAREST)
        pair = Image.new("RGB", (2 * size, size))
        pair.paste(self.photo.finish(rng, grain), (0 if photo_first else size, 0))
        pair.paste(second, (size if photo_first else 0, 0))
        return pair
