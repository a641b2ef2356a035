"""The table and the dishes that the sample food is served on."""

import numpy as np

from pix2pix.synthetic.canvas import Canvas, Color, between, light, mix, pick, ring, vary

WOODS: tuple[Color, ...] = ((150, 98, 58), (112, 70, 42), (196, 152, 104))


def table(rng: np.random.Generator, canvas: Canvas) -> None:
    """Covers the whole canvas with wood, a checked cloth, linen or slate."""
    pick(rng, (_wood, _wood, _checked_cloth, _linen, _slate))(rng, canvas)


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
            points = [(at, 0.0), (at + 0.006, 0.5), (at, 1.0)]
            canvas.line(points if upright else [(y, x) for x, y in points], light(tint, 0.8 + 0.15 * float(dark)), 0.006)
        canvas.line([(start, 0), (start, 1)] if upright else [(0, start), (1, start)], light(color, 0.45), 0.009)


def _checked_cloth(rng: np.random.Generator, canvas: Canvas) -> None:
    # the number of checks tells the colour, which the grey picture alone could not
    checks, color = pick(rng, ((7, (196, 40, 44)), (9, (52, 92, 168)), (11, (66, 132, 74))))
    canvas.box(0, 0, 1, 1, (248, 244, 236))
    step = 1 / checks
    for i in range(checks):
        if i % 2:
            canvas.box(i * step, 0, (i + 1) * step, 1, mix((248, 244, 236), color, 0.5))
            canvas.box(0, i * step, 1, (i + 1) * step, mix((248, 244, 236), color, 0.5))
    for i in range(1, checks, 2):
        for j in range(1, checks, 2):
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


def plate(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """A round plate with a shaded well; food fits within 0.72 of its radius."""
    glaze = pick(rng, ((246, 244, 238), (246, 244, 238), (206, 220, 226), (76, 84, 96)))
    canvas.shadow([ring(x + r * 0.07, y + r * 0.11, r * 1.02, r * 1.02)], 0.55, 0.03)
    canvas.ellipse(x, y, r, r, light(glaze, 0.8))
    canvas.ellipse(x - r * 0.005, y - r * 0.015, r * 0.985, r * 0.98, glaze)
    if rng.random() < 0.4:
        outer, band = pick(rng, ((0.97, (58, 88, 156)), (0.93, (206, 84, 64)), (0.9, (66, 110, 80))))  # the place tells the colour
        canvas.ellipse(x, y, r * outer, r * outer, band)
        canvas.ellipse(x, y, r * (outer - 0.05), r * (outer - 0.05), glaze)
    canvas.ellipse(x, y, r * 0.78, r * 0.78, light(glaze, 0.86))
    canvas.ellipse(x + r * 0.015, y + r * 0.02, r * 0.76, r * 0.75, light(glaze, 0.97))


def bowl(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> float:
    """A deep bowl; returns the radius of the surface of what it holds."""
    glaze = pick(rng, ((244, 240, 232), (60, 76, 110), (166, 64, 46), (48, 50, 54), (196, 168, 122)))
    canvas.shadow([ring(x + r * 0.1, y + r * 0.16, r * 1.02, r * 1.02)], 0.6, 0.035)
    canvas.ellipse(x, y + r * 0.07, r * 0.98, r * 0.98, light(glaze, 0.62))
    canvas.ellipse(x, y, r, r, light(glaze, 1.08))
    canvas.ellipse(x, y + r * 0.01, r * 0.93, r * 0.93, light(glaze, 0.66))
    canvas.ellipse(x, y + r * 0.03, r * 0.89, r * 0.88, light(glaze, 0.85))
    return r * 0.85


def board(rng: np.random.Generator, canvas: Canvas, x: float, y: float, rx: float, ry: float) -> None:
    """A rectangular serving board of slate or wood."""
    color = pick(rng, ((44, 46, 52), (176, 128, 78)))
    canvas.shadow([[(x - rx, y - ry), (x + rx * 1.06, y - ry), (x + rx * 1.06, y + ry * 1.1), (x - rx, y + ry * 1.1)]], 0.55, 0.02)
    canvas.box(x - rx, y - ry, x + rx, y + ry + 0.02, light(color, 0.6))
    canvas.box(x - rx, y - ry, x + rx, y + ry, color)
    for place in rng.random(8).tolist():
        canvas.line([(x - rx, y - ry + 2 * ry * place), (x + rx, y - ry + 2 * ry * place)], light(color, 1.14), 0.004)
