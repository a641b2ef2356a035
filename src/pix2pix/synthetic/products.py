"""Shoes and handbags on white, each beside a drawing of its edges, as in the edges2shoes and edges2handbags sets.

The kind of product and its trimmings tell its colour; the drawing shows both.
"""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from pix2pix.synthetic.canvas import Color, Point, between, light, mix, pick, ring, smooth
from pix2pix.synthetic.paired_canvas import Twin

WHITE: Color = (255, 255, 255)
INK: Color = (20, 20, 20)


def draw_shoe(rng: np.random.Generator, size: int) -> Image.Image:
    """One pair of (2 * size, size) pixels: edges on the left, an RGB picture of a shoe on the right."""
    return _draw(rng, size, (_sneaker, _boot, _heel, _loafer, _sandal))


def draw_handbag(rng: np.random.Generator, size: int) -> Image.Image:
    """One pair of (2 * size, size) pixels: edges on the left, an RGB picture of a handbag on the right."""
    return _draw(rng, size, (_tote, _satchel, _clutch, _bucket, _quilted))


class Pencil:
    """Draws a filled shape in the photo and its outline in the edge drawing, where what lies in front hides what lies behind."""

    def __init__(self, twin: Twin, move: Point, stretch: Point) -> None:
        self._twin, self._move, self._stretch = twin, move, stretch

    def _place(self, points: list[Point]) -> list[Point]:
        return [(0.5 + (x - 0.5) * self._stretch[0] + self._move[0], 0.5 + (y - 0.5) * self._stretch[1] + self._move[1]) for x, y in points]

    def shape(self, points: list[Point], color: Color, *, rounds: int = 2) -> None:
        """A solid part: lit from above by a lighter copy in its upper left."""
        outline = smooth(self._place(points), rounds, 0.25 if rounds == 2 else 0.08)  # a single round only takes the sharpness off
        x, y = sum(p[0] for p in outline) / len(outline), sum(p[1] for p in outline) / len(outline)
        self._twin.polygon(outline, light(color, 0.8), WHITE, edge=INK)
        for share, gain in ((0.94, 1.0), (0.7, 1.1)):
            self._twin.photo.polygon(
                [(x + (px - x) * share - 0.006, y + (py - y) * share - 0.008) for px, py in outline], light(color, gain)
            )

    def line(self, points: list[Point], color: Color, width: float) -> None:
        """A seam, strap or lace."""
        self._twin.line(self._place(points), width, color, INK, 0.012)

    def knob(self, x: float, y: float, r: float, color: Color) -> None:
        """A button, eyelet or buckle."""
        self._twin.polygon(self._place(ring(x, y, r, r)), light(color, 0.7), WHITE, edge=INK)
        self._twin.photo.polygon(self._place(ring(x - r * 0.1, y - r * 0.15, r * 0.7, r * 0.7)), light(color, 1.2))


Kind = Callable[[np.random.Generator, Pencil], None]


def _draw(rng: np.random.Generator, size: int, kinds: Sequence[Kind]) -> Image.Image:
    twin = Twin(size, (252, 252, 252), WHITE)
    twin.photo.shadow([ring(0.5, 0.84, 0.36, 0.035)], 0.28, 0.03)
    stretch = between(rng, 0.86, 1.06), between(rng, 0.86, 1.08)
    pick(rng, kinds)(rng, Pencil(twin, (between(rng, -0.03, 0.03), 0.0), stretch))
    return twin.finish(rng, grain=3, labels=False, photo_first=False)


def _sneaker(rng: np.random.Generator, pen: Pencil) -> None:
    striped = rng.random() < 0.5
    color: Color = (44, 104, 196) if striped else (222, 54, 52)
    pen.shape([(0.12, 0.3), (0.3, 0.28), (0.44, 0.46), (0.7, 0.56), (0.9, 0.64), (0.92, 0.76), (0.1, 0.76), (0.13, 0.5)], color)
    pen.shape([(0.68, 0.57), (0.9, 0.64), (0.92, 0.76), (0.66, 0.76)], (246, 244, 238))
    pen.shape([(0.08, 0.74), (0.93, 0.74), (0.94, 0.84), (0.07, 0.84)], (246, 244, 238), rounds=1)
    for i in range(4):
        pen.line([(0.36 + 0.07 * i, 0.46 + 0.035 * i), (0.46 + 0.07 * i, 0.4 + 0.045 * i)], (252, 252, 248), 0.024)
    if striped:
        for i in range(3):
            pen.shape([(0.3 + 0.09 * i, 0.72), (0.34 + 0.09 * i, 0.72), (0.42 + 0.08 * i, 0.54), (0.38 + 0.08 * i, 0.54)], WHITE, rounds=0)
    else:
        pen.knob(0.24, 0.5, 0.06, (252, 250, 244))


