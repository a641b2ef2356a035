"""Clothes and accessories of a synthetic character; the face's centre is (0, 0). Each has its own pattern, which determines its colours."""

import numpy as np

from pix2pix.synthetic.anime_face import INK, LINE, inked
from pix2pix.synthetic.canvas import CIRCLE, WHITE, Canvas, Color, light, mirrored, mix, pick, smooth

BOW: Color = (92, 14, 30)
GLASSES: Color = (40, 40, 60)


def clothes(rng: np.random.Generator, face: Canvas, skin: Color) -> None:
    """Shoulders in a sailor suit, a hooded jumper, a blazer, a kimono or a dress."""
    pick(rng, (_sailor, _hoodie, _blazer, _kimono, _dress))(face, skin)


def _shoulders(face: Canvas, color: Color) -> None:
    inked(face, mirrored([(0.075, 0.31), (0.2, 0.36), (0.33, 0.41), (0.4, 0.6), (0.42, 1.0)]), color)
    for half in face.both_sides():
        half.polygon([(0.24, 0.47), (0.27, 0.47), (0.29, 1.0), (0.24, 1.0)], light(color, 0.78))


def _sailor(face: Canvas, _: Color) -> None:
    _shoulders(face, (250, 250, 252))
    for half in face.both_sides():
        inked(half, [(0.075, 0.3), (0.3, 0.39), (0.24, 0.48), (0.0, 0.52), (0.06, 0.4)], (46, 70, 138))
        half.line([(0.255, 0.42), (0.2, 0.455), (0.02, 0.49)], WHITE, LINE * 0.9)
        half.polygon(smooth([(0.0, 0.475), (0.11, 0.44), (0.12, 0.53)], 1), (216, 44, 58), edge=(90, 12, 24), width=LINE)


def _hoodie(face: Canvas, _: Color) -> None:
    color: Color = (240, 132, 48)
    _shoulders(face, color)
    inked(face, smooth([(-0.2, 0.34), (-0.12, 0.27), (0.12, 0.27), (0.2, 0.34), (0.1, 0.47), (-0.1, 0.47)]), light(color, 0.66))
    face.polygon(smooth([(-0.09, 0.29), (0.09, 0.29), (0.06, 0.4), (-0.06, 0.4)]), light(color, 0.45))
    for half in face.both_sides():
        half.line([(0.06, 0.44), (0.065, 0.5)], (255, 246, 230), LINE * 1.6)


def _blazer(face: Canvas, _: Color) -> None:
    _shoulders(face, (58, 84, 70))
    inked(face, [(-0.09, 0.3), (0.09, 0.3), (0.0, 0.62)], (250, 248, 244))
    inked(face, [(-0.025, 0.39), (0.025, 0.39), (0.035, 0.62), (-0.035, 0.62)], (192, 40, 48), 0.7)
    for half in face.both_sides():
        inked(half, [(0.08, 0.29), (0.0, 0.385), (0.06, 0.44), (0.115, 0.33)], WHITE)
        inked(half, [(0.115, 0.32), (0.17, 0.4), (0.03, 0.64)], (44, 66, 54))


def _kimono(face: Canvas, _: Color) -> None:
    _shoulders(face, (196, 52, 84))
    face.dots([(0.3 * c, 0.48 + 0.05 * (i % 3) + 0.02 * s) for i, (c, s) in enumerate(CIRCLE[::2])], 0.018, 0.018, (255, 214, 190))
    inked(face, [(0.06, 0.28), (0.15, 0.33), (-0.04, 0.62), (-0.1, 0.58)], (250, 240, 226))
    inked(face, [(-0.06, 0.28), (-0.15, 0.33), (0.06, 0.64), (0.11, 0.58)], (244, 196, 92))


def _dress(face: Canvas, skin: Color) -> None:
    inked(face, mirrored([(0.08, 0.32), (0.22, 0.37), (0.31, 0.42), (0.36, 0.7)]), skin)
    face.line([(-0.17, 0.4), (-0.05, 0.425), (0.05, 0.425), (0.17, 0.4)], mix(skin, INK, 0.3), LINE * 0.7)
    bodice = [(-0.21, 0.45), (-0.1, 0.42), (0.0, 0.46), (0.1, 0.42), (0.21, 0.45), (0.26, 0.9), (-0.26, 0.9)]
    inked(face, smooth(bodice), (255, 240, 130))
    for half in face.both_sides():
        half.line([(0.155, 0.345), (0.14, 0.45)], (240, 206, 70), LINE * 3)


def accessory(rng: np.random.Generator, face: Canvas) -> None:
    """Sometimes a hairband, a bow, a flower, cat's ears or glasses."""
    kind = int(rng.integers(9))
    if kind == 0:
        face.line([(0.296 * c, -0.06 + 0.302 * s) for c, s in CIRCLE[20:35]], (240, 84, 96), LINE * 3.2)
    elif kind == 1:
        for x0, x1 in ((-0.26, -0.27), (-0.08, -0.07)):
            face.polygon(smooth([(-0.17, -0.28), (x0, -0.35), (x1, -0.21)], 1), (214, 44, 70), edge=BOW, width=LINE)
        face.ellipse(-0.17, -0.28, 0.022, 0.024, (240, 96, 110))
    elif kind == 2:
        face.dots([(0.21 + 0.038 * c, 0.038 * s - 0.19) for c, s in CIRCLE[::7]], 0.026, 0.026, (255, 250, 250))
        face.ellipse(0.21, -0.19, 0.02, 0.02, (250, 196, 50))
    elif kind == 3:
        for half in face.both_sides():
            half.polygon([(0.1, -0.32), (0.25, -0.46), (0.28, -0.2)], (70, 60, 72), edge=(30, 22, 32), width=LINE)
            half.polygon([(0.15, -0.32), (0.235, -0.4), (0.25, -0.25)], (248, 170, 176))
    elif kind == 4:
        for x in (-0.108, 0.108):
            face.ellipse(x, 0.052, 0.085, 0.08, None, edge=GLASSES, width=LINE * 1.1)
        face.line([(-0.024, 0.042), (0.024, 0.042)], GLASSES, LINE * 1.1)
