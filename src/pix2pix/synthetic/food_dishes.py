"""The synthetic dishes. Each is drawn within a radius of about 1 around (0, 0) of the canvas, plate included."""

import numpy as np

from pix2pix.synthetic import food_parts as of
from pix2pix.synthetic.canvas import CIRCLE, Canvas, Color, between, blob, light, moved, pick, ring, shrunk, smooth, vary
from pix2pix.synthetic.food_parts import scatter

FRUIT_SALAD: tuple[tuple[of.Fruit, float], ...] = (
    ("kiwi", 0.24), ("orange", 0.27), ("banana", 0.17), ("strawberry", 0.19), ("strawberry", 0.19), ("blueberry", 0.12),
    ("raspberry", 0.15),
)  # fmt: skip
TOPPINGS: tuple[Color, ...] = ((242, 118, 62), (188, 34, 48), of.TAMAGO, (246, 168, 140))


def pizza(rng: np.random.Generator, canvas: Canvas) -> None:
    """A whole pizza with pepperoni or with tomato, olives and mushrooms, and basil."""
    canvas.shadow([ring(0.05, 0.1, 0.98, 0.98)], 0.55, 0.03)
    outline = blob(rng, 0, 0, 1, 1, corners=14, rough=0.035)
    canvas.polygon(moved(outline, 0, 0.05), (120, 72, 34))
    canvas.polygon(outline, (214, 156, 84))
    canvas.ellipse(-0.02, -0.03, 0.94, 0.94, (232, 182, 108))
    canvas.dots([(x, y) for x, y in scatter(rng, 0.95, 30) if x * x + y * y > 0.62], 0.06, 0.045, (150, 90, 44))
    canvas.discs((0.83, (178, 42, 20)))
    canvas.polygon(blob(rng, 0, 0, 0.78, 0.78, corners=16, rough=0.06), (244, 200, 96))
    for x, y in scatter(rng, 0.72, 16):
        canvas.polygon(blob(rng, x, y, 0.13, 0.1, corners=7), pick(rng, ((254, 226, 142), (216, 134, 50), (252, 214, 118))))
    spicy = rng.random() < 0.55
    for x, y in scatter(rng, 0.64, int(rng.integers(8, 13))):
        if spicy:
            canvas.discs((x + 0.01, y + 0.02, 0.12, 0.12, (92, 14, 12)), (x, y, 0.115, 0.11, (192, 46, 34)))
            canvas.ellipse(x - 0.03, y - 0.02, 0.05, 0.03, (228, 104, 76))
        else:
            of.vegetable(canvas.at(x, y, 0.12), pick(rng, ("tomato", "tomato", "mushroom")))
    for x, y in scatter(rng, 0.66, 5):
        of.vegetable(canvas.at(x, y, 0.055), "olive")
    for x, y in scatter(rng, 0.55, int(rng.integers(2, 6))):
        of.leaf(rng, canvas.at(x, y, 0.13))
    start = int(rng.integers(9))
    for c, s in (CIRCLE[start], CIRCLE[start + 9]):
        canvas.line([(-0.98 * c, -0.98 * s), (0.98 * c, 0.98 * s)], (130, 66, 30), 0.02)


def salad(rng: np.random.Generator, canvas: Canvas) -> None:
    """A bowl of lettuce with tomatoes, cucumber, olives, onion rings and feta."""
    canvas = of.bowl(rng, canvas)
    canvas.discs((1, (50, 84, 30)))
    for x, y in scatter(rng, 0.74, 22):
        of.lettuce(rng, canvas.at(x, y, 0.3))
    for x, y in scatter(rng, 0.74, int(rng.integers(9, 15))):
        kind = int(rng.integers(6))
        if kind == 0:
            canvas.polygon(ring(x, y, 0.15, 0.11, int(rng.integers(36))), None, edge=(166, 84, 142), width=0.035)
        elif kind == 1:
            top = vary(rng, (250, 246, 234), 4)
            of.cube(canvas.at(x, y, 0.08), 1, 0.6, top, light(top, 0.75), None)
        else:
            vegetable: of.Vegetable = ("cucumber", "cherry tomato", "tomato", "olive")[kind - 2]
            of.vegetable(canvas.at(x, y, 0.08 if vegetable == "olive" else 0.15), vegetable)


