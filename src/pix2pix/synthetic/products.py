"""Shoes and handbags on white, each beside a drawing of its edges, as in the edges2shoes and edges2handbags sets.

The kind of product and its trimmings determine its colour; the drawing of its edges shows both.
"""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from pix2pix.synthetic.canvas import WHITE, Color, Point, between, light, mix, moved, pick, ring, shrunk, smooth
from pix2pix.synthetic.paired_canvas import PairedCanvas

INK: Color = (20, 20, 20)


def draw_shoe(rng: np.random.Generator, size: int) -> Image.Image:
    """One pair of (2 * size, size) pixels: edges on the left, an RGB image of a shoe on the right."""
    return _draw(rng, size, (_sneaker, _boot, _heel, _loafer, _sandal))


def draw_handbag(rng: np.random.Generator, size: int) -> Image.Image:
    """One pair of (2 * size, size) pixels: edges on the left, an RGB image of a handbag on the right."""
    return _draw(rng, size, (_tote, _satchel, _clutch, _bucket, _quilted))


class Pencil:
    """Draws filled shapes in the photo and their outlines in the edge drawing; a shape hides those drawn before it in both."""

    def __init__(self, pair: PairedCanvas, move: float, stretch: Point) -> None:
        self._pair, self._move, self._stretch = pair, move, stretch

    def _place(self, points: Sequence[Point]) -> list[Point]:
        return [(0.5 + (x - 0.5) * self._stretch[0] + self._move, 0.5 + (y - 0.5) * self._stretch[1]) for x, y in points]

    def shape(self, points: Sequence[Point], color: Color, *, rounds: int = 1) -> None:
        """A solid part, lit from above by a lighter copy in its upper left. Two rounds of smoothing make curves, one rounds the corners."""
        outline = smooth(self._place(points), rounds, 0.25 if rounds == 2 else 0.08)
        x, y = sum(p[0] for p in outline) / len(outline), sum(p[1] for p in outline) / len(outline)
        self._pair.polygon(outline, light(color, 0.8), WHITE, edge=INK)
        for share, gain in ((0.94, 1.0), (0.7, 1.1)):
            self._pair.photo.polygon(moved(shrunk(outline, share, x, y), -0.006, -0.008), light(color, gain))

    def box(self, x0: float, y0: float, x1: float, y1: float, color: Color, *, rounds: int = 1) -> None:
        """A `shape` that is a rectangle."""
        self.shape([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], color, rounds=rounds)

    def line(self, points: Sequence[Point], color: Color, width: float) -> None:
        """A seam, strap or lace."""
        self._pair.line(self._place(points), width, color, INK, 0.012)

    def handle(self, x0: float, x1: float, top: float, y: float, color: Color) -> None:
        """The handle of a bag, from (x0, y) over `top` to (x1, y)."""
        middle = (x0 + x1) / 2
        arc = [(x0, y), (x0 + 0.03, top + 0.06), (middle - 0.06, top), (middle + 0.06, top), (x1 - 0.03, top + 0.06), (x1, y)]
        self.line(arc, color, 0.035)

    def knob(self, x: float, y: float, r: float, color: Color) -> None:
        """A button, eyelet or buckle."""
        self._pair.polygon(self._place(ring(x, y, r, r)), light(color, 0.7), WHITE, edge=INK)
        self._pair.photo.polygon(self._place(ring(x - r * 0.1, y - r * 0.15, r * 0.7, r * 0.7)), light(color, 1.2))


def _draw(rng: np.random.Generator, size: int, kinds: Sequence[Callable[[np.random.Generator, Pencil], None]]) -> Image.Image:
    pair = PairedCanvas(size, (252, 252, 252), WHITE)
    pair.photo.shadow([ring(0.5, 0.84, 0.36, 0.035)], 0.28, 0.03)
    stretch = between(rng, 0.86, 1.06), between(rng, 0.86, 1.08)
    pick(rng, kinds)(rng, Pencil(pair, between(rng, -0.03, 0.03), stretch))
    return pair.finish(rng, grain=3, photo_first=False)


def _either(rng: np.random.Generator, first: Color, second: Color) -> tuple[bool, Color]:
    """One of two variants of a product: whether it is the first, and its colour."""
    is_first = rng.random() < 0.5
    return is_first, first if is_first else second


