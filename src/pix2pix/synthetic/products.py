"""Shoes and handbags on white, each beside a drawing of its edges, as in the edges2shoes and edges2handbags sets.

The kind of product determines its colour, and the drawing of its edges shows the kind.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from pix2pix.synthetic.canvas import WHITE, Canvas, Color, Point, between, light, moved, pick, ring, shrunk, smooth

INK: Color = (20, 20, 20)
GOLD: Color = (234, 200, 104)


class Part(NamedTuple):
    """An outline to fill, or with a width a line: a seam, strap, lace or handle."""

    points: Sequence[Point]
    paint: Color | float = 1.0  # a colour, or the gain of the product's own colour
    rounds: int = 0  # how round its corners are: 0 not at all, 1 softened, 2 a curve
    width: float = 0.0


Product = tuple[Color, list[Part]]  # its own colour, and its parts from the back to the front


def _box(x0: float, y0: float, x1: float, y1: float, paint: Color | float, rounds: int = 0) -> Part:
    return Part([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], paint, rounds)


def _handle(x: float, top: float, y: float, paint: Color | float) -> Part:
    """The handle of a bag, from (x, y) over `top` to the same place on the right."""
    return Part([(x, y), (x + 0.03, top + 0.06), (0.44, top), (0.56, top), (0.97 - x, top + 0.06), (1 - x, y)], paint, width=0.035)


STRAP = [(0.0, 0.77), (0.03, 0.6), (0.07, 0.58), (0.1, 0.62), (0.12, 0.77)]
SHOES: list[Product] = [
    ((44, 104, 196), [  # a trainer
        Part([(0.12, 0.3), (0.3, 0.28), (0.44, 0.46), (0.7, 0.56), (0.9, 0.64), (0.92, 0.76), (0.1, 0.76), (0.13, 0.5)], rounds=2),
        Part([(0.08, 0.74), (0.93, 0.74), (0.94, 0.84), (0.07, 0.84)], (246, 244, 238), 1),
        *(Part([(0.36 + 0.07 * i, 0.46 + 0.035 * i), (0.46 + 0.07 * i, 0.4 + 0.045 * i)], WHITE, width=0.024) for i in range(4)),
    ]),
    ((206, 142, 66), [  # a boot
        Part([(0.22, 0.08), (0.54, 0.08), (0.54, 0.5), (0.86, 0.62), (0.9, 0.78), (0.2, 0.78)], rounds=2),
        _box(0.2, 0.06, 0.56, 0.16, 0.7, 1),
        Part([(0.17, 0.77), (0.91, 0.77), (0.91, 0.83), (0.42, 0.83), (0.4, 0.88), (0.17, 0.88)], (88, 62, 42)),
        *(Part([(0.42, 0.2 + 0.075 * i), (0.55, 0.23 + 0.075 * i)], (250, 226, 150), width=0.02) for i in range(5)),
    ]),
    ((196, 26, 40), [  # a pump
        Part([(0.13, 0.38), (0.22, 0.4), (0.19, 0.84), (0.155, 0.84)], 0.7, 1),
        Part([(0.1, 0.26), (0.22, 0.28), (0.34, 0.54), (0.56, 0.7), (0.94, 0.74),
              (0.9, 0.84), (0.56, 0.84), (0.3, 0.66), (0.1, 0.46)], rounds=2),
        Part([(0.2, 0.32), (0.34, 0.56), (0.56, 0.72), (0.7, 0.7)], 0.55, width=0.014),
    ]),
    ((42, 42, 52), [  # a loafer
        Part([(0.1, 0.46), (0.22, 0.46), (0.42, 0.58), (0.58, 0.48), (0.78, 0.58), (0.93, 0.68), (0.93, 0.78), (0.1, 0.78)], rounds=2),
        Part([(0.54, 0.55), (0.66, 0.52), (0.86, 0.66), (0.8, 0.7), (0.6, 0.64)], 1.2, 2),
        Part([(0.08, 0.76), (0.94, 0.76), (0.94, 0.81), (0.34, 0.81), (0.33, 0.86), (0.08, 0.86)], (70, 44, 28)),
    ]),
    ((250, 176, 40), [  # a sandal
        Part([(0.08, 0.74), (0.5, 0.76), (0.94, 0.76), (0.94, 0.84), (0.08, 0.86)], (190, 148, 98), 1),
        *(Part(moved(STRAP, x, 0), rounds=1) for x in (0.5, 0.69)), Part([(0.1, 0.76), (0.11, 0.42), (0.17, 0.4), (0.21, 0.76)], rounds=1),
        Part([(0.15, 0.46), (0.36, 0.54), (0.44, 0.68)], 0.85, width=0.03),
    ]),
]  # fmt: skip
HANDBAGS: list[Product] = [
    ((50, 132, 122), [  # a tote
        _handle(0.34, 0.12, 0.4, (150, 92, 52)), Part([(0.14, 0.36), (0.86, 0.36), (0.8, 0.86), (0.2, 0.86)], rounds=1),
        _box(0.38, 0.5, 0.62, 0.7, (240, 206, 96), 2),
    ]),
    ((150, 82, 40), [  # a satchel
        _handle(0.36, 0.18, 0.36, 0.7), _box(0.1, 0.34, 0.9, 0.84, 1.0, 1),
        Part([(0.08, 0.32), (0.92, 0.32), (0.9, 0.6), (0.1, 0.6)], 1.15, 1),
        *(_box(x - 0.035, 0.46, x + 0.035, 0.72, 0.62) for x in (0.28, 0.72)),
    ]),
    ((216, 42, 92), [  # a clutch
        Part([(0.08, 0.4), (0.92, 0.4), (0.94, 0.8), (0.06, 0.8)], rounds=1), Part([(0.08, 0.38), (0.92, 0.38), (0.5, 0.66)], 1.2, 1),
        Part(ring(0.5, 0.58, 0.05, 0.05), GOLD),
    ]),
    ((128, 96, 170), [  # a bucket bag
        _handle(0.28, 0.06, 0.34, 0.6), Part([(0.24, 0.3), (0.76, 0.3), (0.86, 0.86), (0.14, 0.86)], rounds=2),
        Part([(0.27, 0.42), (0.5, 0.46), (0.73, 0.42)], 0.4, width=0.018),
    ]),
    ((240, 168, 178), [  # a quilted bag
        _handle(0.18, 0.1, 0.42, GOLD), _box(0.12, 0.38, 0.88, 0.84, 1.0, 1),
        *(Part([(x, 0.44), (x + dx, 0.78)], 0.74, width=0.01) for x in (0.3, 0.5, 0.7) for dx in (-0.12, 0.12)),
        _box(0.43, 0.54, 0.57, 0.66, GOLD),
    ]),
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
    move, wide, high = between(rng, -0.04, 0.04), between(rng, 0.8, 1.06), between(rng, 0.8, 1.08)
    placed = canvas.at(0.5 - 0.5 * wide + move, 0.5 - 0.5 * high, wide, high)
    for points, paint, rounds, width in parts:
        color = paint if isinstance(paint, tuple) else light(own, paint)
        if width:
            placed.line(points, color, width)
            placed.line(points, None, 0.012, INK)
            continue
        outline = smooth(points, rounds, 0.25 if rounds == 2 else 0.08)
        x, y = np.mean(outline, axis=0).tolist()
        placed.polygon(outline, light(color, 0.8), WHITE)
        placed.line([*outline, outline[0]], None, 0.012, INK)
        for share, gain in ((0.94, 1.0), (0.7, 1.1)):
            placed.polygon(moved(shrunk(outline, share, x, y), -0.006, -0.008), light(color, gain))
    return canvas.finish_pair(rng, grain=3, photo_first=False)