def sushi(rng: np.random.Generator, canvas: Canvas) -> None:
    """Rows of nigiri and maki on a board of slate or wood, with wasabi and ginger."""
    color = pick(rng, ((44, 46, 52), (176, 128, 78)))
    canvas.shadow([[(-1.1, -0.86), (1.166, -0.86), (1.166, 0.946), (-1.1, 0.946)]], 0.55, 0.02)
    canvas.box(-1.1, -0.86, 1.1, 0.86 + 0.02 / canvas.scale, light(color, 0.6))
    canvas.box(-1.1, -0.86, 1.1, 0.86, color)
    for y in (1.72 * rng.random(8) - 0.86).tolist():
        canvas.line([(-1.1, y), (1.1, y)], light(color, 1.14), 0.004 / canvas.scale)
    columns = int(rng.integers(4, 6))
    for row in range(3):
        topping, rolled = pick(rng, TOPPINGS), row == 2 or rng.random() < 0.35
        for x in (1.84 * (column + 0.5) / columns - 0.92 for column in range(columns)):
            piece = canvas.at(x, 0.56 * row - 0.56, 0.17 if rolled else 0.15)
            (of.maki if rolled else of.nigiri)(piece, topping)
    canvas.sphere(0.96, 0.7, 0.09, 0.08, (142, 178, 74), gloss=0.0)
    canvas.polygon(blob(rng, -0.95, 0.72, 0.1, 0.07), (244, 176, 160))


def soup(rng: np.random.Generator, canvas: Canvas) -> None:
    """Tomato soup with a swirl of cream, or pea soup with croutons."""
    canvas, tomato = of.bowl(rng, canvas), rng.random() < 0.5
    color: Color = (206, 66, 26) if tomato else (138, 164, 54)
    canvas.discs((1, light(color, 0.78)), (-0.03, 0.04, 0.95, 0.93, color), (-0.3, -0.35, 0.4, 0.28, light(color, 1.12)))
    if tomato:
        start = int(rng.integers(36))
        turned = (CIRCLE[(start + i) % 36] for i in range(60))
        canvas.line([(0.0105 * i * c, 0.0105 * i * s) for i, (c, s) in enumerate(turned)], (255, 226, 196), 0.075)
        for x, y in scatter(rng, 0.2, 3):
            of.leaf(rng, canvas.at(x, y, 0.2))
    else:
        canvas.dots(scatter(rng, 0.85, 26), 0.025, 0.02, (66, 92, 26))
        for x, y in scatter(rng, 0.55, 9):
            of.cube(canvas.at(x, y, 0.1), 1, 0.7, (228, 176, 92), (164, 104, 44), (128, 78, 34))


def ramen(rng: np.random.Generator, canvas: Canvas) -> None:
    """Noodle soup with egg, pork, seaweed, spring onion and fish cake."""
    canvas = of.bowl(rng, canvas)
    canvas.discs((1, (122, 70, 26)), (0, 0, 0.95, 0.94, (170, 104, 42)))
    canvas.polygon([(0.45, -1.05), (0.95, -0.75), (0.7, -0.1), (0.3, -0.3)], of.NORI)
    for x, y in scatter(rng, 0.42, 13, 0, 0.1):
        noodle = ring(x, y, 0.4, 0.22, int(rng.integers(36)))[:22]
        canvas.line(noodle, (186, 136, 62), 0.075)
        canvas.line(noodle, (246, 218, 142), 0.045)
    for x, y in ((-0.5, 0.1), (-0.4, 0.46)):
        canvas.discs((x, y, 0.27, 0.24, (110, 52, 36)), (x, y, 0.24, 0.21, (214, 146, 116)))
        canvas.line(ring(x, y, 0.14, 0.12)[:26], (248, 222, 202), 0.05)
    for x, y in ((0.3, 0.42), (0.54, 0.12)):
        egg = canvas.at(x, y, 0.24)
        egg.discs((0.06, 0.1, 0.8, 1, (92, 70, 50)), (0, 0, 0.8, 1, (252, 248, 238)))
        egg.sphere(0, 0.1, 0.46, 0.48, (248, 158, 32), gloss=0.5)
    canvas.ellipse(-0.1, -0.5, 0.22, 0.21, (252, 248, 246))
    canvas.line([(0.006 * i * c - 0.1, 0.006 * i * s - 0.5) for i, (c, s) in enumerate(CIRCLE[:26])], (226, 84, 128), 0.05)
    for x, y in scatter(rng, 0.6, 12, 0.1, 0):
        canvas.discs((x, y, 0.065, 0.055, (70, 138, 46)), (x, y, 0.03, 0.025, (214, 236, 150)))


