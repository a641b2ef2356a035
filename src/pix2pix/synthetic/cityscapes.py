"""Streets seen from a car: a "photo" beside its label map, as in the cityscapes set."""

import numpy as np
from PIL import Image

from pix2pix.synthetic.canvas import Color, between, blob, light, pick
from pix2pix.synthetic.paired_canvas import Twin

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
    """One pair as an RGB picture of (2 * size, size) pixels: photo on the left, label map on the right."""
    twin, middle = Twin(size, (204, 218, 228), SKY), between(rng, 0.42, 0.58)
    twin.photo.ramp(0, 0, 1, HORIZON, (160, 190, 216), (226, 232, 232), 16)
    for side in (-1, 1):
        _houses(rng, twin, middle, side)
    _ground(twin, middle)
    for depth in sorted(rng.random(9).tolist(), reverse=True):  # far things first
        side = pick(rng, (-1, 1))
        pick(rng, (_tree, _tree, _car, _car, _person, _lamp))(rng, twin, middle, side, 0.16 + 0.8 * (1 - depth))
    return twin.finish(rng, grain=5, labels=True, photo_first=True)


def _houses(rng: np.random.Generator, twin: Twin, middle: float, side: int) -> None:
    """A row of houses that grows with nearness: at distance d from the vanishing point a house reaches 0.42 d above the horizon."""
    near = 0.06
    while near < 1.2:
        far, height = near * between(rng, 1.35, 1.6), between(rng, 0.5, 0.85)
        x0, x1 = middle + side * near, middle + side * far
        wall = pick(rng, ((172, 150, 122), (150, 132, 120), (188, 172, 146)))
        top0, top1, foot0, foot1 = HORIZON - near * height, HORIZON - far * height, HORIZON + near * 0.24, HORIZON + far * 0.24
        corners = [(x0, top0), (x1, top1), (x1, foot1), (x0, foot0)]
        twin.polygon(corners, light(wall, 0.82 if side > 0 else 1.06), BUILDING)
        for column in range(3):
            for row in range(3):
                u0, u1, v0, v1 = column / 3 + 0.1, column / 3 + 0.24, row / 3.4 + 0.08, row / 3.4 + 0.24
                pane = []
                for u, v in ((u0, v0), (u1, v0), (u1, v1), (u0, v1)):
                    top, foot = top0 + (top1 - top0) * u, foot0 + (foot1 - foot0) * u
                    pane.append((x0 + (x1 - x0) * u, top + (foot - top) * v))
                twin.photo.polygon(pane, (74, 84, 98))
        near = far


def _ground(twin: Twin, middle: float) -> None:
    far = 0.04
    twin.polygon(
        [(-0.2, GROUND), (-0.2, HORIZON + 0.2), (middle - far, HORIZON), (middle + far, HORIZON), (1.2, HORIZON + 0.2), (1.2, GROUND)],
        (150, 146, 140),
        SIDEWALK,
    )
    twin.polygon([(middle - far, HORIZON), (middle + far, HORIZON), (middle + 0.8, GROUND), (middle - 0.8, GROUND)], (98, 98, 102), ROAD)
    for share in (0.12, 0.24, 0.42, 0.68):  # a broken line along the middle of the road
        top, bottom = HORIZON + (GROUND - HORIZON) * share, HORIZON + (GROUND - HORIZON) * share * 1.3
        twin.photo.polygon(
            [
                (middle - 0.012 * share, top),
                (middle + 0.012 * share, top),
                (middle + 0.02 * share, bottom),
                (middle - 0.02 * share, bottom),
            ],
            (222, 220, 212),
        )
    for side in (-1, 1):
        twin.photo.line([(middle + side * far, HORIZON), (middle + side * 0.8, GROUND)], (190, 186, 178), 0.01)
    twin.box(middle - 0.3, 0.96, middle + 0.3, 1, (40, 42, 48), CAR)  # the bonnet of the car that carries the camera


