"""A valley with houses as one camera sees it at night and by day, as in the night2day set."""

import numpy as np
from PIL import Image

from pix2pix.synthetic.canvas import Color, between, light, mix, pick, smooth, vary
from pix2pix.synthetic.paired_canvas import PairedCanvas

NIGHT: Color = (16, 20, 44)  # what darkness mixes into every colour
WALLS: tuple[Color, ...] = ((224, 212, 190), (196, 158, 128), (178, 182, 186), (206, 186, 140))
ROOFS: tuple[Color, ...] = ((150, 74, 56), (96, 88, 92), (122, 92, 70))
HILLS: tuple[Color, ...] = ((112, 148, 92), (92, 130, 84), (134, 146, 104))


def draw(rng: np.random.Generator, size: int) -> Image.Image:
    """One pair as an RGB image of (2 * size, size) pixels: night on the left, day on the right."""
    pair = PairedCanvas(size, NIGHT, (150, 196, 232))
    horizon, zenith = vary(rng, (206, 224, 236), 8), vary(rng, (104, 160, 222), 10)
    pair.second.ramp(0, 0, 1, 0.7, zenith, horizon)
    pair.photo.ramp(0, 0, 1, 0.7, _dark(zenith, 0.94), _dark(horizon, 0.82))
    _stars(rng, pair)
    for layer in range(3):
        color = light(pick(rng, HILLS), 1.16 - 0.16 * layer)
        crest = [(-0.3 + 0.2 * i, 0.42 + 0.13 * layer + between(rng, -0.08, 0.08)) for i in range(9)]
        pair.polygon(smooth([(-0.4, 1.2), *crest, (1.4, 1.2)]), _dark(color, 0.84), color)
    ground = vary(rng, (104, 128, 80), 8)
    pair.box(0, 0.8, 1, 1, _dark(ground), ground)
    x = between(rng, -0.04, 0.08)
    while x < 0.95:
        width = between(rng, 0.16, 0.26)
        _house(rng, pair, x, width)
        x += width + between(rng, 0.02, 0.12)
    return pair.finish(rng, grain=5)


def _dark(color: Color, share: float = 0.78) -> Color:
    """A colour of the day as it looks at night, by the share of darkness."""
    return mix(color, NIGHT, share)


def _stars(rng: np.random.Generator, pair: PairedCanvas) -> None:
    for x, y, shine in rng.random((24, 3)).tolist():
        pair.photo.ellipse(x, y * 0.4, 0.004 + 0.003 * shine, 0.004 + 0.003 * shine, light((150, 156, 180), 0.8 + 0.6 * shine))
    moon, sun = (between(rng, 0.1, 0.9), between(rng, 0.08, 0.2)), (between(rng, 0.1, 0.9), between(rng, 0.08, 0.2))
    pair.photo.ellipse(*moon, 0.05, 0.05, (222, 222, 206))
    pair.photo.ellipse(moon[0] - 0.015, moon[1] - 0.01, 0.012, 0.012, (196, 196, 184))
    pair.second.ellipse(*sun, 0.06, 0.06, (255, 246, 200))


def _house(rng: np.random.Generator, pair: PairedCanvas, x: float, width: float) -> None:
    wall, roof = vary(rng, pick(rng, WALLS), 8), vary(rng, pick(rng, ROOFS), 8)
    top, bottom = between(rng, 0.46, 0.6), between(rng, 0.84, 0.9)
    pair.box(x, top, x + width, bottom, _dark(wall), wall)
    gable = [(x - 0.02, top), (x + width / 2, top - between(rng, 0.08, 0.14)), (x + width + 0.02, top)]
    pair.polygon(gable, _dark(roof), roof)
    columns, rows = int(rng.integers(2, 4)), int(rng.integers(2, 4))
    for column in range(columns):
        for row in range(rows):
            left, upper = x + width * (column + 0.25) / columns, top + (bottom - top) * (row + 0.25) / rows
            lit = rng.random() < 0.6
            glass = vary(rng, (250, 206, 110), 12) if lit else _dark((120, 140, 160))
            pair.box(left, upper, left + width * 0.5 / columns, upper + (bottom - top) * 0.5 / rows, glass, (92, 112, 132))