def breakfast(rng: np.random.Generator, canvas: Canvas) -> None:
    """Fried eggs with bacon, toast, tomatoes and a leaf of salad."""
    of.plate(rng, canvas)
    toast = [(-0.62, -0.5), (-0.05, -0.66), (0.05, -0.1), (-0.5, 0.05)]
    canvas.polygon(smooth(moved(toast, 0.03, 0.06), 1), (96, 54, 24))
    canvas.polygon(smooth(toast, 1), (176, 112, 56))
    canvas.polygon(smooth(shrunk(toast, 0.82, -0.29, -0.3), 1), (236, 192, 122))
    for x, y, r in ((0.5, -0.35, 0.3), (0.3, -0.5, 0.24)):
        of.lettuce(rng, canvas.at(x, y, r))
    for x, y in ((0.36, -0.36), (0.58, -0.2), (0.56, -0.44)):
        of.vegetable(canvas.at(x, y, 0.12), "cherry tomato")
    for i in range(int(rng.integers(2, 4))):
        of.bacon(rng, canvas.at(-0.26, 0.1 + 0.17 * i, 0.44))
    of.fried_egg(rng, canvas.at(0.36, 0.22, 0.38))
    if rng.random() < 0.6:
        of.fried_egg(rng, canvas.at(-0.1, -0.2, 0.34))


def curry(rng: np.random.Generator, canvas: Canvas) -> None:
    """Rice beside a curry with carrots, potatoes and peas."""
    of.plate(rng, canvas)
    canvas.polygon(blob(rng, 0.14, 0.06, 0.6, 0.58, corners=12, rough=0.07), (122, 66, 18))
    canvas.polygon(blob(rng, 0.13, 0.04, 0.57, 0.54, corners=12, rough=0.06), (190, 114, 34))
    for x, y in scatter(rng, 0.42, 12, 0.22, 0.06):
        kind = int(rng.integers(3))
        if kind == 0:
            canvas.discs((x, y + 0.03, 0.085, 0.085, (150, 60, 10)), (x, y, 0.085, 0.08, (242, 124, 26)))
            canvas.ellipse(x, y, 0.035, 0.03, (252, 168, 76))
        elif kind == 1:
            canvas.polygon(blob(rng, x, y + 0.03, 0.1, 0.09, corners=6), (150, 104, 36))
            canvas.polygon(blob(rng, x, y, 0.1, 0.085, corners=6), (250, 214, 118))
        else:
            for dx, dy in ((0.0, 0.0), (0.07, 0.03), (0.01, 0.07)):
                canvas.sphere(x + dx, y + dy, 0.042, 0.042, (86, 160, 50), gloss=0.5)
    heap = canvas.at(-0.34, -0.06)
    heap.polygon(blob(rng, 0, 0, 0.34, 0.52, corners=12, rough=0.06), (214, 206, 190))
    heap.polygon(blob(rng, -0.0102, -0.026, 0.3196, 0.4784, corners=12, rough=0.05), of.RICE)
    for direction, v, bright in zip(rng.random(46), rng.random(46), rng.integers(0, 2, 46), strict=True):
        (c, s), spread = CIRCLE[int(direction * 36)], 0.85 * (1 - float(v) * float(v))
        heap.ellipse(0.34 * spread * c, 0.52 * spread * s, 0.04862, 0.02244, (255, 254, 250) if bright else (206, 200, 186))
    of.leaf(rng, canvas.at(-0.28, -0.1, 0.15))


def donuts(rng: np.random.Generator, canvas: Canvas) -> None:
    """One large doughnut on a plate, or four of them."""
    of.plate(rng, canvas)
    four = ((-0.36, -0.34, 0.38), (0.36, -0.38, 0.38), (-0.4, 0.36, 0.38), (0.38, 0.34, 0.38))
    for x, y, r in ((0, 0, 0.66),) if rng.random() < 0.45 else four:
        of.donut(rng, canvas.at(x, y, r))


def pancakes(rng: np.random.Generator, canvas: Canvas) -> None:
    """A stack of pancakes with butter, syrup and berries, seen at an angle."""
    of.plate(rng, canvas)
    layers = int(rng.integers(3, 6))
    for i in range(layers):
        x, y, rx = between(rng, -0.03, 0.03), 0.22 - 0.11 * i, between(rng, 0.6, 0.64)
        for k in range(4):
            canvas.ellipse(x, y - 0.022 * k, rx, rx * 0.72, (248, 214, 140) if k in (1, 2) else (172, 104, 44))
        canvas.ellipse(x, y - 0.0825, rx * 0.98, rx * 0.7, (232, 172, 86))
        canvas.ellipse(x, y - 0.0847, rx * 0.88, rx * 0.62, (196, 122, 50))
    top = canvas.at(0, 0.242 - 0.11 * layers)
    top.polygon(blob(rng, 0, 0, 0.46, 0.3, rough=0.18), (122, 60, 16))
    top.polygon(blob(rng, -0.02, -0.01, 0.4, 0.25, rough=0.16), (160, 84, 22))
    for x in (-0.34, 0.1, 0.4):
        drop = between(rng, 0.46, 0.7)
        top.line([(x, 0.1), (x * 1.06, drop)], (130, 66, 18), 0.075)
        top.ellipse(x * 1.06, drop, 0.05, 0.06, (146, 78, 24))
    of.cube(top.at(0, 0, 0.14), 0.7, 0.45, (255, 236, 130), (222, 186, 74), (190, 150, 54))
    for x, y in ((-0.3, -0.04), (0.3, -0.08), (-0.12, -0.2), (0.16, 0.14), (0.7, 0.44), (-0.66, 0.46), (0.5, 0.62), (-0.48, 0.62)):
        berry: of.Fruit = pick(rng, ("blueberry", "strawberry", "raspberry"))
        of.fruit((top if abs(x) < 0.4 else canvas).at(x, y, 0.085 if berry == "blueberry" else 0.12), berry)


