"""What the synthetic dishes are made of and served on, drawn within a radius of about 1 around (0, 0): `fruit(canvas.at(x, y, r), "kiwi")`.

Each ingredient has its own colour and its own pattern of light and dark, so that the grey image determines the colours.
"""

from typing import Literal

import numpy as np

from pix2pix.synthetic.canvas import CIRCLE, WHITE, Canvas, Color, Point, between, blob, light, mix, moved, pick, ring, shrunk, smooth, vary

TOMATO: Color = (206, 40, 28)
NORI: Color = (26, 38, 34)
RICE: Color = (246, 243, 234)
TAMAGO: Color = (246, 200, 76)
SPRINKLES: tuple[Color, ...] = ((255, 246, 120), (110, 206, 240), WHITE, (120, 214, 110))
Vegetable = Literal["tomato", "cherry tomato", "cucumber", "olive", "mushroom"]
Fruit = Literal["strawberry", "blueberry", "raspberry", "kiwi", "orange", "banana"]


def around(r: float, step: int, start: int = 0) -> list[Point]:
    """Every `step`-th of the 36 points on the circle of radius r, from the point `start`."""
    return [(r * c, r * s) for c, s in CIRCLE[start::step]]


def scatter(rng: np.random.Generator, r: float, count: int, x: float = 0.0, y: float = 0.0) -> list[Point]:
    """`count` places spread evenly over the disc of radius r around (x, y): a jittered sunflower pattern, in random order."""
    start, places = int(rng.integers(36)), []
    for i in range(count):
        c, s = CIRCLE[(start + round(13.75 * i)) % 36]  # 137.5 degrees: the golden angle
        distance = r * float(np.sqrt((i + 0.4) / count)) * between(rng, 0.9, 1.08)
        places.append((x + distance * c, y + distance * s))
    return [places[int(i)] for i in rng.permutation(count)]


def cube(canvas: Canvas, deep: float, tall: float, top: Color, left: Color, right: Color | None) -> None:
    """A cube seen over its front corner, from x = -1 to 1; without `right` that side is not drawn."""
    canvas.polygon([(-1, 0), (0, -deep), (1, 0), (0, deep)], top)
    for x, color in ((-1, left), (1, right)):
        if color is not None:
            canvas.polygon([(x, 0), (0, deep), (0, deep + tall), (x, tall)], color)


def leaf(rng: np.random.Generator, canvas: Canvas, color: Color = (44, 112, 42)) -> None:
    """A pointed leaf with a pale rib."""
    (c, s), wide = pick(rng, CIRCLE), between(rng, 0.4, 0.55)
    straight = [(1.0, 0.0), (0.4, wide), (-0.5, wide * 0.9), (-1.0, 0.0), (-0.5, -wide * 0.9), (0.4, -wide)]
    outline = smooth([(c * x - s * y, s * x + c * y) for x, y in straight])
    canvas.polygon(moved(outline, 0.08, 0.12), light(color, 0.45))
    canvas.polygon(outline, vary(rng, color, 8))
    canvas.line([(-0.7 * c, -0.7 * s), (0.7 * c, 0.7 * s)], mix(color, (230, 240, 170), 0.55), 0.12)


def lettuce(rng: np.random.Generator, canvas: Canvas) -> None:
    """A ruffled leaf: dark edge, bright body, pale ribs."""
    green = mix((70, 130, 34), (164, 206, 84), float(rng.random()))
    outline = blob(rng, 0, 0, 1, 0.8, corners=12, rough=0.22)
    canvas.polygon(moved(outline, 0.06, 0.1), light(green, 0.4))
    canvas.polygon(outline, green)
    canvas.polygon(shrunk(outline, 0.72), light(green, 1.18))
    start = int(rng.integers(36))
    for c, s in (CIRCLE[(start + i) % 36] for i in range(0, 36, 9)):
        canvas.line([(0, 0), (0.62 * c, 0.5 * s)], mix(green, (240, 248, 200), 0.6), 0.07)


def vegetable(canvas: Canvas, kind: Vegetable) -> None:
    """A slice of a vegetable, or a whole cherry tomato."""
    match kind:
        case "tomato":  # dark skin, light flesh, chambers with seeds
            canvas.discs((0.08, 0.12, 1, 1, (70, 16, 14)), (1, TOMATO), (0.86, (232, 84, 58)))
            for x, y in around(0.5, 6, 2):
                canvas.discs((x, y, 0.22, 0.2, (184, 34, 22)), (x, y, 0.08, 0.08, (250, 206, 120)))
        case "cherry tomato":
            canvas.sphere(0, 0, 1, 1, (220, 44, 30), gloss=0.85)
        case "cucumber":  # dark skin, pale flesh, a ring of seeds
            canvas.discs((0.08, 0.12, 1, 1, (26, 46, 20)), (1, (46, 102, 44)), (0.84, (204, 228, 150)), (0.52, (184, 214, 122)))
            canvas.dots(around(0.36, 6), 0.09, 0.09, (236, 240, 200))
        case "olive":  # a black ring with a highlight
            canvas.discs((1, (38, 28, 40)), (-0.3, -0.4, 0.4, 0.24, (110, 98, 120)), (0.42, (150, 96, 50)))
        case "mushroom":  # cap, stalk and a darker line of gills
            canvas.box(-0.26, 0, 0.26, 0.9, (226, 206, 178))
            canvas.polygon(smooth([(-1, 0.15), (-0.6, -0.7), (0.6, -0.7), (1, 0.15)]), (238, 222, 198))
            canvas.line([(-0.7, 0.1), (0.7, 0.1)], (140, 104, 76), 0.18)


