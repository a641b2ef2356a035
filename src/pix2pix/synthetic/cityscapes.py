"""Streets seen from a car: a "photo" beside its label map, as in the cityscapes set."""

import numpy as np
from PIL import Image

from pix2pix.synthetic.canvas import Color, between, blob, light, pick
from pix2pix.synthetic.paired_canvas import PairedCanvas

# The published colours of the classes that are drawn.
ROAD: Color = (128, 64, 128)
SIDEWALK: Color = (244, 35, 232)
BUILDING: Color = (70, 70, 70)
POLE: Color = (153, 153, 153)
TRAFFIC_LIGHT: Color = (250, 170, 30)
VEGETATION: Color = (107, 142, 35)
TERRAIN: Color = (152, 251, 152)
SKY: Color = (70, 130, 180)
PERSON: Color = (220, 20, 60)
CAR: Color = (0, 0, 142)
PALETTE = (ROAD, SIDEWALK, BUILDING, POLE, TRAFFIC_LIGHT, VEGETATION, TERRAIN, SKY, PERSON, CAR)

HORIZON = 0.46
GROUND = 1.05


def draw(rng: np.random.Generator, size: int) -> Image.Image:
    """One pair as an RGB image of (2 * size, size) pixels: photo on the left, label map on the right."""
    pair, middle = PairedCanvas(size, (204, 218, 228), SKY), between(rng, 0.42, 0.58)
    pair.photo.ramp(0, 0, 1, HORIZON, (160, 190, 216), (226, 232, 232), 16)
    for side in (-1, 1):
        _houses(rng, pair, middle, side)
    _ground(pair, middle)
    for depth in sorted(rng.random(9).tolist(), reverse=True):  # far things first
        side, near = pick(rng, (-1, 1)), 0.16 + 0.8 * (1 - depth)
        thing, aside, below = pick(rng, THINGS)
        thing(rng, pair.at(middle + side * near * aside, HORIZON + near * below, near), side)
    return pair.finish(rng, grain=5, labels=True)


def _houses(rng: np.random.Generator, pair: PairedCanvas, middle: float, side: int) -> None:
    """A row of houses that grows with nearness: at distance d from the vanishing point a house reaches 0.42 d above the horizon."""
    near = 0.06
    while near < 1.2:
        far, height = near * between(rng, 1.35, 1.6), between(rng, 0.5, 0.85)
        x0, x1 = middle + side * near, middle + side * far
        wall = pick(rng, ((172, 150, 122), (150, 132, 120), (188, 172, 146)))
        top0, top1, foot0, foot1 = HORIZON - near * height, HORIZON - far * height, HORIZON + near * 0.24, HORIZON + far * 0.24
        pair.polygon([(x0, top0), (x1, top1), (x1, foot1), (x0, foot0)], light(wall, 0.82 if side > 0 else 1.06), BUILDING)
        for column in range(3):
            for row in range(3):
                u0, u1, v0, v1 = column / 3 + 0.1, column / 3 + 0.24, row / 3.4 + 0.08, row / 3.4 + 0.24
                pane = []
                for u, v in ((u0, v0), (u1, v0), (u1, v1), (u0, v1)):
                    top, foot = top0 + (top1 - top0) * u, foot0 + (foot1 - foot0) * u
                    pane.append((x0 + (x1 - x0) * u, top + (foot - top) * v))
                pair.photo.polygon(pane, (74, 84, 98))
        near = far


