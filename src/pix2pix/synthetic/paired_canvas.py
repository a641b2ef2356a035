"""Two images of one scene, drawn side by side."""

import copy
from collections.abc import Sequence
from typing import Self

import numpy as np
from PIL import Image

from pix2pix.synthetic.canvas import Canvas, Color, Point, ring, side_by_side, speckle


class PairedCanvas:
    """A photo and a second image (a map, labels, edges) of the same scene. Coordinates run from 0 to 1 in both."""

    def __init__(self, size: int, ground: Color, second_ground: Color) -> None:
        self.photo = Canvas(size, ground)
        self.second = Canvas(size, second_ground)

    def at(self, x: float, y: float, sx: float = 1.0) -> Self:
        """The same two images in local coordinates, as by `Canvas.at`."""
        local = copy.copy(self)
        local.photo, local.second = self.photo.at(x, y, sx), self.second.at(x, y, sx)
        return local

    def polygon(self, points: Sequence[Point], color: Color, second: Color, *, edge: Color | None = None, width: float = 0.012) -> None:
        """A polygon in both images, outlined in `edge` in the second one."""
        self.photo.polygon(points, color)
        self.second.polygon(points, second, edge=edge, width=width)

    def box(self, x0: float, y0: float, x1: float, y1: float, color: Color, second: Color) -> None:
        """A rectangle in both images."""
        self.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], color, second)

    def ellipse(self, x: float, y: float, rx: float, ry: float, color: Color, second: Color) -> None:
        """An ellipse in both images."""
        self.polygon(ring(x, y, rx, ry), color, second)

    def line(self, points: Sequence[Point], width: float, color: Color, second: Color, second_width: float) -> None:
        """A line in both images, of the width and colour of each."""
        self.photo.line(points, color, width)
        self.second.line(points, second, second_width)

    def finish(self, rng: np.random.Generator, *, grain: int, labels: bool = False, photo_first: bool = True) -> Image.Image:
        """The pair, an RGB image of (2 * size, size) pixels; the photo gets camera grain of up to `grain` levels.

        With `labels` the second image keeps its exact colours, without smooth edges.
        """
        size = self.photo.size
        photo = speckle(np.asarray(self.photo.finish(), np.int32), rng, grain)
        second = self.second.image.resize((size, size), Image.Resampling.NEAREST) if labels else self.second.finish()
        return side_by_side(photo, second) if photo_first else side_by_side(second, photo)
