"""A town from above: an aerial image beside its map, as in the maps set."""

from itertools import pairwise, product

import numpy as np
from PIL import Image

from pix2pix.synthetic.canvas import Canvas, Color, between, light, moved, pick, smooth, vary

LAND: Color = (236, 232, 224)
STREET: Color = (255, 255, 255)
AVENUE: Color = (252, 214, 120)
PARK: Color = (198, 224, 172)
WATER: Color = (164, 204, 248)
BUILDING: Color = (216, 208, 198)
KERB: Color = (214, 208, 200)
ROOFS: tuple[Color, ...] = ((150, 92, 74), (138, 134, 132), (176, 166, 150), (112, 116, 124))


def draw(rng: np.random.Generator, size: int) -> Image.Image:
    """One pair as an RGB image of (2 * size, size) pixels: aerial image on the left, map on the right."""
    town = Canvas(size, (128, 130, 104), LAND).posed(0.5, 0.5, turn=between(rng, -0.5, 0.5), zoom=1.25)
    columns, rows = _cuts(rng), _cuts(rng)
    for (x0, x1), (y0, y1) in product(pairwise(columns), pairwise(rows)):
        _block(rng, town, x0, y0, x1, y1)
    streets = [[(x, -0.3), (x, 1.3)] for x in columns], [[(-0.3, y), (1.3, y)] for y in rows]
    avenues = [lines.pop(int(rng.integers(2, len(lines) - 1))) for lines in streets]
    for street in (street for lines in streets for street in lines):
        town.line(street, (166, 162, 152), 0.045, KERB)
        town.line(street, (108, 108, 112), 0.03, STREET)
    if rng.random() < 0.5:
        _river(rng, town, pick(rng, [x for x in columns if 0 < x < 1]))
    for avenue in avenues:  # they cross the river on bridges
        town.line(avenue, (166, 162, 152), 0.08, KERB)
        town.line(avenue, (108, 108, 112), 0.055, AVENUE)
        town.line(avenue, (214, 208, 186), 0.006)
    return town.finish_pair(rng, grain=7)


def _cuts(rng: np.random.Generator) -> list[float]:
    """Where the streets run, from beyond one border to beyond the other."""
    cuts = [-0.25]
    while cuts[-1] < 1.15:
        cuts.append(cuts[-1] + between(rng, 0.18, 0.34))
    return cuts


def _block(rng: np.random.Generator, town: Canvas, x0: float, y0: float, x1: float, y1: float) -> None:
    """What lies between four streets: a park, or two rows of houses."""
    if rng.random() < 0.2:
        town.box(x0, y0, x1, y1, (84, 116, 62), PARK)
        town.line([(x0, y0), (x1, y1)], (178, 168, 132), 0.01)
        for u, v, shade in rng.random((22, 3)).tolist():
            _tree(town, x0 + (x1 - x0) * u, y0 + (y1 - y0) * v, shade)
        return
    town.box(x0, y0, x1, y1, vary(rng, (134, 138, 108), 6), LAND)
    lots, deep = max(2, round((x1 - x0) / 0.075)), (y1 - y0) / 2
    width = (x1 - x0 - 0.056) / lots
    for lot, row in product(range(lots), range(2)):
        left, top = x0 + 0.028 + width * lot, y0 + 0.03 + (deep - 0.02) * row
        wide, high = width * between(rng, 0.62, 0.86), (deep - 0.04) * between(rng, 0.55, 0.85)
        _house(rng, town.at(left, top, wide, high))
        if rng.random() < 0.6:
            _tree(town, left + wide * 1.05, top + high, float(rng.random()))


def _house(rng: np.random.Generator, house: Canvas) -> None:
    """A gabled roof from (0, 0) to (1, 1), with its shadow."""
    roof = vary(rng, pick(rng, ROOFS), 8)
    house.box(0.2, 0.15, 1.2, 1.15, (62, 64, 56))
    house.box(0, 0, 1, 1, light(roof, 0.86), BUILDING)
    house.box(0, 0, 1, 0.5, light(roof, 1.16))
    house.box(0, 0.47, 1, 0.53, light(roof, 1.35))


def _tree(town: Canvas, x: float, y: float, shade: float) -> None:
    r = 0.014 + 0.012 * shade
    town.ellipse(x + r * 0.4, y + r * 0.5, r, r, (44, 58, 36))
    town.ellipse(x, y, r, r, light((66, 98, 48), 0.8 + 0.4 * shade))
    town.ellipse(x - r * 0.3, y - r * 0.3, r * 0.4, r * 0.4, light((92, 126, 66), 0.9 + 0.3 * shade))


def _river(rng: np.random.Generator, town: Canvas, x: float) -> None:
    bends, width = [(x + between(rng, -0.08, 0.08), -0.3 + 0.32 * i) for i in range(6)], between(rng, 0.05, 0.09)
    shore = smooth([*moved(bends, -width, 0), *reversed(moved(bends, width, 0))])
    town.polygon(moved(shore, 0.012, 0), (150, 144, 112))
    town.polygon(shore, (46, 78, 96), WATER)
    for x, y in bends * 2:  # waves
        wave = y + between(rng, -0.1, 0.1)
        town.line([(x - width * 0.4, wave), (x + width * 0.3, wave + 0.008)], (76, 110, 126), 0.005)