def _tree(rng: np.random.Generator, twin: Twin, middle: float, side: int, near: float) -> None:
    x, foot = middle + side * near * 0.85, HORIZON + near * 0.36
    twin.box(x - near * 0.02, foot - near * 0.5, x + near * 0.02, foot, (84, 64, 48), VEGETATION)
    twin.box(x - near * 0.1, foot - near * 0.03, x + near * 0.1, foot, (96, 122, 66), TERRAIN)
    for dx, dy, r in ((-0.1, -0.5, 0.16), (0.1, -0.52, 0.16), (0.0, -0.66, 0.18)):
        outline = blob(rng, x + near * dx, foot + near * dy, near * r, near * r, corners=11, rough=0.12)
        twin.polygon(outline, (62, 92, 44), VEGETATION)
        twin.photo.ellipse(x + near * (dx - 0.04), foot + near * (dy - 0.05), near * r * 0.6, near * r * 0.55, (92, 124, 62))


def _car(rng: np.random.Generator, twin: Twin, middle: float, side: int, near: float) -> None:
    x, foot, unit = middle + side * near * 0.36, HORIZON + near * 0.4, near * 0.17
    paint = pick(rng, ((158, 34, 36), (44, 70, 124))) if side > 0 else (196, 198, 204)  # oncoming cars are silver
    twin.photo.ellipse(x, foot, unit * 1.15, unit * 0.16, (52, 52, 56))
    twin.polygon(
        [
            (x - unit * 0.7, foot - unit * 1.25),
            (x + unit * 0.7, foot - unit * 1.25),
            (x + unit, foot - unit * 0.6),
            (x - unit, foot - unit * 0.6),
        ],
        light(paint, 1.1),
        CAR,
    )
    twin.photo.polygon(
        [
            (x - unit * 0.6, foot - unit * 1.15),
            (x + unit * 0.6, foot - unit * 1.15),
            (x + unit * 0.8, foot - unit * 0.65),
            (x - unit * 0.8, foot - unit * 0.65),
        ],
        (52, 62, 74),
    )
    twin.box(x - unit, foot - unit * 0.62, x + unit, foot - unit * 0.12, paint, CAR)
    for dx in (-0.78, 0.78):
        twin.box(x + unit * (dx - 0.16), foot - unit * 0.2, x + unit * (dx + 0.16), foot + unit * 0.06, (28, 28, 32), CAR)
        twin.photo.ellipse(x + unit * dx, foot - unit * 0.42, unit * 0.16, unit * 0.1, (226, 52, 44) if side > 0 else (255, 246, 206))


def _person(rng: np.random.Generator, twin: Twin, middle: float, side: int, near: float) -> None:
    x, foot, tall = middle + side * near * 0.72, HORIZON + near * 0.34, near * 0.27
    for dx in (-0.08, 0.04):
        twin.box(x + tall * dx, foot - tall * 0.5, x + tall * (dx + 0.09), foot, (48, 54, 74), PERSON)
    twin.box(x - tall * 0.13, foot - tall * 0.82, x + tall * 0.13, foot - tall * 0.42, (150, 56, 52), PERSON)
    twin.ellipse(x, foot - tall * 0.91, tall * 0.09, tall * 0.1, (206, 160, 132), PERSON)


def _lamp(rng: np.random.Generator, twin: Twin, middle: float, side: int, near: float) -> None:
    x, foot = middle + side * near * 0.62, HORIZON + near * 0.34
    twin.box(x - near * 0.012, foot - near * 0.7, x + near * 0.012, foot, (92, 96, 100), POLE)
    twin.box(x - near * 0.04, foot - near * 0.74, x + near * 0.04, foot - near * 0.52, (40, 42, 40), TRAFFIC_LIGHT)
    for i, color in enumerate(((226, 48, 40), (236, 186, 56), (66, 190, 92))):
        twin.photo.ellipse(x, foot - near * (0.7 - 0.065 * i), near * 0.024, near * 0.024, color)
