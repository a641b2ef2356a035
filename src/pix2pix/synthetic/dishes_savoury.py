"""Savoury sample dishes. Each is drawn within radius r of (x, y), plate included."""

import numpy as np

from pix2pix.synthetic import ingredients as of
from pix2pix.synthetic.canvas import CIRCLE, Canvas, Color, Point, between, blob, light, mix, pick, ring, smooth, vary
from pix2pix.synthetic.tableware import board, bowl, plate


def scatter(rng: np.random.Generator, x: float, y: float, r: float, count: int) -> list[Point]:
    """`count` places spread evenly over the disc: a jittered sunflower, in random order."""
    start, places = int(rng.integers(36)), []
    for i in range(count):
        c, s = CIRCLE[(start + round(13.75 * i)) % 36]  # 137.5 degrees: the golden angle
        distance = r * float(np.sqrt((i + 0.4) / count)) * between(rng, 0.9, 1.08)
        places.append((x + distance * c, y + distance * s))
    return [places[int(i)] for i in rng.permutation(count)]


def pizza(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """A whole pizza with pepperoni or with tomato, olives and mushrooms, and basil."""
    canvas.shadow([ring(x + r * 0.05, y + r * 0.1, r * 0.98, r * 0.98)], 0.55, 0.03)
    outline = blob(rng, x, y, r, r, corners=14, rough=0.035)
    canvas.polygon([(px, py + r * 0.05) for px, py in outline], (120, 72, 34))
    canvas.polygon(outline, (214, 156, 84))
    canvas.ellipse(x - r * 0.02, y - r * 0.03, r * 0.94, r * 0.94, (232, 182, 108))
    for px, py in scatter(rng, x, y, r * 0.95, 30):
        if (px - x) * (px - x) + (py - y) * (py - y) > 0.62 * r * r:
            canvas.ellipse(px, py, r * 0.06, r * 0.045, (150, 90, 44))
    canvas.ellipse(x, y, r * 0.83, r * 0.83, (178, 42, 20))
    canvas.polygon(blob(rng, x, y, r * 0.78, r * 0.78, corners=16, rough=0.06), (244, 200, 96))
    for px, py in scatter(rng, x, y, r * 0.72, 16):
        canvas.polygon(blob(rng, px, py, r * 0.13, r * 0.1, corners=7), pick(rng, ((254, 226, 142), (216, 134, 50), (252, 214, 118))))
    spicy = rng.random() < 0.55
    for px, py in scatter(rng, x, y, r * 0.64, int(rng.integers(8, 13))):
        if spicy:
            canvas.ellipse(px + r * 0.01, py + r * 0.02, r * 0.12, r * 0.12, (92, 14, 12))
            canvas.ellipse(px, py, r * 0.115, r * 0.11, (192, 46, 34))
            canvas.ellipse(px - r * 0.03, py - r * 0.02, r * 0.05, r * 0.03, (228, 104, 76))
        else:
            pick(rng, (of.tomato_slice, of.tomato_slice, of.mushroom))(canvas, px, py, r * 0.12)
    for px, py in scatter(rng, x, y, r * 0.66, 5):
        of.olive(canvas, px, py, r * 0.055)
    for px, py in scatter(rng, x, y, r * 0.55, int(rng.integers(2, 6))):
        of.leaf(rng, canvas, px, py, r * 0.13)
    start = int(rng.integers(9))
    for c, s in (CIRCLE[start], CIRCLE[start + 9]):
        canvas.line([(x - r * 0.98 * c, y - r * 0.98 * s), (x + r * 0.98 * c, y + r * 0.98 * s)], (130, 66, 30), r * 0.02)


def salad(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """A bowl of lettuce with tomatoes, cucumber, olives, onion rings and feta."""
    inner = bowl(rng, canvas, x, y, r)
    canvas.ellipse(x, y, inner, inner, (50, 84, 30))
    for px, py in scatter(rng, x, y, inner * 0.74, 22):
        of.lettuce(rng, canvas, px, py, inner * 0.3)
    for px, py in scatter(rng, x, y, inner * 0.74, int(rng.integers(9, 15))):
        kind = int(rng.integers(6))
        if kind == 0:
            canvas.polygon(ring(px, py, inner * 0.15, inner * 0.11, int(rng.integers(36))), None, edge=(166, 84, 142), width=inner * 0.035)
        elif kind == 1:
            side, top = inner * 0.08, vary(rng, (250, 246, 234), 4)
            canvas.polygon([(px - side, py), (px, py - side), (px + side, py), (px, py + side)], top)
            canvas.polygon([(px - side, py), (px, py + side), (px, py + side * 1.6), (px - side, py + side * 0.6)], light(top, 0.75))
        else:
            (of.cucumber, of.cherry_tomato, of.tomato_slice, of.olive)[kind - 2](canvas, px, py, inner * (0.15 if kind < 5 else 0.08))


def sushi(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """Rows of nigiri and maki on a board, with wasabi and ginger."""
    board(rng, canvas, x, y, r * 1.1, r * 0.86)
    toppings: tuple[Color, ...] = ((242, 118, 62), (188, 34, 48), (246, 200, 76), (246, 168, 140))
    rows, columns = 3, int(rng.integers(4, 6))
    for row in range(rows):
        topping, maki = pick(rng, toppings), row == 2 or rng.random() < 0.35
        for column in range(columns):
            px, py = x - r * 0.92 + r * 1.84 * (column + 0.5) / columns, y - r * 0.56 + r * 0.56 * row
            if maki:
                _maki(canvas, px, py, r * 0.17, topping)
            else:
                _nigiri(canvas, px, py, r * 0.15, topping)
    canvas.sphere(x + r * 0.96, y + r * 0.7, r * 0.09, r * 0.08, (142, 178, 74), gloss=0.0)
    canvas.polygon(blob(rng, x - r * 0.95, y + r * 0.72, r * 0.1, r * 0.07), (244, 176, 160))


def _maki(canvas: Canvas, x: float, y: float, r: float, filling: Color) -> None:
    canvas.ellipse(x, y + r * 0.35, r, r, (10, 16, 14))
    canvas.ellipse(x, y, r, r, of.NORI)
    canvas.ellipse(x, y, r * 0.86, r * 0.86, (216, 210, 198))
    for c, s in CIRCLE[::4]:
        canvas.ellipse(x + r * 0.62 * c, y + r * 0.62 * s, r * 0.17, r * 0.13, (255, 253, 248))
    canvas.ellipse(x, y, r * 0.42, r * 0.42, light(filling, 0.8))
    canvas.ellipse(x - r * 0.05, y - r * 0.06, r * 0.32, r * 0.3, filling)
    canvas.ellipse(x + r * 0.14, y + r * 0.08, r * 0.16, r * 0.2, (96, 160, 62))


def _nigiri(canvas: Canvas, x: float, y: float, r: float, topping: Color) -> None:
    tall = r * 1.75
    canvas.polygon(
        smooth([(x - r, y - tall + r * 0.2), (x + r * 1.15, y - tall + r * 0.2), (x + r * 1.15, y + tall), (x - r, y + tall)]), (24, 22, 24)
    )
    canvas.polygon(smooth([(x - r, y - tall), (x + r, y - tall), (x + r, y + tall), (x - r, y + tall)], 3), of.RICE)
    for i in range(4):
        canvas.ellipse(x - r * 0.6 + r * 0.4 * i, y + tall * 0.72, r * 0.16, r * 0.12, (214, 208, 196))
    canvas.polygon(
        smooth(
            [(x - r * 1.1, y - tall * 1.02), (x + r * 1.1, y - tall * 1.02), (x + r * 1.05, y + tall * 0.7), (x - r * 1.05, y + tall * 0.7)]
        ),
        light(topping, 0.8),
    )
    canvas.polygon(smooth([(x - r, y - tall), (x + r * 0.95, y - tall), (x + r * 0.9, y + tall * 0.58), (x - r, y + tall * 0.58)]), topping)
    if topping == (246, 200, 76):  # tamago is tied with a belt of nori
        canvas.box(x - r, y - r * 0.35, x + r * 0.95, y + r * 0.15, of.NORI)
    else:
        for i in range(4):
            at = y - tall * 0.7 + tall * 0.36 * i
            canvas.line(
                [(x - r * 0.7, at + r * 0.25), (x, at), (x + r * 0.65, at + r * 0.25)], mix(topping, (255, 240, 224), 0.5), r * 0.14
            )


def soup(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """Tomato soup with a swirl of cream, or pea soup with croutons."""
    inner, tomato = bowl(rng, canvas, x, y, r), rng.random() < 0.5
    color: Color = (206, 66, 26) if tomato else (138, 164, 54)
    canvas.ellipse(x, y, inner, inner, light(color, 0.78))
    canvas.ellipse(x - inner * 0.03, y + inner * 0.04, inner * 0.95, inner * 0.93, color)
    canvas.ellipse(x - inner * 0.3, y - inner * 0.35, inner * 0.4, inner * 0.28, light(color, 1.12))
    if tomato:
        swirl, start = [], int(rng.integers(36))
        for i in range(60):
            c, s = CIRCLE[(start + i) % 36]
            swirl.append((x + inner * 0.0105 * i * c, y + inner * 0.0105 * i * s))
        canvas.line(swirl, (255, 226, 196), inner * 0.075)
        for px, py in scatter(rng, x, y, inner * 0.2, 3):
            of.leaf(rng, canvas, px, py, inner * 0.2)
    else:
        for px, py in scatter(rng, x, y, inner * 0.85, 26):
            canvas.ellipse(px, py, inner * 0.025, inner * 0.02, (66, 92, 26))
        for px, py in scatter(rng, x, y, inner * 0.55, 9):
            side = inner * 0.1
            canvas.polygon([(px - side, py), (px, py - side), (px + side, py), (px, py + side)], (228, 176, 92))
            canvas.polygon([(px - side, py), (px, py + side), (px, py + side * 1.7), (px - side, py + side * 0.7)], (164, 104, 44))
            canvas.polygon([(px + side, py), (px, py + side), (px, py + side * 1.7), (px + side, py + side * 0.7)], (128, 78, 34))


def ramen(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """Noodle soup with egg, pork, seaweed, spring onion and fish cake."""
    inner = bowl(rng, canvas, x, y, r)
    canvas.ellipse(x, y, inner, inner, (122, 70, 26))
    canvas.ellipse(x, y, inner * 0.95, inner * 0.94, (170, 104, 42))
    canvas.polygon(
        [
            (x + inner * 0.45, y - inner * 1.05),
            (x + inner * 0.95, y - inner * 0.75),
            (x + inner * 0.7, y - inner * 0.1),
            (x + inner * 0.3, y - inner * 0.3),
        ],
        of.NORI,
    )
    for px, py in scatter(rng, x, y + inner * 0.1, inner * 0.42, 13):
        turn = int(rng.integers(36))
        canvas.line(ring(px, py, inner * 0.4, inner * 0.22, turn)[:22], (186, 136, 62), inner * 0.075)
        canvas.line(ring(px, py, inner * 0.4, inner * 0.22, turn)[:22], (246, 218, 142), inner * 0.045)
    for i in range(2):
        px, py = x - inner * (0.5 - 0.1 * i), y + inner * (0.1 + 0.36 * i)
        canvas.ellipse(px, py, inner * 0.27, inner * 0.24, (110, 52, 36))
        canvas.ellipse(px, py, inner * 0.24, inner * 0.21, (214, 146, 116))
        canvas.line(ring(px, py, inner * 0.14, inner * 0.12)[:26], (248, 222, 202), inner * 0.05)
    for i in range(2):
        of.half_egg(canvas, x + inner * (0.3 + 0.24 * i), y + inner * (0.42 - 0.3 * i), inner * 0.24)
    cake = (x - inner * 0.1, y - inner * 0.5)
    canvas.ellipse(*cake, inner * 0.22, inner * 0.21, (252, 248, 246))
    canvas.line(
        [(cake[0] + inner * 0.006 * i * c, cake[1] + inner * 0.006 * i * s) for i, (c, s) in enumerate(CIRCLE[:26])],
        (226, 84, 128),
        inner * 0.05,
    )
    for px, py in scatter(rng, x + inner * 0.1, y, inner * 0.6, 12):
        canvas.ellipse(px, py, inner * 0.065, inner * 0.055, (70, 138, 46))
        canvas.ellipse(px, py, inner * 0.03, inner * 0.025, (214, 236, 150))


def breakfast(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """Fried eggs with bacon, toast, tomatoes and a leaf of salad."""
    plate(rng, canvas, x, y, r)
    toast = [(x - r * 0.62, y - r * 0.5), (x - r * 0.05, y - r * 0.66), (x + r * 0.05, y - r * 0.1), (x - r * 0.5, y + r * 0.05)]
    canvas.polygon(smooth([(px + r * 0.03, py + r * 0.06) for px, py in toast], 1), (96, 54, 24))
    canvas.polygon(smooth(toast, 1), (176, 112, 56))
    canvas.polygon(
        smooth([(x - r * 0.29 + (px - x + r * 0.29) * 0.82, y - r * 0.3 + (py - y + r * 0.3) * 0.82) for px, py in toast], 1),
        (236, 192, 122),
    )
    of.lettuce(rng, canvas, x + r * 0.5, y - r * 0.35, r * 0.3)
    of.lettuce(rng, canvas, x + r * 0.3, y - r * 0.5, r * 0.24)
    for px, py in ((0.36, -0.36), (0.58, -0.2), (0.56, -0.44)):
        of.cherry_tomato(canvas, x + r * px, y + r * py, r * 0.12)
    for i in range(int(rng.integers(2, 4))):
        of.bacon(rng, canvas, x - r * 0.26, y + r * (0.1 + 0.17 * i), r * 0.44)
    of.fried_egg(rng, canvas, x + r * 0.36, y + r * 0.22, r * 0.38)
    if rng.random() < 0.6:
        of.fried_egg(rng, canvas, x - r * 0.1, y - r * 0.2, r * 0.34)


def curry(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """Rice beside a curry with carrots, potatoes and peas."""
    plate(rng, canvas, x, y, r)
    canvas.polygon(blob(rng, x + r * 0.14, y + r * 0.06, r * 0.6, r * 0.58, corners=12, rough=0.07), (122, 66, 18))
    canvas.polygon(blob(rng, x + r * 0.13, y + r * 0.04, r * 0.57, r * 0.54, corners=12, rough=0.06), (190, 114, 34))
    for px, py in scatter(rng, x + r * 0.22, y + r * 0.06, r * 0.42, 12):
        kind = int(rng.integers(3))
        if kind == 0:
            canvas.ellipse(px, py + r * 0.03, r * 0.085, r * 0.085, (150, 60, 10))
            canvas.ellipse(px, py, r * 0.085, r * 0.08, (242, 124, 26))
            canvas.ellipse(px, py, r * 0.035, r * 0.03, (252, 168, 76))
        elif kind == 1:
            canvas.polygon(blob(rng, px, py + r * 0.03, r * 0.1, r * 0.09, corners=6), (150, 104, 36))
            canvas.polygon(blob(rng, px, py, r * 0.1, r * 0.085, corners=6), (250, 214, 118))
        else:
            for u, v in ((0.0, 0.0), (0.07, 0.03), (0.01, 0.07)):
                canvas.sphere(px + r * u, py + r * v, r * 0.042, r * 0.042, (86, 160, 50), gloss=0.5)
    of.grains(rng, canvas, x - r * 0.34, y - r * 0.06, r * 0.34, r * 0.52, 46)
    of.leaf(rng, canvas, x - r * 0.28, y - r * 0.1, r * 0.15)