def _boot(rng: np.random.Generator, pen: Pencil) -> None:
    laced = rng.random() < 0.5
    color: Color = (206, 142, 66) if laced else (62, 46, 44)
    pen.shape([(0.22, 0.08), (0.54, 0.08), (0.54, 0.5), (0.86, 0.62), (0.9, 0.78), (0.2, 0.78)], color)
    pen.shape([(0.2, 0.06), (0.56, 0.06), (0.56, 0.16), (0.2, 0.16)], light(color, 0.7), rounds=1)
    pen.shape([(0.17, 0.77), (0.91, 0.77), (0.91, 0.83), (0.42, 0.83), (0.4, 0.88), (0.17, 0.88)], (88, 62, 42), rounds=0)
    if laced:
        for i in range(5):
            pen.line([(0.42, 0.2 + 0.075 * i), (0.55, 0.23 + 0.075 * i)], (250, 226, 150), 0.02)
    else:
        pen.line([(0.24, 0.6), (0.56, 0.6)], (36, 26, 26), 0.04)
        pen.knob(0.4, 0.6, 0.045, (226, 190, 90))


def _heel(rng: np.random.Generator, pen: Pencil) -> None:
    bow = rng.random() < 0.5
    color: Color = (226, 60, 132) if bow else (196, 26, 40)
    pen.shape([(0.13, 0.38), (0.22, 0.4), (0.19, 0.84), (0.155, 0.84)], light(color, 0.7), rounds=1)
    pen.shape(
        [
            (0.1, 0.26),
            (0.22, 0.28),
            (0.34, 0.54),
            (0.56, 0.7),
            (0.8, 0.68),
            (0.94, 0.8),
            (0.9, 0.84),
            (0.56, 0.84),
            (0.3, 0.66),
            (0.1, 0.46),
        ],
        color,
    )
    pen.line([(0.2, 0.32), (0.34, 0.56), (0.56, 0.72), (0.7, 0.7)], light(color, 0.55), 0.014)
    if bow:
        pen.shape([(0.76, 0.7), (0.66, 0.62), (0.66, 0.76)], light(color, 1.15), rounds=1)
        pen.shape([(0.76, 0.7), (0.86, 0.62), (0.86, 0.76)], light(color, 1.15), rounds=1)


def _loafer(rng: np.random.Generator, pen: Pencil) -> None:
    tassel = rng.random() < 0.5
    color: Color = (122, 62, 32) if tassel else (42, 42, 52)
    pen.shape([(0.1, 0.46), (0.22, 0.46), (0.42, 0.58), (0.58, 0.48), (0.78, 0.58), (0.93, 0.68), (0.93, 0.78), (0.1, 0.78)], color)
    pen.shape([(0.54, 0.55), (0.66, 0.52), (0.86, 0.66), (0.8, 0.7), (0.6, 0.64)], light(color, 1.2))
    pen.shape([(0.08, 0.76), (0.94, 0.76), (0.94, 0.81), (0.34, 0.81), (0.33, 0.86), (0.08, 0.86)], (70, 44, 28), rounds=0)
    if tassel:
        pen.shape([(0.56, 0.54), (0.6, 0.54), (0.63, 0.68), (0.53, 0.68)], (202, 128, 66), rounds=0)
    else:
        pen.line([(0.5, 0.56), (0.62, 0.66)], (222, 200, 120), 0.035)


def _sandal(rng: np.random.Generator, pen: Pencil) -> None:
    straps = int(rng.integers(2, 5))
    color = ((250, 176, 40), (60, 168, 150), (240, 112, 74))[straps - 2]  # the number of straps tells the colour
    pen.shape([(0.08, 0.74), (0.5, 0.76), (0.94, 0.76), (0.94, 0.84), (0.08, 0.86)], (190, 148, 98), rounds=1)
    for i in range(straps):
        x = 0.5 + 0.38 * i / straps
        pen.shape([(x, 0.77), (x + 0.03, 0.6), (x + 0.07, 0.58), (x + 0.1, 0.62), (x + 0.12, 0.77)], color, rounds=1)
    pen.shape([(0.1, 0.76), (0.11, 0.42), (0.17, 0.4), (0.21, 0.76)], color, rounds=1)
    pen.line([(0.15, 0.46), (0.36, 0.54), (0.44, 0.68)], light(color, 0.85), 0.03)
    pen.knob(0.27, 0.5, 0.03, (236, 214, 130))


def _handle(pen: Pencil, x0: float, x1: float, top: float, y: float, color: Color) -> None:
    pen.line(
        [(x0, y), (x0 + 0.03, top + 0.06), ((x0 + x1) / 2 - 0.06, top), ((x0 + x1) / 2 + 0.06, top), (x1 - 0.03, top + 0.06), (x1, y)],
        color,
        0.035,
    )


