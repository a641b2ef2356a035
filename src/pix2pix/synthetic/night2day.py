"""A valley with houses as one camera sees it at night and by day, as in the night2day set."""

from itertools import product

import numpy as np
from PIL import Image

from pix2pix.synthetic.canvas import Canvas, Color, between, light, mix, pick, smooth, vary

NIGHT: Color = (16, 20, 44)  # what darkness mixes into every colour
WALLS: tuple[Color, ...] = ((224, 212, 190), (196, 158, 128), (178, 182, 186), (206, 186, 140))
ROOFS: tuple[Color, ...] = ((150, 74, 56), (96, 88, 92), (122, 92, 70))
HILLS: tuple[Color, ...] = ((112, 148, 92), (92, 130, 84), (134, 146, 104))


def draw(rng: np.random.Generator, size: int) -> Image.Image:
    """One pair as an RGB image of (2 * size, size) pixels: night on the left, day on the right."""
    valley = Canvas(size, NIGHT)
    zenith, horizon = vary(rng, (104, 160, 222), 10), vary(rng, (206, 224, 236), 8)
    for i in range(14):
        sky = mix(zenith, horizon, i / 13)
        valley.box(0, i / 20, 1, (i + 1) / 20, _dark(sky, 0.94 - 0.009 * i), sky)
    for x, y, shine in rng.random((24, 3)).tolist():  # stars
        valley.ellipse(x, y * 0.4, 0.004 + 0.003 * shine, 0.004 + 0.003 * shine, light((150, 156, 180), 0.8 + 0.6 * shine))
    moon = valley.at(between(rng, 0.1, 0.9), between(rng, 0.08, 0.2), 0.05)
    moon.discs((1, (222, 222, 206)), (-0.3, -0.2, 0.24, 0.24, (196, 196, 184)))
    valley.ellipse(between(rng, 0.1, 0.9), between(rng, 0.08, 0.2), 0.06, 0.06, None, (255, 246, 200))  # the sun
    for layer in range(3):
        color = light(pick(rng, HILLS), 1.16 - 0.16 * layer)
        crest = [(-0.3 + 0.2 * i, 0.42 + 0.13 * layer + between(rng, -0.08, 0.08)) for i in range(9)]
        valley.polygon(smooth([(-0.4, 1.2), *crest, (1.4, 1.2)]), _dark(color, 0.84), color)
    ground = vary(rng, (104, 128, 80), 8)
    valley.box(0, 0.8, 1, 1, _dark(ground), ground)
    x = between(rng, -0.04, 0.08)
    while x < 0.95:
        width = between(rng, 0.16, 0.26)
        _house(rng, valley, x, x + width)
        x += width + between(rng, 0.02, 0.12)
    return valley.finish_pair(rng, grain=5)


def _dark(color: Color, share: float = 0.78) -> Color:
    """A colour of the day as it looks at night, by the share of darkness."""
    return mix(color, NIGHT, share)


def _house(rng: np.random.Generator, valley: Canvas, x0: float, x1: float) -> None:
    wall, roof = vary(rng, pick(rng, WALLS), 8), vary(rng, pick(rng, ROOFS), 8)
    top, bottom, peak = between(rng, 0.46, 0.6), between(rng, 0.84, 0.9), between(rng, 0.08, 0.14)
    valley.box(x0, top, x1, bottom, _dark(wall), wall)
    valley.polygon([(x0 - 0.02, top), ((x0 + x1) / 2, top - peak), (x1 + 0.02, top)], _dark(roof), roof)
    columns, rows = int(rng.integers(2, 4)), int(rng.integers(2, 4))
    for column, row in product(range(columns), range(rows)):
        bay = valley.at(x0 + (x1 - x0) * column / columns, top + (bottom - top) * row / rows, (x1 - x0) / columns, (bottom - top) / rows)
        glass = vary(rng, (250, 206, 110), 12) if rng.random() < 0.6 else _dark((120, 140, 160))
        bay.box(0.25, 0.25, 0.75, 0.75, glass, (92, 112, 132))