def _sneaker(rng: np.random.Generator, pen: Pencil) -> None:
    striped, color = _either(rng, (44, 104, 196), (222, 54, 52))
    pen.shape([(0.12, 0.3), (0.3, 0.28), (0.44, 0.46), (0.7, 0.56), (0.9, 0.64), (0.92, 0.76), (0.1, 0.76), (0.13, 0.5)], color, rounds=2)
    pen.shape([(0.68, 0.57), (0.9, 0.64), (0.92, 0.76), (0.66, 0.76)], (246, 244, 238), rounds=2)
    pen.shape([(0.08, 0.74), (0.93, 0.74), (0.94, 0.84), (0.07, 0.84)], (246, 244, 238))
    for i in range(4):
        pen.line([(0.36 + 0.07 * i, 0.46 + 0.035 * i), (0.46 + 0.07 * i, 0.4 + 0.045 * i)], (252, 252, 248), 0.024)
    if striped:
        for i in range(3):
            pen.shape([(0.3 + 0.09 * i, 0.72), (0.34 + 0.09 * i, 0.72), (0.42 + 0.08 * i, 0.54), (0.38 + 0.08 * i, 0.54)], WHITE, rounds=0)
    else:
        pen.knob(0.24, 0.5, 0.06, (252, 250, 244))


def _boot(rng: np.random.Generator, pen: Pencil) -> None:
    laced, color = _either(rng, (206, 142, 66), (62, 46, 44))
    pen.shape([(0.22, 0.08), (0.54, 0.08), (0.54, 0.5), (0.86, 0.62), (0.9, 0.78), (0.2, 0.78)], color, rounds=2)
    pen.box(0.2, 0.06, 0.56, 0.16, light(color, 0.7))
    pen.shape([(0.17, 0.77), (0.91, 0.77), (0.91, 0.83), (0.42, 0.83), (0.4, 0.88), (0.17, 0.88)], (88, 62, 42), rounds=0)
    if laced:
        for i in range(5):
            pen.line([(0.42, 0.2 + 0.075 * i), (0.55, 0.23 + 0.075 * i)], (250, 226, 150), 0.02)
    else:
        pen.line([(0.24, 0.6), (0.56, 0.6)], (36, 26, 26), 0.04)
        pen.knob(0.4, 0.6, 0.045, (226, 190, 90))


def _heel(rng: np.random.Generator, pen: Pencil) -> None:
    bow, color = _either(rng, (226, 60, 132), (196, 26, 40))
    pen.shape([(0.13, 0.38), (0.22, 0.4), (0.19, 0.84), (0.155, 0.84)], light(color, 0.7))
    upper = [(0.1, 0.26), (0.22, 0.28), (0.34, 0.54), (0.56, 0.7), (0.8, 0.68), (0.94, 0.8)]
    pen.shape([*upper, (0.9, 0.84), (0.56, 0.84), (0.3, 0.66), (0.1, 0.46)], color, rounds=2)
    pen.line([(0.2, 0.32), (0.34, 0.56), (0.56, 0.72), (0.7, 0.7)], light(color, 0.55), 0.014)
    if bow:
        for x in (0.66, 0.86):
            pen.shape([(0.76, 0.7), (x, 0.62), (x, 0.76)], light(color, 1.15))


def _loafer(rng: np.random.Generator, pen: Pencil) -> None:
    tassel, color = _either(rng, (122, 62, 32), (42, 42, 52))
    upper = [(0.1, 0.46), (0.22, 0.46), (0.42, 0.58), (0.58, 0.48), (0.78, 0.58), (0.93, 0.68), (0.93, 0.78), (0.1, 0.78)]
    pen.shape(upper, color, rounds=2)
    pen.shape([(0.54, 0.55), (0.66, 0.52), (0.86, 0.66), (0.8, 0.7), (0.6, 0.64)], light(color, 1.2), rounds=2)
    pen.shape([(0.08, 0.76), (0.94, 0.76), (0.94, 0.81), (0.34, 0.81), (0.33, 0.86), (0.08, 0.86)], (70, 44, 28), rounds=0)
    if tassel:
        pen.shape([(0.56, 0.54), (0.6, 0.54), (0.63, 0.68), (0.53, 0.68)], (202, 128, 66), rounds=0)
    else:
        pen.line([(0.5, 0.56), (0.62, 0.66)], (222, 200, 120), 0.035)


