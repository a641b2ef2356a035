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
    columns, rows = (np.cumsum([-0.25, *(between(rng, 0.18, 0.34) for _ in range(6))]).tolist() for _ in range(2))
    for (x0, x1), (y0, y1) in product(pairwise(columns), pairwise(rows)):
        _block(rng, town.at(x0, y0, x1 - x0, y1 - y0))
    streets = [[(x, -0.3), (x, 1.5)] for x in columns] + [[(-0.3, y), (1.5, y)] for y in rows]
    avenues = [streets.pop(9), streets.pop(3)]
    for ways, width, color in ((streets, 0.03, STREET), (avenues, 0.055, AVENUE)):
        for way in ways:
            town.line(way, (166, 162, 152), width * 1.5, KERB)
            town.line(way, (108, 108, 112), width, color)
        if ways is streets and rng.random() < 0.5:  # a river; avenues cross it on bridges
            x, wide = pick(rng, columns[2:5]), between(rng, 0.05, 0.09)
            bends = [(x + between(rng, -0.08, 0.08), -0.3 + 0.36 * i) for i in range(6)]
            shore = smooth([*moved(bends, -wide, 0), *reversed(moved(bends, wide, 0))])
            town.polygon(moved(shore, 0.012, 0), (150, 144, 112))
            town.polygon(shore, (46, 78, 96), WATER)
    return town.finish_pair(rng, grain=7)


def _block(rng: np.random.Generator, block: Canvas) -> None:
    """What lies between four streets, from (0, 0) to (1, 1): a park, or two rows of houses, each with a gabled roof and its shadow."""
    if rng.random() < 0.2:
        block.box(0, 0, 1, 1, (84, 116, 62), PARK)
        block.line([(0, 0), (1, 1)], (178, 168, 132), 0.04)
        for x, y, shade in rng.random((22, 3)).tolist():
            block.discs((x + 0.03, y + 0.04, 0.07, 0.07, (44, 58, 36)), (x, y, 0.07, 0.07, light((66, 98, 48), 0.8 + 0.6 * shade)))
        return
    block.box(0, 0, 1, 1, vary(rng, (134, 138, 108), 6), LAND)
    for column, row in product(range(3), range(2)):
        roof = vary(rng, pick(rng, ROOFS), 8)
        house = block.at(0.14 + 0.26 * column, 0.14 + 0.4 * row, between(rng, 0.16, 0.22), between(rng, 0.2, 0.32))
        house.box(0.2, 0.15, 1.2, 1.15, (62, 64, 56))
        house.box(0, 0, 1, 1, light(roof, 0.86), BUILDING)
        house.box(0, 0, 1, 0.5, light(roof, 1.16))
        house.box(0, 0.47, 1, 0.53, light(roof, 1.35))
