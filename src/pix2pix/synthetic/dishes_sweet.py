"""Sweet sample dishes, and a burger. Each is drawn within radius r of (x, y), plate included."""

import numpy as np

from pix2pix.synthetic import ingredients as of
from pix2pix.synthetic.canvas import Canvas, Color, between, blob, light, pick, ring, smooth
from pix2pix.synthetic.dishes_savoury import scatter
from pix2pix.synthetic.tableware import bowl, plate

SPRINKLES: tuple[Color, ...] = ((255, 246, 120), (110, 206, 240), (255, 255, 255), (120, 214, 110))


def donuts(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """One large doughnut on a plate, or four of them."""
    plate(rng, canvas, x, y, r)
    if rng.random() < 0.45:
        _donut(rng, canvas, x, y, r * 0.66)
        return
    for u, v in ((-0.36, -0.34), (0.36, -0.38), (-0.4, 0.36), (0.38, 0.34)):
        _donut(rng, canvas, x + r * u, y + r * v, r * 0.38)


def _donut(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    # Each glaze has a lightness and a trimming of its own: the grey picture tells them apart.
    kind = int(rng.integers(3))
    glaze: Color = ((78, 42, 26), (238, 122, 164), (250, 238, 206))[kind]
    canvas.ellipse(x + r * 0.06, y + r * 0.12, r, r, (112, 78, 48))
    canvas.ellipse(x, y, r, r, (204, 142, 70))
    canvas.ellipse(x - r * 0.03, y - r * 0.04, r * 0.95, r * 0.94, (232, 176, 100))
    outline = blob(rng, x, y - r * 0.02, r * 0.88, r * 0.86, corners=13, rough=0.05)
    canvas.polygon([(px + r * 0.02, py + r * 0.04) for px, py in outline], light(glaze, 0.66))
    canvas.polygon(outline, glaze)
    canvas.line(ring(x, y, r * 0.66, r * 0.64)[20:27], light(glaze, 1.3 if kind else 2.0), r * 0.09)
    if kind == 2:
        for i in range(5):
            u = -0.6 + 0.3 * i
            canvas.line([(x + r * (u - 0.16), y - r * 0.62), (x + r * (u + 0.16), y + r * 0.62)], (96, 54, 30), r * 0.055)
    else:
        for px, py in scatter(rng, x, y, r * 0.76, 26):
            (u, v), color = pick(rng, ((0.07, 0.0), (0.05, 0.05), (0.0, 0.07), (0.05, -0.05))), pick(rng, SPRINKLES)
            canvas.line([(px - r * u, py - r * v), (px + r * u, py + r * v)], color, r * 0.055)
    canvas.ellipse(x, y, r * 0.32, r * 0.31, (150, 96, 44))
    canvas.ellipse(x + r * 0.02, y + r * 0.05, r * 0.27, r * 0.24, (88, 60, 44))


def pancakes(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """A stack of pancakes with butter, syrup and berries, seen at an angle."""
    plate(rng, canvas, x, y, r)
    layers, thick = int(rng.integers(3, 6)), r * 0.11
    for i in range(layers):
        px, py, rx = x + r * between(rng, -0.03, 0.03), y + r * 0.22 - thick * i, r * between(rng, 0.6, 0.64)
        for k in range(4):
            canvas.ellipse(px, py - thick * k / 5, rx, rx * 0.72, (248, 214, 140) if k in (1, 2) else (172, 104, 44))
        canvas.ellipse(px, py - thick * 0.75, rx * 0.98, rx * 0.7, (232, 172, 86))
        canvas.ellipse(px, py - thick * 0.77, rx * 0.88, rx * 0.62, (196, 122, 50))
    top = y + r * 0.22 - thick * (layers - 1) - thick * 0.8
    canvas.polygon(blob(rng, x, top, r * 0.46, r * 0.3, corners=9, rough=0.18), (122, 60, 16))
    canvas.polygon(blob(rng, x - r * 0.02, top - r * 0.01, r * 0.4, r * 0.25, corners=9, rough=0.16), (160, 84, 22))
    for u in (-0.34, 0.1, 0.4):
        drop = top + r * between(rng, 0.46, 0.7)
        canvas.line([(x + r * u, top + r * 0.1), (x + r * u * 1.06, drop)], (130, 66, 18), r * 0.075)
        canvas.ellipse(x + r * u * 1.06, drop, r * 0.05, r * 0.06, (146, 78, 24))
    side = r * 0.14
    canvas.polygon([(x - side, top), (x, top - side * 0.7), (x + side, top), (x, top + side * 0.7)], (255, 236, 130))
    canvas.polygon([(x - side, top), (x, top + side * 0.7), (x, top + side * 1.15), (x - side, top + side * 0.45)], (222, 186, 74))
    canvas.polygon([(x + side, top), (x, top + side * 0.7), (x, top + side * 1.15), (x + side, top + side * 0.45)], (190, 150, 54))
    places = [(-0.3, -0.04), (0.3, -0.08), (-0.12, -0.2), (0.16, 0.14), (0.7, 0.44), (-0.66, 0.46), (0.5, 0.62), (-0.48, 0.62)]
    for u, v in places:
        berry = pick(rng, (of.blueberry, of.strawberry, of.raspberry))
        berry(canvas, x + r * u, (top if abs(u) < 0.4 else y) + r * v, r * (0.085 if berry is of.blueberry else 0.12))


def fruit(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """A bowl heaped with slices of kiwi, orange and banana, and berries."""
    inner = bowl(rng, canvas, x, y, r)
    canvas.ellipse(x, y, inner, inner, (110, 62, 40))
    kinds = (of.kiwi, of.orange, of.banana, of.strawberry, of.strawberry, of.blueberry, of.raspberry)
    sizes = (0.24, 0.27, 0.17, 0.19, 0.19, 0.12, 0.15)
    for px, py in scatter(rng, x, y, inner * 0.8, 44):
        kind = int(rng.integers(len(kinds)))
        canvas.ellipse(px + inner * 0.015, py + inner * 0.03, inner * sizes[kind], inner * sizes[kind], (74, 34, 30))
        kinds[kind](canvas, px, py, inner * sizes[kind])


def tart(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """A fruit tart: rings of fruit on custard in a fluted crust."""
    plate(rng, canvas, x, y, r)
    for k, color in ((0.76, (150, 96, 44)), (0.74, (222, 166, 88))):
        canvas.ellipse(x, y, r * k, r * k, color)
    for px, py in ring(x, y, r * 0.7, r * 0.7)[::2]:
        canvas.ellipse(px, py, r * 0.055, r * 0.055, (238, 192, 120))
    canvas.ellipse(x, y, r * 0.64, r * 0.64, (252, 222, 130))
    outer = pick(rng, (of.strawberry, of.raspberry, of.kiwi, of.orange))
    for px, py in ring(x, y, r * 0.5, r * 0.5)[::3]:
        outer(canvas, px, py, r * 0.13)
    middle = pick(rng, (of.kiwi, of.blueberry, of.banana))
    for px, py in ring(x, y, r * 0.25, r * 0.25)[::6]:
        middle(canvas, px, py, r * 0.12)
    pick(rng, (of.strawberry, of.raspberry, of.blueberry))(canvas, x, y, r * 0.13)
    of.leaf(rng, canvas, x + r * 0.08, y - r * 0.1, r * 0.1, (74, 156, 64))


def burger(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """A burger seen from the side on a plate, with chips."""
    plate(rng, canvas, x, y + r * 0.1, r)
    for i in range(14):
        px, lean = x + r * (0.3 + 0.035 * i), r * between(rng, -0.14, 0.14)
        gold: Color = (244, 196, 84) if i % 2 else (222, 158, 54)
        canvas.line([(px, y + r * 0.5), (px + lean, y - r * between(rng, 0.05, 0.3))], light(gold, 0.7), r * 0.085)
        canvas.line([(px - r * 0.01, y + r * 0.5), (px + lean - r * 0.01, y - r * 0.04)], gold, r * 0.06)
    x -= r * 0.2
    half = r * 0.5
    canvas.ellipse(x, y + r * 0.52, half, r * 0.16, (150, 88, 38))
    canvas.box(x - half, y + r * 0.36, x + half, y + r * 0.52, (206, 140, 70))
    canvas.line([(x - half * 1.0, y + r * 0.34), (x + half * 1.0, y + r * 0.34)], (66, 34, 22), r * 0.19)
    canvas.line([(x - half * 0.95, y + r * 0.29), (x + half * 0.95, y + r * 0.29)], (104, 58, 36), r * 0.05)
    for _ in range(1 + int(rng.integers(2))):
        drip = between(rng, -0.5, 0.5)
        canvas.polygon(
            [(x + half * (drip - 0.4), y + r * 0.22), (x + half * (drip + 0.4), y + r * 0.22), (x + half * drip, y + r * 0.42)],
            (250, 184, 40),
        )
    canvas.box(x - half * 1.03, y + r * 0.19, x + half * 1.03, y + r * 0.25, (252, 192, 46))
    canvas.box(x - half * 0.96, y + r * 0.1, x + half * 0.96, y + r * 0.19, of.TOMATO)
    for i in range(9):
        canvas.ellipse(x - half * 1.04 + half * 0.26 * i, y + r * 0.08, half * 0.17, r * 0.075, (112 + 40 * (i % 2), 186, 62))
    dome = [
        (x - half * 1.08, y + r * 0.06),
        (x - half * 1.02, y - r * 0.24),
        (x - half * 0.5, y - r * 0.46),
        (x + half * 0.5, y - r * 0.46),
        (x + half * 1.02, y - r * 0.24),
        (x + half * 1.08, y + r * 0.06),
    ]
    canvas.polygon(smooth(dome), (168, 98, 40))
    canvas.polygon(smooth([(x + (px - x) * 0.93 - r * 0.02, y - r * 0.2 + (py - y + r * 0.2) * 0.88) for px, py in dome]), (214, 142, 64))
    canvas.ellipse(x - half * 0.35, y - r * 0.27, half * 0.4, r * 0.07, (240, 186, 110))
    for px, py in scatter(rng, x, y - r * 0.22, half * 0.72, 16):
        canvas.ellipse(px, y - r * 0.22 + (py - y + r * 0.22) * 0.42, r * 0.026, r * 0.017, (255, 240, 200))
