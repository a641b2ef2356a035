"""What surrounds a sample character: the background and the clothes. Each has its own pattern, which tells its colours."""

import numpy as np

from pix2pix.synthetic.anime_face import INK, LINE, WHITE, centred
from pix2pix.synthetic.canvas import CIRCLE, Canvas, Color, between, blob, light, mix, pick, smooth


def background(rng: np.random.Generator, canvas: Canvas) -> None:
    """A summer sky, a sunset, falling petals, leaves in the sun, a night sky, rays or dots."""
    pick(rng, (_sky, _sunset, _petals, _leaves, _night, _rays, _dots))(rng, canvas)


def _sky(rng: np.random.Generator, canvas: Canvas) -> None:
    canvas.ramp(0, 0, 1, 1, (74, 156, 232), (196, 230, 250), 24)
    for x, y, size in rng.random((4, 3)).tolist():
        for dx, dy, r in ((-0.1, 0.03, 0.07), (0.0, 0.0, 0.1), (0.1, 0.03, 0.08)):
            canvas.ellipse(x + dx, y * 0.8 + dy, r * (0.6 + size), r * (0.5 + size * 0.7), WHITE)


def _sunset(rng: np.random.Generator, canvas: Canvas) -> None:
    canvas.ramp(0, 0, 1, 0.8, (108, 62, 140), (255, 178, 84), 24)
    x = between(rng, 0.15, 0.85)
    canvas.ellipse(x, 0.62, 0.16, 0.16, (255, 226, 150))
    for i in range(5):
        top = between(rng, 0.1, 0.6)
        canvas.ellipse(between(rng, 0, 1), top, 0.22, 0.018, mix((240, 120, 110), (255, 200, 130), i / 4))
    canvas.box(0, 0.78, 1, 1, (92, 52, 84))
    for i in range(9):
        canvas.box(i / 9, 0.78 - between(rng, 0.01, 0.16), i / 9 + between(rng, 0.06, 0.11), 1, (78, 42, 78))


def _petals(rng: np.random.Generator, canvas: Canvas) -> None:
    canvas.ramp(0, 0, 1, 1, (255, 226, 232), (250, 190, 208), 12)
    for x, y, size in rng.random((26, 3)).tolist():
        r = 0.016 + 0.02 * size
        canvas.ellipse(x, y, r, r * 0.6, pick(rng, ((244, 132, 166), (255, 246, 248))), turn=int(rng.integers(36)))


def _leaves(rng: np.random.Generator, canvas: Canvas) -> None:
    canvas.ramp(0, 0, 1, 1, (152, 206, 98), (58, 128, 66), 12)
    for x, y, size in rng.random((30, 3)).tolist():
        canvas.polygon(blob(rng, x, y, 0.04 + 0.05 * size, 0.03 + 0.04 * size, corners=6), light((84, 158, 66), 0.7 + 0.75 * size))


def _night(rng: np.random.Generator, canvas: Canvas) -> None:
    canvas.ramp(0, 0, 1, 1, (18, 22, 62), (62, 62, 126), 16)
    for x, y, size in rng.random((36, 3)).tolist():
        canvas.ellipse(x, y, 0.003 + 0.008 * size, 0.003 + 0.008 * size, (255, 248, 214))
    canvas.ellipse(0.83, 0.17, 0.1, 0.1, (255, 238, 168))
    canvas.ellipse(0.79, 0.15, 0.085, 0.085, (26, 29, 72))


def _rays(rng: np.random.Generator, canvas: Canvas) -> None:
    canvas.box(0, 0, 1, 1, (255, 220, 84))
    for i in range(0, 36, 3):
        (c0, s0), (c1, s1) = CIRCLE[i], CIRCLE[(i + 1) % 36]
        canvas.polygon([(0.5, 0.5), (0.5 + c0, 0.5 + s0), (0.5 + c1, 0.5 + s1)], (246, 150, 50))


def _dots(rng: np.random.Generator, canvas: Canvas) -> None:
    canvas.box(0, 0, 1, 1, (126, 206, 204))
    step = pick(rng, (0.1, 0.125))
    for i in range(11):
        for j in range(11):
            canvas.ellipse((i + 0.5 * (j % 2)) * step, j * step, step * 0.24, step * 0.24, (224, 246, 240))


def clothes(rng: np.random.Generator, canvas: Canvas, skin: Color) -> None:
    """Shoulders in a sailor suit, a hooded jumper, a blazer, a kimono or a dress."""
    pick(rng, (_sailor, _hoodie, _blazer, _kimono, _dress))(canvas, skin)