def fruit(rng: np.random.Generator, canvas: Canvas) -> None:
    """A bowl heaped with slices of kiwi, orange and banana, and berries."""
    canvas = of.bowl(rng, canvas)
    canvas.discs((1, (110, 62, 40)))
    for x, y in scatter(rng, 0.8, 44):
        kind, size = pick(rng, FRUIT_SALAD)
        canvas.ellipse(x + 0.015, y + 0.03, size, size, (74, 34, 30))
        of.fruit(canvas.at(x, y, size), kind)


def tart(rng: np.random.Generator, canvas: Canvas) -> None:
    """A fruit tart: rings of fruit on custard in a fluted crust."""
    of.plate(rng, canvas)
    canvas.discs((0.76, (150, 96, 44)), (0.74, (222, 166, 88)))
    canvas.dots(of.around(0.7, 2), 0.055, 0.055, (238, 192, 120))
    canvas.discs((0.64, (252, 222, 130)))
    outer: of.Fruit = pick(rng, ("strawberry", "raspberry", "kiwi", "orange"))
    for x, y in of.around(0.5, 3):
        of.fruit(canvas.at(x, y, 0.13), outer)
    inner: of.Fruit = pick(rng, ("kiwi", "blueberry", "banana"))
    for x, y in of.around(0.25, 6):
        of.fruit(canvas.at(x, y, 0.12), inner)
    of.fruit(canvas.at(0, 0, 0.13), pick(rng, ("strawberry", "raspberry", "blueberry")))
    of.leaf(rng, canvas.at(0.08, -0.1, 0.1), (74, 156, 64))


def burger(rng: np.random.Generator, canvas: Canvas) -> None:
    """A burger seen from the side on a plate, with chips."""
    of.plate(rng, canvas.at(0, 0.1))
    for i in range(14):
        x, lean, gold = 0.3 + 0.035 * i, between(rng, -0.14, 0.14), (244, 196, 84) if i % 2 else (222, 158, 54)
        canvas.line([(x, 0.5), (x + lean, -between(rng, 0.05, 0.3))], light(gold, 0.7), 0.085)
        canvas.line([(x - 0.01, 0.5), (x + lean - 0.01, -0.04)], gold, 0.06)
    canvas = canvas.at(-0.2, 0)
    canvas.ellipse(0, 0.52, 0.5, 0.16, (150, 88, 38))
    canvas.box(-0.5, 0.36, 0.5, 0.52, (206, 140, 70))
    canvas.line([(-0.5, 0.34), (0.5, 0.34)], (66, 34, 22), 0.19)
    canvas.line([(-0.475, 0.29), (0.475, 0.29)], (104, 58, 36), 0.05)
    for _ in range(1 + int(rng.integers(2))):
        drip = between(rng, -0.25, 0.25)
        canvas.polygon([(drip - 0.2, 0.22), (drip + 0.2, 0.22), (drip, 0.42)], (250, 184, 40))
    canvas.box(-0.515, 0.19, 0.515, 0.25, (252, 192, 46))
    canvas.box(-0.48, 0.1, 0.48, 0.19, of.TOMATO)
    for i in range(9):
        canvas.ellipse(0.13 * i - 0.52, 0.08, 0.085, 0.075, (112 + 40 * (i % 2), 186, 62))
    dome = [(-0.54, 0.06), (-0.51, -0.24), (-0.25, -0.46), (0.25, -0.46), (0.51, -0.24), (0.54, 0.06)]
    canvas.polygon(smooth(dome), (168, 98, 40))
    canvas.polygon(smooth([(x * 0.93 - 0.02, 0.88 * (y + 0.2) - 0.2) for x, y in dome]), (214, 142, 64))
    canvas.ellipse(-0.175, -0.27, 0.2, 0.07, (240, 186, 110))
    canvas.dots([(x, 0.42 * y - 0.22) for x, y in scatter(rng, 0.36, 16)], 0.026, 0.017, (255, 240, 200))