def fruit(canvas: Canvas, kind: Fruit) -> None:
    """A whole berry, or a slice of a larger fruit."""
    match kind:
        case "strawberry":
            outline = smooth([(0, 1), (-0.95, -0.3), (-0.5, -0.9), (0.5, -0.9), (0.95, -0.3)])
            canvas.polygon(moved(outline, 0.1, 0.14), (70, 10, 16))
            canvas.polygon(outline, (214, 28, 44))
            canvas.ellipse(-0.25, -0.3, 0.3, 0.34, (240, 84, 84))
            seeds = [(-0.45, -0.1), (0, -0.25), (0.45, -0.1), (-0.22, 0.25), (0.22, 0.25), (0, 0.6)]
            canvas.dots(seeds, 0.08, 0.1, (252, 216, 130))
            for x in (-0.5, 0.0, 0.5):
                canvas.polygon([(0, -0.95), (x - 0.2, -0.55), (x + 0.2, -0.6)], (70, 140, 46))
        case "blueberry":  # with its crown
            canvas.sphere(0, 0, 1, 1, (58, 66, 132), gloss=0.45)
            canvas.ellipse(0.15, 0.1, 0.26, 0.24, (26, 28, 66))
        case "raspberry":  # a cluster of small bright drops
            canvas.discs((1, (112, 10, 44)))
            for x, y in around(0.62, 6):
                canvas.discs((x, y, 0.32, 0.32, (208, 34, 84)), (x - 0.1, y - 0.12, 0.12, 0.1, (246, 150, 172)))
            canvas.discs((0.34, (188, 24, 72)))
        case "kiwi":  # brown rim, green flesh, black seeds around a white core
            canvas.discs((1, (98, 76, 42)), (0.92, (116, 176, 40)), (0.62, (154, 202, 66)))
            canvas.dots(around(0.44, 3), 0.07, 0.07, (24, 26, 16))
            canvas.ellipse(0, 0, 0.26, 0.24, (236, 240, 196))
        case "orange":  # rind, white pith and segments
            canvas.discs((1, (236, 122, 16)), (0.88, (255, 232, 190)), (0.8, (250, 150, 30)))
            for x, y in around(0.8, 4)[:5]:
                canvas.line([(-x, -y), (x, y)], (255, 226, 170), 0.09)
        case "banana":  # with three seeds
            canvas.discs((0.08, 0.14, 1, 1, (150, 120, 66)), (1, (250, 222, 108)), (0.84, (255, 242, 190)))
            canvas.dots(around(0.22, 12), 0.1, 0.1, (150, 110, 60))


def fried_egg(rng: np.random.Generator, canvas: Canvas) -> None:
    """An uneven white with a browned rim, and a domed, glossy yolk."""
    outline = blob(rng, 0, 0, 1, 0.86, rough=0.16)
    canvas.polygon(moved(outline, 0.04, 0.07), (120, 96, 70))
    for share, color in ((1.0, (232, 206, 160)), (0.92, (250, 246, 236)), (0.6, (255, 254, 248))):
        canvas.polygon(shrunk(outline, share), color)
    canvas.sphere(between(rng, -0.12, 0.12), 0, 0.4, 0.38, (250, 172, 20), gloss=0.9)


def bacon(rng: np.random.Generator, canvas: Canvas) -> None:
    """A wavy rasher in stripes of meat and fat."""
    wave = [(i / 4 - 1, 0.13 if i % 2 else -0.13) for i in range(9)]
    meat = [(0.05, (70, 24, 20), 0.42), (0.0, (168, 52, 40), 0.4)]
    for y, color, width in [*meat, (-0.1, (240, 204, 168), 0.1), (0.04, (206, 86, 64), 0.1), (0.12, (244, 212, 180), 0.07)]:
        canvas.line(moved(wave, 0, y), vary(rng, color, 6), width)