def _ground(pair: PairedCanvas, middle: float) -> None:
    left, right = ([(middle + side * 0.04, HORIZON), (middle + side * 0.8, GROUND)] for side in (-1, 1))  # the kerbs
    pair.polygon([(-0.2, GROUND), (-0.2, HORIZON + 0.2), left[0], right[0], (1.2, HORIZON + 0.2), (1.2, GROUND)], (150, 146, 140), SIDEWALK)
    pair.polygon([left[0], right[0], right[1], left[1]], (98, 98, 102), ROAD)
    for share in (0.12, 0.24, 0.42, 0.68):  # a broken line along the middle of the road
        top, bottom, narrow, wide = HORIZON + (GROUND - HORIZON) * share, HORIZON + (GROUND - HORIZON) * share * 1.3, 0.012, 0.02
        dash = [(-narrow, top), (narrow, top), (wide, bottom), (-wide, bottom)]
        pair.photo.polygon([(middle + x * share, y) for x, y in dash], (222, 220, 212))
    for kerb in (left, right):
        pair.photo.line(kerb, (190, 186, 178), 0.01)
    pair.box(middle - 0.3, 0.96, middle + 0.3, 1, (40, 42, 48), CAR)  # the bonnet of the car that carries the camera


# Things in the street, in coordinates where the foot is (0, 0) and a length of 1 is the nearness. `side`: -1 is left, 1 is right.
def _tree(rng: np.random.Generator, pair: PairedCanvas, side: int) -> None:
    pair.box(-0.02, -0.5, 0.02, 0, (84, 64, 48), VEGETATION)
    pair.box(-0.1, -0.03, 0.1, 0, (96, 122, 66), TERRAIN)
    for x, y, r in ((-0.1, -0.5, 0.16), (0.1, -0.52, 0.16), (0.0, -0.66, 0.18)):
        pair.polygon(blob(rng, x, y, r, r, corners=11, rough=0.12), (62, 92, 44), VEGETATION)
        pair.photo.ellipse(x - 0.04, y - 0.05, r * 0.6, r * 0.55, (92, 124, 62))


def _car(rng: np.random.Generator, pair: PairedCanvas, side: int) -> None:
    pair = pair.at(0, 0, 0.17)
    paint = pick(rng, ((158, 34, 36), (44, 70, 124))) if side > 0 else (196, 198, 204)  # oncoming cars are silver
    pair.photo.ellipse(0, 0, 1.15, 0.16, (52, 52, 56))
    pair.polygon([(-0.7, -1.25), (0.7, -1.25), (1, -0.6), (-1, -0.6)], light(paint, 1.1), CAR)
    pair.photo.polygon([(-0.6, -1.15), (0.6, -1.15), (0.8, -0.65), (-0.8, -0.65)], (52, 62, 74))
    pair.box(-1, -0.62, 1, -0.12, paint, CAR)
    for x in (-0.78, 0.78):
        pair.box(x - 0.16, -0.2, x + 0.16, 0.06, (28, 28, 32), CAR)
        pair.photo.ellipse(x, -0.42, 0.16, 0.1, (226, 52, 44) if side > 0 else (255, 246, 206))


def _person(rng: np.random.Generator, pair: PairedCanvas, side: int) -> None:
    pair = pair.at(0, 0, 0.27)
    for x in (-0.08, 0.04):
        pair.box(x, -0.5, x + 0.09, 0, (48, 54, 74), PERSON)
    pair.box(-0.13, -0.82, 0.13, -0.42, (150, 56, 52), PERSON)
    pair.ellipse(0, -0.91, 0.09, 0.1, (206, 160, 132), PERSON)


def _lamp(rng: np.random.Generator, pair: PairedCanvas, side: int) -> None:
    pair.box(-0.012, -0.7, 0.012, 0, (92, 96, 100), POLE)
    pair.box(-0.04, -0.74, 0.04, -0.52, (40, 42, 40), TRAFFIC_LIGHT)
    for i, color in enumerate(((226, 48, 40), (236, 186, 56), (66, 190, 92))):
        pair.photo.ellipse(0, 0.065 * i - 0.7, 0.024, 0.024, color)


# Each with its distance from the middle of the road, and of its foot below the horizon, both for a nearness of 1.
THINGS = ((_tree, 0.85, 0.36), (_tree, 0.85, 0.36), (_car, 0.36, 0.4), (_car, 0.36, 0.4), (_person, 0.72, 0.34), (_lamp, 0.62, 0.34))
