"""Dishes on a table, seen from above: colour pictures that are worth colouring."""

import numpy as np
from PIL import Image

from pix2pix.synthetic import dishes_savoury as savoury
from pix2pix.synthetic import dishes_sweet as sweet
from pix2pix.synthetic.canvas import Canvas, between, pick, speckle
from pix2pix.synthetic.tableware import table

DISHES = (
    savoury.pizza, savoury.salad, savoury.sushi, savoury.soup, savoury.ramen, savoury.breakfast, savoury.curry,
    sweet.donuts, sweet.pancakes, sweet.fruit, sweet.tart, sweet.burger,
)  # fmt: skip


def draw(rng: np.random.Generator, size: int) -> Image.Image:
    """One dish as an RGB picture of (size, size) pixels."""
    dish = pick(rng, DISHES)
    canvas = Canvas(size)
    table(rng, canvas)
    canvas.pose(0.5, 0.5, squash=1.0 if dish is sweet.burger else between(rng, 0.82, 1.0))
    dish(rng, canvas, between(rng, 0.44, 0.56), between(rng, 0.45, 0.55), between(rng, 0.41, 0.52))
    picture = canvas.finish()
    if rng.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return _window_light(rng, picture, size)


def _window_light(rng: np.random.Generator, picture: Image.Image, size: int) -> Image.Image:
    """Light that falls in from the upper left, a little warm, and camera grain."""
    ramp = np.arange(size, dtype=np.int32)
    gain = 1110 - 90 * ramp[None, :] // size - 110 * ramp[:, None] // size + int(rng.integers(-40, 41))
    warm = np.asarray((1040, 1024, 1000), np.int32)
    return speckle(np.asarray(picture, np.int32) * gain[..., None] // 1024 * warm // 1024, rng, 4)