def _tote(rng: np.random.Generator, pen: Pencil) -> None:
    striped = rng.random() < 0.5
    color: Color = (236, 220, 186) if striped else (50, 132, 122)
    _handle(pen, 0.34, 0.66, 0.12, 0.4, (150, 92, 52))
    pen.shape([(0.14, 0.36), (0.86, 0.36), (0.8, 0.86), (0.2, 0.86)], color, rounds=1)
    if striped:
        for y in (0.5, 0.62, 0.74):
            pen.shape([(0.17, y), (0.83, y), (0.82, y + 0.055), (0.18, y + 0.055)], (40, 62, 120), rounds=0)
    else:
        pen.shape([(0.38, 0.5), (0.62, 0.5), (0.62, 0.7), (0.38, 0.7)], (240, 206, 96))


def _satchel(rng: np.random.Generator, pen: Pencil) -> None:
    buckles = int(rng.integers(1, 3))
    color: Color = (150, 82, 40) if buckles == 2 else (112, 34, 44)
    _handle(pen, 0.36, 0.64, 0.18, 0.36, light(color, 0.7))
    pen.shape([(0.1, 0.34), (0.9, 0.34), (0.9, 0.84), (0.1, 0.84)], color, rounds=1)
    pen.shape([(0.08, 0.32), (0.92, 0.32), (0.9, 0.6), (0.1, 0.6)], light(color, 1.15), rounds=1)
    for i in range(buckles):
        x = 0.5 if buckles == 1 else 0.28 + 0.44 * i
        pen.shape([(x - 0.035, 0.46), (x + 0.035, 0.46), (x + 0.035, 0.72), (x - 0.035, 0.72)], light(color, 0.62), rounds=0)
        pen.knob(x, 0.64, 0.045, (234, 200, 104))


def _clutch(rng: np.random.Generator, pen: Pencil) -> None:
    round_clasp = rng.random() < 0.5
    color: Color = (216, 42, 92) if round_clasp else (28, 30, 40)
    pen.shape([(0.08, 0.4), (0.92, 0.4), (0.94, 0.8), (0.06, 0.8)], color, rounds=1)
    pen.shape([(0.08, 0.38), (0.92, 0.38), (0.5, 0.66)], light(color, 1.2), rounds=1)
    pen.line([(0.1, 0.4), (0.02, 0.6), (0.05, 0.86)], (226, 196, 110), 0.014)
    if round_clasp:
        pen.knob(0.5, 0.58, 0.05, (250, 226, 150))
    else:
        pen.shape([(0.45, 0.54), (0.55, 0.54), (0.55, 0.62), (0.45, 0.62)], (222, 222, 230), rounds=0)


def _bucket(rng: np.random.Generator, pen: Pencil) -> None:
    dots = rng.random() < 0.5
    color: Color = (246, 184, 60) if dots else (128, 96, 170)
    _handle(pen, 0.28, 0.72, 0.06, 0.34, light(color, 0.6))
    pen.shape([(0.24, 0.3), (0.76, 0.3), (0.86, 0.86), (0.14, 0.86)], color)
    pen.line([(0.27, 0.42), (0.5, 0.46), (0.73, 0.42)], mix(color, INK, 0.6), 0.018)
    pen.shape([(0.46, 0.45), (0.54, 0.45), (0.57, 0.62), (0.43, 0.62)], mix(color, INK, 0.5), rounds=1)
    if dots:
        for x, y in ((0.3, 0.58), (0.7, 0.58), (0.34, 0.74), (0.66, 0.74), (0.5, 0.74)):
            pen.knob(x, y, 0.035, (255, 250, 236))


def _quilted(rng: np.random.Generator, pen: Pencil) -> None:
    fine = rng.random() < 0.5
    color: Color = (240, 168, 178) if fine else (52, 58, 74)
    _handle(pen, 0.18, 0.82, 0.1, 0.42, (222, 190, 104))
    pen.shape([(0.12, 0.38), (0.88, 0.38), (0.88, 0.84), (0.12, 0.84)], color, rounds=1)
    step = 0.1 if fine else 0.16
    for i in range(round(0.7 / step)):
        x = 0.16 + step * i
        pen.line([(x, 0.44), (min(0.86, x + 0.34), 0.44 + min(0.86 - x, 0.34))], light(color, 0.74), 0.01)
        pen.line([(0.5 + (0.5 - x), 0.44), (max(0.14, 1 - x - 0.34), 0.44 + min(0.86 - x, 0.34))], light(color, 0.74), 0.01)
    pen.shape([(0.43, 0.54), (0.57, 0.54), (0.57, 0.66), (0.43, 0.66)], (226, 194, 104), rounds=1)
