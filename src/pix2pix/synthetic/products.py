"""Shoes and handbags on white, each beside a drawing of its edges, as in the edges2shoes and edges2handbags sets.

The kind of product and its trimmings determine its colour; the drawing of its edges shows both.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from pix2pix.synthetic.canvas import WHITE, Canvas, Color, Point, between, light, moved, pick, ring, shrunk, smooth

INK: Color = (20, 20, 20)
GOLD: Color = (234, 200, 104)
Paint = Color | float  # a colour, or the gain of the product's own colour


class Shape(NamedTuple):
    """A solid part: its outline, and how round its corners are: 0 not at all, 1 softened, 2 a curve."""

    points: Sequence[Point]
    paint: Paint = 1.0
    rounds: int = 0


class Line(NamedTuple):
    """A seam, strap, lace or handle."""

    points: Sequence[Point]
    paint: Paint
    width: float


Parts = list[Shape | Line]  # from the back to the front
Product = tuple[Color, Parts]  # its own colour, and its parts


def _box(x0: float, y0: float, x1: float, y1: float, paint: Paint, rounds: int = 0) -> Shape:
    return Shape([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], paint, rounds)


def _knob(x: float, y: float, r: float, paint: Paint = GOLD) -> Shape:
    return Shape(ring(x, y, r, r), paint)


def _handle(x: float, top: float, y: float, paint: Paint) -> Line:
    """The handle of a bag, from (x, y) over `top` to the same place on the right."""
    return Line([(x, y), (x + 0.03, top + 0.06), (0.44, top), (0.56, top), (0.97 - x, top + 0.06), (1 - x, y)], paint, 0.035)


SNEAKER: Parts = [
    Shape([(0.12, 0.3), (0.3, 0.28), (0.44, 0.46), (0.7, 0.56), (0.9, 0.64), (0.92, 0.76), (0.1, 0.76), (0.13, 0.5)], 1.0, 2),
    Shape([(0.68, 0.57), (0.9, 0.64), (0.92, 0.76), (0.66, 0.76)], (246, 244, 238), 2),
    Shape([(0.08, 0.74), (0.93, 0.74), (0.94, 0.84), (0.07, 0.84)], (246, 244, 238), 1),
    *(Line([(0.36 + 0.07 * i, 0.46 + 0.035 * i), (0.46 + 0.07 * i, 0.4 + 0.045 * i)], (252, 252, 248), 0.024) for i in range(4)),
]
STRIPE = [(0.3, 0.72), (0.34, 0.72), (0.42, 0.54), (0.38, 0.54)]
BOOT: Parts = [
    Shape([(0.22, 0.08), (0.54, 0.08), (0.54, 0.5), (0.86, 0.62), (0.9, 0.78), (0.2, 0.78)], 1.0, 2),
    _box(0.2, 0.06, 0.56, 0.16, 0.7, 1),
    Shape([(0.17, 0.77), (0.91, 0.77), (0.91, 0.83), (0.42, 0.83), (0.4, 0.88), (0.17, 0.88)], (88, 62, 42)),
]
HEEL: Parts = [
    Shape([(0.13, 0.38), (0.22, 0.4), (0.19, 0.84), (0.155, 0.84)], 0.7, 1),
    Shape([(0.1, 0.26), (0.22, 0.28), (0.34, 0.54), (0.56, 0.7), (0.94, 0.74), (0.9, 0.84), (0.56, 0.84), (0.3, 0.66), (0.1, 0.46)], 1, 2),
    Line([(0.2, 0.32), (0.34, 0.56), (0.56, 0.72), (0.7, 0.7)], 0.55, 0.014),
]  # fmt: skip
LOAFER: Parts = [
    Shape([(0.1, 0.46), (0.22, 0.46), (0.42, 0.58), (0.58, 0.48), (0.78, 0.58), (0.93, 0.68), (0.93, 0.78), (0.1, 0.78)], 1.0, 2),
    Shape([(0.54, 0.55), (0.66, 0.52), (0.86, 0.66), (0.8, 0.7), (0.6, 0.64)], 1.2, 2),
    Shape([(0.08, 0.76), (0.94, 0.76), (0.94, 0.81), (0.34, 0.81), (0.33, 0.86), (0.08, 0.86)], (70, 44, 28)),
]
SOLE = Shape([(0.08, 0.74), (0.5, 0.76), (0.94, 0.76), (0.94, 0.84), (0.08, 0.86)], (190, 148, 98), 1)
STRAP = [(0.0, 0.77), (0.03, 0.6), (0.07, 0.58), (0.1, 0.62), (0.12, 0.77)]
SANDAL: Parts = [
    Shape([(0.1, 0.76), (0.11, 0.42), (0.17, 0.4), (0.21, 0.76)], 1.0, 1),
    Line([(0.15, 0.46), (0.36, 0.54), (0.44, 0.68)], 0.85, 0.03),
    _knob(0.27, 0.5, 0.03),
]
SHOES: list[Product] = [
    ((44, 104, 196), [*SNEAKER, *(Shape(moved(STRIPE, 0.09 * i, 0), WHITE) for i in range(3))]),
    ((222, 54, 52), [*SNEAKER, _knob(0.24, 0.5, 0.06, WHITE)]),
    ((206, 142, 66), [*BOOT, *(Line([(0.42, 0.2 + 0.075 * i), (0.55, 0.23 + 0.075 * i)], (250, 226, 150), 0.02) for i in range(5))]),
    ((62, 46, 44), [*BOOT, Line([(0.24, 0.6), (0.56, 0.6)], (36, 26, 26), 0.04), _knob(0.4, 0.6, 0.045)]),
    ((226, 60, 132), [*HEEL, *(Shape([(0.76, 0.7), (x, 0.62), (x, 0.76)], 1.15, 1) for x in (0.66, 0.86))]),
    ((196, 26, 40), HEEL),
    ((122, 62, 32), [*LOAFER, Shape([(0.56, 0.54), (0.6, 0.54), (0.63, 0.68), (0.53, 0.68)], (202, 128, 66))]),
    ((42, 42, 52), [*LOAFER, Line([(0.5, 0.56), (0.62, 0.66)], (222, 200, 120), 0.035)]),
    ((250, 176, 40), [SOLE, *(Shape(moved(STRAP, x, 0), 1.0, 1) for x in (0.5, 0.69)), *SANDAL]),
    ((60, 168, 150), [SOLE, *(Shape(moved(STRAP, x, 0), 1.0, 1) for x in (0.5, 0.63, 0.75)), *SANDAL]),
]  # fmt: skip
TOTE: Parts = [_handle(0.34, 0.12, 0.4, (150, 92, 52)), Shape([(0.14, 0.36), (0.86, 0.36), (0.8, 0.86), (0.2, 0.86)], 1.0, 1)]
SATCHEL: Parts = [
    _handle(0.36, 0.18, 0.36, 0.7), _box(0.1, 0.34, 0.9, 0.84, 1.0, 1),
    Shape([(0.08, 0.32), (0.92, 0.32), (0.9, 0.6), (0.1, 0.6)], 1.15, 1),
]  # fmt: skip
BELTS = [_box(x - 0.035, 0.46, x + 0.035, 0.72, 0.62) for x in (0.28, 0.72)]
CLUTCH: Parts = [
    Shape([(0.08, 0.4), (0.92, 0.4), (0.94, 0.8), (0.06, 0.8)], 1.0, 1), Shape([(0.08, 0.38), (0.92, 0.38), (0.5, 0.66)], 1.2, 1),
    Line([(0.1, 0.4), (0.02, 0.6), (0.05, 0.86)], (226, 196, 110), 0.014),
]  # fmt: skip
BUCKET: Parts = [
    _handle(0.28, 0.06, 0.34, 0.6), Shape([(0.24, 0.3), (0.76, 0.3), (0.86, 0.86), (0.14, 0.86)], 1.0, 2),
    Line([(0.27, 0.42), (0.5, 0.46), (0.73, 0.42)], 0.4, 0.018), Shape([(0.46, 0.45), (0.54, 0.45), (0.57, 0.62), (0.43, 0.62)], 0.5, 1),
]  # fmt: skip
SPOTS = ((0.3, 0.58), (0.7, 0.58), (0.34, 0.74), (0.66, 0.74), (0.5, 0.74))
QUILTED: Parts = [_handle(0.18, 0.1, 0.42, (222, 190, 104)), _box(0.12, 0.38, 0.88, 0.84, 1.0, 1)]
CLASP = _box(0.43, 0.54, 0.57, 0.66, (226, 194, 104))


def _quilting(step: float) -> Parts:
    """Seams that cross, `step` apart."""
    seams = [(x, min(0.86, x + 0.34), 0.44 + min(0.86 - x, 0.34)) for x in (0.16 + step * i for i in range(round(0.7 / step)))]
    return [Line([(abs(side - x), 0.44), (abs(side - end), low)], 0.74, 0.01) for x, end, low in seams for side in (0, 1)]


HANDBAGS: list[Product] = [
    ((236, 220, 186), [*TOTE, *(_box(0.17, y, 0.83, y + 0.055, (40, 62, 120)) for y in (0.5, 0.62, 0.74))]),
    ((50, 132, 122), [*TOTE, _box(0.38, 0.5, 0.62, 0.7, (240, 206, 96), 2)]),
    ((112, 34, 44), [*SATCHEL, _box(0.465, 0.46, 0.535, 0.72, 0.62), _knob(0.5, 0.64, 0.045)]),
    ((150, 82, 40), [*SATCHEL, *BELTS, *(_knob(x, 0.64, 0.045) for x in (0.28, 0.72))]),
    ((216, 42, 92), [*CLUTCH, _knob(0.5, 0.58, 0.05, (250, 226, 150))]),
    ((28, 30, 40), [*CLUTCH, _box(0.45, 0.54, 0.55, 0.62, (222, 222, 230))]),
    ((246, 184, 60), [*BUCKET, *(_knob(x, y, 0.035, (255, 250, 236)) for x, y in SPOTS)]),
    ((128, 96, 170), BUCKET),
    ((240, 168, 178), [*QUILTED, *_quilting(0.1), CLASP]),
    ((52, 58, 74), [*QUILTED, *_quilting(0.16), CLASP]),
]  # fmt: skip


def draw_shoe(rng: np.random.Generator, size: int) -> Image.Image:
    """One pair of (2 * size, size) pixels: edges on the left, an RGB image of a shoe on the right."""
    return _draw(rng, size, SHOES)


def draw_handbag(rng: np.random.Generator, size: int) -> Image.Image:
    """One pair of (2 * size, size) pixels: edges on the left, an RGB image of a handbag on the right."""
    return _draw(rng, size, HANDBAGS)


def _draw(rng: np.random.Generator, size: int, products: Sequence[Product]) -> Image.Image:
    """A shape hides those drawn before it, in both images; it is lit from above by lighter copies in its upper left."""
    canvas, (own, parts) = Canvas(size, (252, 252, 252)), pick(rng, products)
    canvas.shadow([ring(0.5, 0.84, 0.36, 0.035)], 0.28, 0.03)
    move, wide, high = between(rng, -0.03, 0.03), between(rng, 0.86, 1.06), between(rng, 0.86, 1.08)
    placed = canvas.at(0.5 - 0.5 * wide + move, 0.5 - 0.5 * high, wide, high)
    for part in parts:
        color = part.paint if isinstance(part.paint, tuple) else light(own, part.paint)
        if isinstance(part, Line):
            placed.line(part.points, color, part.width)
            placed.line(part.points, None, 0.012, INK)
            continue
        outline = smooth(part.points, part.rounds, 0.25 if part.rounds == 2 else 0.08)
        x, y = np.mean(outline, axis=0).tolist()
        placed.polygon(outline, light(color, 0.8), WHITE)
        placed.line([*outline, outline[0]], None, 0.012, INK)
        for share, gain in ((0.94, 1.0), (0.7, 1.1)):
            placed.polygon(moved(shrunk(outline, share, x, y), -0.006, -0.008), light(color, gain))
    return canvas.finish_pair(rng, grain=3, photo_first=False)
