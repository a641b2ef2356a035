"""Dishes on a table, seen from above: colour images to train colouring with."""

import numpy as np
from PIL import Image

from pix2pix.synthetic import food_dishes as dishes
from pix2pix.synthetic.canvas import Canvas, Color, between, daylight, light, mix, pick, vary

DISHES = (
    dishes.pizza, dishes.salad, dishes.sushi, dishes.soup, dishes.ramen, dishes.breakfast, dishes.curry,
    dishes.donuts, dishes.pancakes, dishes.fruit, dishes.tart, dishes.burger,
)  # fmt: skip
WOODS: tuple[Color, ...] = ((150, 98, 58), (112, 70, 42), (196, 152, 104))
CLOTH: Color = (248, 244, 236)


def draw(rng: np.random.Generator, size: int) -> Image.Image:
    """One dish as an RGB image of (size, size) pixels."""
    dish, canvas = pick(rng, DISHES), Canvas(size)
    pick(rng, (_wood, _wood, _checked_cloth, _linen, _slate))(rng, canvas)
    tilted = canvas.posed(0.5, 0.5, squash=1.0 if dish is dishes.burger else between(rng, 0.82, 1.0))
    dish(rng, tilted.at(between(rng, 0.44, 0.56), between(rng, 0.45, 0.55), between(rng, 0.41, 0.52)))
    image = canvas.finish()
    if rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return daylight(image, rng, gain=1110, fade=90, spread=40, grain=4, tint=(1040, 1024, 1000))


def _wood(rng: np.random.Generator, canvas: Canvas) -> None:
    color, planks, upright = pick(rng, WOODS), int(rng.integers(3, 6)), rng.random() < 0.5
    for plank in range(planks):
        start, end = plank / planks, (plank + 1) / planks
        tint = light(color, between(rng, 0.84, 1.12))
        if upright:
            canvas.box(start, 0, end, 1, tint)
        else:
            canvas.box(0, start, 1, end, tint)
        for place, dark in zip(rng.random(7), rng.random(7), strict=True):
            at = start + (end - start) * float(place)
            grain = [(at, 0.0), (at + 0.006, 0.5), (at, 1.0)]
            canvas.line(grain if upright else [(y, x) for x, y in grain], light(tint, 0.8 + 0.15 * float(dark)), 0.006)
        canvas.line([(start, 0), (start, 1)] if upright else [(0, start), (1, start)], light(color, 0.45), 0.009)


def _checked_cloth(rng: np.random.Generator, canvas: Canvas) -> None:
    # the number of checks determines the colour, which the grey image alone could not
    checks, color = pick(rng, ((7, (196, 40, 44)), (9, (52, 92, 168)), (11, (66, 132, 74))))
    canvas.box(0, 0, 1, 1, CLOTH)
    step, odd = 1 / checks, range(1, checks, 2)
    for i in odd:
        canvas.box(i * step, 0, (i + 1) * step, 1, mix(CLOTH, color, 0.5))
        canvas.box(0, i * step, 1, (i + 1) * step, mix(CLOTH, color, 0.5))
    for i, j in ((i, j) for i in odd for j in odd):
        canvas.box(i * step, j * step, (i + 1) * step, (j + 1) * step, color)


def _linen(rng: np.random.Generator, canvas: Canvas) -> None:
    color = vary(rng, pick(rng, ((92, 128, 150), (214, 198, 170))), 10)
    canvas.box(0, 0, 1, 1, color)
    for i in range(40):
        canvas.line([(0, i / 40), (1, i / 40)], light(color, 1.1), 0.008)
        canvas.line([(i / 40, 0), (i / 40, 1)], light(color, 0.9), 0.005)


def _slate(rng: np.random.Generator, canvas: Canvas) -> None:
    color = vary(rng, (62, 66, 74), 8)
    canvas.box(0, 0, 1, 1, color)
    for x, y, size in rng.random((40, 3)).tolist():
        canvas.ellipse(x, y, 0.004 + 0.03 * size, 0.002 + 0.004 * size, light(color, 1.25 if size < 0.5 else 0.8))
