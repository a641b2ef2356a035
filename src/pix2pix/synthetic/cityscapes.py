"""Streets seen from a car: a "photo" beside its label map, as in the cityscapes set."""

from itertools import product

import numpy as np
from PIL import Image

from pix2pix.synthetic.canvas import Canvas, Color, Point, between, blob, light, pick

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

HORIZON, GROUND = 0.46, 1.05


def draw(rng: np.random.Generator, size: int) -> Image.Image:
    """One pair as an RGB image of (2 * size, size) pixels: photo on the left, label map on the right."""
    street, middle = Canvas(size, (204, 218, 228), SKY), between(rng, 0.42, 0.58)
    street.ramp(0, 0, 1, HORIZON, (160, 190, 216), (226, 232, 232), 16)
    for side in (-1, 1):
        near = 0.06
        while near < 1.2:  # a row of houses that grows with nearness
            far = near * between(rng, 1.35, 1.6)
            _house(rng, street, middle, side * near, side * far)
            near = far
    _ground(street, middle)
    for depth in sorted(rng.random(9).tolist(), reverse=True):  # far things first
        side, near = pick(rng, (-1, 1)), 0.16 + 0.8 * (1 - depth)
        thing, aside, below = pick(rng, THINGS)
        thing(rng, street.at(middle + side * near * aside, HORIZON + near * below, near), side > 0)
    return street.finish_pair(rng, grain=5, labels=True)


def _house(rng: np.random.Generator, street: Canvas, middle: float, near: float, far: float) -> None:
    """A front with nine windows, which begins at `near` and ends at `far`, signed distances from the vanishing point."""
    height, wall = between(rng, 0.5, 0.85), pick(rng, ((172, 150, 122), (150, 132, 120), (188, 172, 146)))

    def part(u0: float, v0: float, u1: float, v1: float) -> list[Point]:
        """A part of the front in perspective: u runs from its near (0) to its far end, v from the eaves (0) to the foot."""
        corners = [(near + (far - near) * u, v) for u, v in ((u0, v0), (u1, v0), (u1, v1), (u0, v1))]
        return [(middle + distance, HORIZON + abs(distance) * ((height + 0.24) * v - height)) for distance, v in corners]

    street.polygon(part(0, 0, 1, 1), light(wall, 0.82 if near > 0 else 1.06), BUILDING)
    for column, row in product((0.1, 0.43, 0.77), (0.08, 0.37, 0.67)):
        street.polygon(part(column, row, column + 0.14, row + 0.16), (74, 84, 98))


def _ground(street: Canvas, middle: float) -> None:
    left, right = ([(middle + side * 0.04, HORIZON), (middle + side * 0.8, GROUND)] for side in (-1, 1))  # the kerbs
    street.polygon(
        [(-0.2, GROUND), (-0.2, HORIZON + 0.2), left[0], right[0], (1.2, HORIZON + 0.2), (1.2, GROUND)], (150, 146, 140), SIDEWALK
    )
    street.polygon([*left, *reversed(right)], (98, 98, 102), ROAD)
    for share in (0.12, 0.24, 0.42, 0.68):  # a broken line along the middle of the road
        dash = street.at(middle, HORIZON, share)
        dash.polygon([(-0.012, GROUND - HORIZON), (0.012, GROUND - HORIZON), (0.02, 0.767), (-0.02, 0.767)], (222, 220, 212))
    for kerb in (left, right):
        street.line(kerb, (190, 186, 178), 0.01)
    street.box(middle - 0.3, 0.96, middle + 0.3, 1, (40, 42, 48), CAR)  # the bonnet of the car that carries the camera


# Things in the street, in coordinates where the foot is (0, 0) and a length of 1 is the nearness. `right`: of the middle of the road.
def _tree(rng: np.random.Generator, tree: Canvas, right: bool) -> None:
    tree.box(-0.02, -0.5, 0.02, 0, (84, 64, 48), VEGETATION)
    tree.box(-0.1, -0.03, 0.1, 0, (96, 122, 66), TERRAIN)
    for x, y in ((-0.1, -0.5), (0.1, -0.52), (0.0, -0.66)):
        tree.polygon(blob(rng, x, y, 0.17, 0.17, corners=11, rough=0.12), (62, 92, 44), VEGETATION)
        tree.ellipse(x - 0.04, y - 0.05, 0.1, 0.09, (92, 124, 62))


def _car(rng: np.random.Generator, car: Canvas, right: bool) -> None:
    paint: Color = pick(rng, ((158, 34, 36), (44, 70, 124))) if right else (196, 198, 204)  # oncoming cars are silver
    car.ellipse(0, 0, 0.2, 0.03, (52, 52, 56))
    car.polygon([(-0.12, -0.21), (0.12, -0.21), (0.17, -0.1), (-0.17, -0.1)], light(paint, 1.1), CAR)
    car.polygon([(-0.1, -0.19), (0.1, -0.19), (0.135, -0.11), (-0.135, -0.11)], (52, 62, 74))
    car.box(-0.17, -0.105, 0.17, -0.02, paint, CAR)
    for x in (-0.13, 0.13):
        car.box(x - 0.027, -0.034, x + 0.027, 0.01, (28, 28, 32), CAR)
        car.ellipse(x, -0.07, 0.027, 0.017, (226, 52, 44) if right else (255, 246, 206))


def _person(_: np.random.Generator, person: Canvas, right: bool) -> None:
    person.box(-0.025, -0.135, 0.03, 0, (48, 54, 74), PERSON)
    person.box(-0.035, -0.221, 0.035, -0.113, (150, 56, 52), PERSON)
    person.ellipse(0, -0.246, 0.024, 0.027, (206, 160, 132), PERSON)


def _lamp(_: np.random.Generator, lamp: Canvas, right: bool) -> None:
    lamp.box(-0.012, -0.7, 0.012, 0, (92, 96, 100), POLE)
    lamp.box(-0.04, -0.74, 0.04, -0.52, (40, 42, 40), TRAFFIC_LIGHT)
    lamp.discs((0, -0.7, 0.024, 0.024, (226, 48, 40)), (0, -0.57, 0.024, 0.024, (66, 190, 92)))


# Each with its distance from the middle of the road, and of its foot below the horizon, both for a nearness of 1.
THINGS = ((_tree, 0.85, 0.36), (_tree, 0.85, 0.36), (_car, 0.36, 0.4), (_car, 0.36, 0.4), (_person, 0.72, 0.34), (_lamp, 0.62, 0.34))