def maki(canvas: Canvas, filling: Color) -> None:
    """A roll of rice in seaweed, cut open."""
    canvas.discs((0, 0.35, 1, 1, (10, 16, 14)), (1, NORI), (0.86, (216, 210, 198)))
    canvas.dots(around(0.62, 4), 0.17, 0.13, (255, 253, 248))
    canvas.discs((0.42, light(filling, 0.8)), (-0.05, -0.06, 0.32, 0.3, filling), (0.14, 0.08, 0.16, 0.2, (96, 160, 62)))


def nigiri(canvas: Canvas, topping: Color) -> None:
    """A finger of rice under fish with pale lines, or under omelette in a belt of seaweed."""
    canvas.polygon(smooth([(-1, -1.55), (1.15, -1.55), (1.15, 1.75), (-1, 1.75)]), (24, 22, 24))
    canvas.polygon(smooth([(-1, -1.75), (1, -1.75), (1, 1.75), (-1, 1.75)], 3), RICE)
    canvas.dots([(0.4 * i - 0.6, 1.26) for i in range(4)], 0.16, 0.12, (214, 208, 196))
    canvas.polygon(smooth([(-1.1, -1.785), (1.1, -1.785), (1.05, 1.225), (-1.05, 1.225)]), light(topping, 0.8))
    canvas.polygon(smooth([(-1, -1.75), (0.95, -1.75), (0.9, 1.015), (-1, 1.015)]), topping)
    if topping == TAMAGO:
        canvas.box(-1, -0.35, 0.95, 0.15, NORI)
        return
    for y in (0.63 * i - 1.225 for i in range(4)):
        canvas.line([(-0.7, y + 0.25), (0, y), (0.65, y + 0.25)], mix(topping, (255, 240, 224), 0.5), 0.14)


def donut(rng: np.random.Generator, canvas: Canvas) -> None:
    """A doughnut. Each glaze has a lightness and a trimming of its own: the grey image distinguishes them."""
    kind = int(rng.integers(3))
    glaze: Color = ((78, 42, 26), (238, 122, 164), (250, 238, 206))[kind]
    canvas.discs((0.06, 0.12, 1, 1, (112, 78, 48)), (1, (204, 142, 70)), (-0.03, -0.04, 0.95, 0.94, (232, 176, 100)))
    outline = blob(rng, 0, -0.02, 0.88, 0.86, corners=13, rough=0.05)
    canvas.polygon(moved(outline, 0.02, 0.04), light(glaze, 0.66))
    canvas.polygon(outline, glaze)
    canvas.line(ring(0, 0, 0.66, 0.64)[20:27], light(glaze, 1.3 if kind else 2.0), 0.09)
    if kind == 2:
        for x in (0.3 * i - 0.6 for i in range(5)):
            canvas.line([(x - 0.16, -0.62), (x + 0.16, 0.62)], (96, 54, 30), 0.055)
    else:
        for x, y in scatter(rng, 0.76, 26):
            dx, dy = pick(rng, ((0.07, 0.0), (0.05, 0.05), (0.0, 0.07), (0.05, -0.05)))
            canvas.line([(x - dx, y - dy), (x + dx, y + dy)], pick(rng, SPRINKLES), 0.055)
    canvas.discs((0, 0, 0.32, 0.31, (150, 96, 44)), (0.02, 0.05, 0.27, 0.24, (88, 60, 44)))


def plate(rng: np.random.Generator, canvas: Canvas) -> None:
    """A round plate with a shaded well; food fits within 0.72 of its radius."""
    glaze = pick(rng, ((246, 244, 238), (246, 244, 238), (206, 220, 226), (76, 84, 96)))
    canvas.shadow([ring(0.07, 0.11, 1.02, 1.02)], 0.55, 0.03)
    canvas.discs((1, light(glaze, 0.8)), (-0.005, -0.015, 0.985, 0.98, glaze))
    if rng.random() < 0.4:
        outer, band = pick(rng, ((0.97, (58, 88, 156)), (0.93, (206, 84, 64)), (0.9, (66, 110, 80))))  # the place determines the colour
        canvas.discs((outer, band), (outer - 0.05, glaze))
    canvas.discs((0.78, light(glaze, 0.86)), (0.015, 0.02, 0.76, 0.75, light(glaze, 0.97)))


def bowl(rng: np.random.Generator, canvas: Canvas) -> Canvas:
    """A deep bowl; returns the canvas in coordinates where the surface of what it holds has the radius 1."""
    glaze = pick(rng, ((244, 240, 232), (60, 76, 110), (166, 64, 46), (48, 50, 54), (196, 168, 122)))
    canvas.shadow([ring(0.1, 0.16, 1.02, 1.02)], 0.6, 0.035)
    canvas.discs((0, 0.07, 0.98, 0.98, light(glaze, 0.62)), (1, light(glaze, 1.08)))
    canvas.discs((0, 0.01, 0.93, 0.93, light(glaze, 0.66)), (0, 0.03, 0.89, 0.88, light(glaze, 0.85)))
    return canvas.at(0, 0, 0.85)