def _shoulders(canvas: Canvas, color: Color) -> None:
    half = [(0.075, 0.31), (0.2, 0.36), (0.33, 0.41), (0.4, 0.6), (0.42, 1.0)]
    canvas.polygon(centred([*half, *((-x, y) for x, y in reversed(half))]), color, edge=INK, width=LINE)
    for side in (-1, 1):
        canvas.polygon(centred([(0.24, 0.47), (0.27, 0.47), (0.29, 1.0), (0.24, 1.0)], side), light(color, 0.78))


def _sailor(canvas: Canvas, _: Color) -> None:
    _shoulders(canvas, (250, 250, 252))
    for side in (-1, 1):
        canvas.polygon(
            centred([(0.075, 0.3), (0.3, 0.39), (0.24, 0.48), (0.0, 0.52), (0.06, 0.4)], side), (46, 70, 138), edge=INK, width=LINE
        )
        canvas.line(centred([(0.255, 0.42), (0.2, 0.455), (0.02, 0.49)], side), WHITE, LINE * 0.9)
        canvas.polygon(smooth(centred([(0.0, 0.475), (0.11, 0.44), (0.12, 0.53)], side), 1), (216, 44, 58), edge=(90, 12, 24), width=LINE)


def _hoodie(canvas: Canvas, _: Color) -> None:
    color: Color = (240, 132, 48)
    _shoulders(canvas, color)
    canvas.polygon(
        smooth(centred([(-0.2, 0.34), (-0.12, 0.27), (0.12, 0.27), (0.2, 0.34), (0.1, 0.47), (-0.1, 0.47)])),
        light(color, 0.66),
        edge=INK,
        width=LINE,
    )
    canvas.polygon(smooth(centred([(-0.09, 0.29), (0.09, 0.29), (0.06, 0.4), (-0.06, 0.4)])), light(color, 0.45))
    for side in (-1, 1):
        canvas.line(centred([(0.06, 0.44), (0.065, 0.5)], side), (255, 246, 230), LINE * 1.6)


def _blazer(canvas: Canvas, _: Color) -> None:
    _shoulders(canvas, (58, 84, 70))
    canvas.polygon(centred([(-0.09, 0.3), (0.09, 0.3), (0.0, 0.62)]), (250, 248, 244), edge=INK, width=LINE)
    canvas.polygon(centred([(-0.025, 0.39), (0.025, 0.39), (0.035, 0.62), (-0.035, 0.62)]), (192, 40, 48), edge=INK, width=LINE * 0.7)
    for side in (-1, 1):
        canvas.polygon(centred([(0.08, 0.29), (0.0, 0.385), (0.06, 0.44), (0.115, 0.33)], side), WHITE, edge=INK, width=LINE)
        canvas.polygon(centred([(0.115, 0.32), (0.17, 0.4), (0.03, 0.64)], side), (44, 66, 54), edge=INK, width=LINE)


def _kimono(canvas: Canvas, _: Color) -> None:
    _shoulders(canvas, (196, 52, 84))
    for i, (c, s) in enumerate(CIRCLE[::2]):
        x, y = 0.3 * c, 0.48 + 0.05 * (i % 3) + 0.02 * s
        canvas.ellipse(0.5 + x, 0.5 + y, 0.018, 0.018, (255, 214, 190))
    canvas.polygon(centred([(0.06, 0.28), (0.15, 0.33), (-0.04, 0.62), (-0.1, 0.58)]), (250, 240, 226), edge=INK, width=LINE)
    canvas.polygon(centred([(-0.06, 0.28), (-0.15, 0.33), (0.06, 0.64), (0.11, 0.58)]), (244, 196, 92), edge=INK, width=LINE)


def _dress(canvas: Canvas, skin: Color) -> None:
    half = [(0.08, 0.32), (0.22, 0.37), (0.31, 0.42), (0.36, 0.7)]
    canvas.polygon(centred([*half, *((-x, y) for x, y in reversed(half))]), skin, edge=INK, width=LINE)
    canvas.line(centred([(-0.17, 0.4), (-0.05, 0.425), (0.05, 0.425), (0.17, 0.4)]), mix(skin, INK, 0.3), LINE * 0.7)
    bodice = smooth(centred([(-0.21, 0.45), (-0.1, 0.42), (0.0, 0.46), (0.1, 0.42), (0.21, 0.45), (0.26, 0.9), (-0.26, 0.9)]))
    canvas.polygon(bodice, (255, 240, 130), edge=INK, width=LINE)
    for side in (-1, 1):
        canvas.line(centred([(0.155, 0.345), (0.14, 0.45)], side), (240, 206, 70), LINE * 3)
