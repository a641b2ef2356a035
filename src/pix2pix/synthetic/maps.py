"""A town from above: an aerial image beside its map, as in the maps set."""

from itertools import pairwise

import numpy as np
from PIL import Image

from pix2pix.synthetic.canvas import Color, between, light, moved, pick, smooth, vary
from pix2pix.synthetic.paired_canvas import PairedCanvas

LAND: Color = (236, 232, 224)
STREET: Color = (255, 255, 255)
AVENUE: Color = (252, 214, 120)
PARK: Color = (198, 224, 172)
WATER: Color = (164, 204, 248)
BUILDING: Color = (216, 208, 198)
ROOFS: tuple[Color, ...] = ((150, 92, 74), (138, 134, 132), (176, 166, 150), (112, 116, 124))


def draw(rng: np.random.Generator, size: int) -> Image.Image:
    """One pair as an RGB image of (2 * size, size) pixels: aerial image on the left, map on the right."""
    pair = PairedCanvas(size, (128, 130, 104), LAND)
    turn = between(rng, -0.5, 0.5)
    pair.photo, pair.second = (canvas.posed(0.5, 0.5, turn=turn, zoom=1.25) for canvas in (pair.photo, pair.second))
    columns, rows = _cuts(rng), _cuts(rng)
    for x0, x1 in pairwise(columns):
        for y0, y1 in pairwise(rows):
            _block(rng, pair, x0, y0, x1, y1)
    avenues = int(rng.integers(2, len(columns) - 1)), int(rng.integers(2, len(rows) - 1))
    streets = [([(x, -0.3), (x, 1.3)], i == avenues[0]) for i, x in enumerate(columns)]
    streets += [([(-0.3, y), (1.3, y)], i == avenues[1]) for i, y in enumerate(rows)]
    for points, _ in (street for street in streets if not street[1]):
        pair.line(points, 0.045, (166, 162, 152), (214, 208, 200), 0.039)
        pair.line(points, 0.03, (108, 108, 112), STREET, 0.03)
    if rng.random() < 0.5:
        _river(rng, pair, [x for x in columns if 0 < x < 1])
    for points, _ in (street for street in streets if street[1]):  # avenues cross the river on bridges
        pair.line(points, 0.0825, (166, 162, 152), (214, 208, 200), 0.0715)
        pair.line(points, 0.055, (108, 108, 112), AVENUE, 0.055)
        pair.photo.line(points, (214, 208, 186), 0.006)
    return pair.finish(rng, grain=7)


def _cuts(rng: np.random.Generator) -> list[float]:
    """Where the streets run, from beyond one border to beyond the other."""
    cuts = [-0.25]
    while cuts[-1] < 1.15:
        cuts.append(cuts[-1] + between(rng, 0.18, 0.34))
    return cuts


def _block(rng: np.random.Generator, pair: PairedCanvas, x0: float, y0: float, x1: float, y1: float) -> None:
    if rng.random() < 0.2:
        pair.box(x0, y0, x1, y1, (84, 116, 62), PARK)
        pair.photo.line([(x0, y0), (x1, y1)], (178, 168, 132), 0.01)
        for u, v, shade in rng.random((22, 3)).tolist():
            _tree(pair, x0 + (x1 - x0) * u, y0 + (y1 - y0) * v, shade)
        return
    pair.box(x0, y0, x1, y1, vary(rng, (134, 138, 108), 6), LAND)
    lots, deep = max(2, round((x1 - x0) / 0.075)), (y1 - y0) / 2
    for i in range(lots):
        for row in range(2):
            left, top = x0 + 0.028 + (x1 - x0 - 0.056) * i / lots, y0 + 0.03 + (deep - 0.02) * row
            wide, high = (x1 - x0 - 0.056) / lots * between(rng, 0.62, 0.86), (deep - 0.04) * between(rng, 0.55, 0.85)
            _house(rng, pair, left, top, wide, high)
            if rng.random() < 0.6:
                _tree(pair, left + wide * 1.05, top + high, float(rng.random()))


def _house(rng: np.random.Generator, pair: PairedCanvas, x: float, y: float, wide: float, high: float) -> None:
    roof = vary(rng, pick(rng, ROOFS), 8)
    shadow = [(x + 0.01, y + 0.012), (x + wide + 0.012, y + 0.012), (x + wide + 0.012, y + high + 0.014), (x + 0.01, y + high + 0.014)]
    pair.photo.polygon(shadow, (62, 64, 56))
    pair.box(x, y, x + wide, y + high, light(roof, 0.86), BUILDING)
    pair.photo.polygon([(x, y), (x + wide, y), (x + wide, y + high / 2), (x, y + high / 2)], light(roof, 1.16))
    pair.photo.line([(x, y + high / 2), (x + wide, y + high / 2)], light(roof, 1.35), 0.005)


def _tree(pair: PairedCanvas, x: float, y: float, shade: float) -> None:
    r = 0.014 + 0.012 * shade
    pair.photo.ellipse(x + r * 0.4, y + r * 0.5, r, r, (44, 58, 36))
    pair.photo.ellipse(x, y, r, r, light((66, 98, 48), 0.8 + 0.4 * shade))
    pair.photo.ellipse(x - r * 0.3, y - r * 0.3, r * 0.4, r * 0.4, light((92, 126, 66), 0.9 + 0.3 * shade))


def _river(rng: np.random.Generator, pair: PairedCanvas, places: list[float]) -> None:
    x, width = pick(rng, places), between(rng, 0.05, 0.09)
    bends = [x + between(rng, -0.08, 0.08) for _ in range(6)]
    left, right = ([(bend + side * width, -0.3 + 0.32 * i) for i, bend in enumerate(bends)] for side in (-1, 1))
    shore = smooth([*left, *reversed(right)])
    pair.photo.polygon(moved(shore, 0.012, 0), (150, 144, 112))
    pair.polygon(shore, (46, 78, 96), WATER)
    for _ in range(14):
        y = between(rng, -0.2, 1.2)
        bend = bends[min(5, max(0, round((y + 0.3) / 0.32)))]
        pair.photo.line([(bend - width * 0.4, y), (bend + width * 0.3, y + 0.008)], (76, 110, 126), 0.005)