def _sandal(rng: np.random.Generator, pen: Pencil) -> None:
    straps = int(rng.integers(2, 5))
    color = ((250, 176, 40), (60, 168, 150), (240, 112, 74))[straps - 2]  # the number of straps determines the colour
    pen.shape([(0.08, 0.74), (0.5, 0.76), (0.94, 0.76), (0.94, 0.84), (0.08, 0.86)], (190, 148, 98))
    for i in range(straps):
        x = 0.5 + 0.38 * i / straps
        pen.shape([(x, 0.77), (x + 0.03, 0.6), (x + 0.07, 0.58), (x + 0.1, 0.62), (x + 0.12, 0.77)], color)
    pen.shape([(0.1, 0.76), (0.11, 0.42), (0.17, 0.4), (0.21, 0.76)], color)
    pen.line([(0.15, 0.46), (0.36, 0.54), (0.44, 0.68)], light(color, 0.85), 0.03)
    pen.knob(0.27, 0.5, 0.03, (236, 214, 130))


def _tote(rng: np.random.Generator, pen: Pencil) -> None:
    striped, color = _either(rng, (236, 220, 186), (50, 132, 122))
    pen.handle(0.34, 0.66, 0.12, 0.4, (150, 92, 52))
    pen.shape([(0.14, 0.36), (0.86, 0.36), (0.8, 0.86), (0.2, 0.86)], color)
    if striped:
        for y in (0.5, 0.62, 0.74):
            pen.shape([(0.17, y), (0.83, y), (0.82, y + 0.055), (0.18, y + 0.055)], (40, 62, 120), rounds=0)
    else:
        pen.box(0.38, 0.5, 0.62, 0.7, (240, 206, 96), rounds=2)


def _satchel(rng: np.random.Generator, pen: Pencil) -> None:
    buckles = int(rng.integers(1, 3))
    color: Color = (150, 82, 40) if buckles == 2 else (112, 34, 44)
    pen.handle(0.36, 0.64, 0.18, 0.36, light(color, 0.7))
    pen.box(0.1, 0.34, 0.9, 0.84, color)
    pen.shape([(0.08, 0.32), (0.92, 0.32), (0.9, 0.6), (0.1, 0.6)], light(color, 1.15))
    for x in (0.5,) if buckles == 1 else (0.28, 0.72):
        pen.box(x - 0.035, 0.46, x + 0.035, 0.72, light(color, 0.62), rounds=0)
        pen.knob(x, 0.64, 0.045, (234, 200, 104))


def _clutch(rng: np.random.Generator, pen: Pencil) -> None:
    round_clasp, color = _either(rng, (216, 42, 92), (28, 30, 40))
    pen.shape([(0.08, 0.4), (0.92, 0.4), (0.94, 0.8), (0.06, 0.8)], color)
    pen.shape([(0.08, 0.38), (0.92, 0.38), (0.5, 0.66)], light(color, 1.2))
    pen.line([(0.1, 0.4), (0.02, 0.6), (0.05, 0.86)], (226, 196, 110), 0.014)
    if round_clasp:
        pen.knob(0.5, 0.58, 0.05, (250, 226, 150))
    else:
        pen.box(0.45, 0.54, 0.55, 0.62, (222, 222, 230), rounds=0)


def _bucket(rng: np.random.Generator, pen: Pencil) -> None:
    dots, color = _either(rng, (246, 184, 60), (128, 96, 170))
    pen.handle(0.28, 0.72, 0.06, 0.34, light(color, 0.6))
    pen.shape([(0.24, 0.3), (0.76, 0.3), (0.86, 0.86), (0.14, 0.86)], color, rounds=2)
    pen.line([(0.27, 0.42), (0.5, 0.46), (0.73, 0.42)], mix(color, INK, 0.6), 0.018)
    pen.shape([(0.46, 0.45), (0.54, 0.45), (0.57, 0.62), (0.43, 0.62)], mix(color, INK, 0.5))
    if dots:
        for x, y in ((0.3, 0.58), (0.7, 0.58), (0.34, 0.74), (0.66, 0.74), (0.5, 0.74)):
            pen.knob(x, y, 0.035, (255, 250, 236))


def _quilted(rng: np.random.Generator, pen: Pencil) -> None:
    fine, color = _either(rng, (240, 168, 178), (52, 58, 74))
    pen.handle(0.18, 0.82, 0.1, 0.42, (222, 190, 104))
    pen.box(0.12, 0.38, 0.88, 0.84, color)
    step = 0.1 if fine else 0.16
    for i in range(round(0.7 / step)):
        x = 0.16 + step * i
        end, low = min(0.86, x + 0.34), 0.44 + min(0.86 - x, 0.34)
        pen.line([(x, 0.44), (end, low)], light(color, 0.74), 0.01)
        pen.line([(1 - x, 0.44), (1 - end, low)], light(color, 0.74), 0.01)
    pen.box(0.43, 0.54, 0.57, 0.66, (226, 194, 104))
