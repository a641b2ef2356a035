"""Cel-shaded faces in the manner of animated cartoons: flat colours, dark outlines.

Every background, garment, cut of hair and of eyes has its own colours, and shows in the grey image, so that this determines the colours.
"""

import numpy as np
from PIL import Image

from pix2pix.synthetic import anime_head
from pix2pix.synthetic.anime_head import INK, LINE, inked
from pix2pix.synthetic.canvas import CIRCLE, WHITE, Canvas, Color, between, blob, light, mirrored, mix, pick, smooth


def draw(rng: np.random.Generator, size: int) -> Image.Image:
    """One character, head and shoulders, as an RGB image of (size, size) pixels."""
    canvas = Canvas(size)
    _background(rng, canvas)
    style, skin, turn, zoom = pick(rng, anime_head.STYLES), pick(rng, anime_head.SKINS), between(rng, -0.14, 0.14), between(rng, 0.92, 1.2)
    posed = canvas.posed(0.5, 0.6, turn=turn, zoom=zoom, move=(between(rng, -0.05, 0.05), between(rng, -0.03, 0.03)))
    face = posed.at(0.5, 0.5)  # the centre of the face is (0, 0)
    anime_head.hair_behind(rng, face, style)
    anime_head.head(face, skin)
    _clothes(rng, face, skin)
    anime_head.features(rng, face, skin, style.color)
    anime_head.hair_in_front(rng, face, style, skin)
    _accessory(rng, face)
    image = canvas.finish()
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else image


def _background(rng: np.random.Generator, canvas: Canvas) -> None:
    match pick(rng, ("clouds", "sunset", "petals", "leaves", "night", "rays", "dots")):
        case "clouds":
            canvas.ramp(0, 0, 1, 1, (74, 156, 232), (196, 230, 250), 24)
            for x, y, size in rng.random((4, 3)).tolist():
                for dx, dy, r in ((-0.1, 0.03, 0.07), (0.0, 0.0, 0.1), (0.1, 0.03, 0.08)):
                    canvas.ellipse(x + dx, y * 0.8 + dy, r * (0.6 + size), r * (0.5 + size * 0.7), WHITE)
        case "sunset":
            canvas.ramp(0, 0, 1, 0.8, (108, 62, 140), (255, 178, 84), 24)
            canvas.ellipse(between(rng, 0.15, 0.85), 0.62, 0.16, 0.16, (255, 226, 150))
            for i in range(5):
                y = between(rng, 0.1, 0.6)
                canvas.ellipse(between(rng, 0, 1), y, 0.22, 0.018, mix((240, 120, 110), (255, 200, 130), i / 4))
            canvas.box(0, 0.78, 1, 1, (92, 52, 84))
            for i in range(9):
                canvas.box(i / 9, 0.78 - between(rng, 0.01, 0.16), i / 9 + between(rng, 0.06, 0.11), 1, (78, 42, 78))
        case "petals":
            canvas.ramp(0, 0, 1, 1, (255, 226, 232), (250, 190, 208), 12)
            for x, y, r in (rng.random((26, 3)) * (1, 1, 0.02) + (0, 0, 0.016)).tolist():
                canvas.ellipse(x, y, r, r * 0.6, pick(rng, ((244, 132, 166), (255, 246, 248))), turn=int(rng.integers(36)))
        case "leaves":
            canvas.ramp(0, 0, 1, 1, (152, 206, 98), (58, 128, 66), 12)
            for x, y, size in rng.random((30, 3)).tolist():
                leaf = blob(rng, x, y, 0.04 + 0.05 * size, 0.03 + 0.04 * size, corners=6)
                canvas.polygon(leaf, light((84, 158, 66), 0.7 + 0.75 * size))
        case "night":
            canvas.ramp(0, 0, 1, 1, (18, 22, 62), (62, 62, 126), 16)
            for x, y, r in (rng.random((36, 3)) * (1, 1, 0.008) + (0, 0, 0.003)).tolist():
                canvas.ellipse(x, y, r, r, (255, 248, 214))
            canvas.discs((0.83, 0.17, 0.1, 0.1, (255, 238, 168)), (0.79, 0.15, 0.085, 0.085, (26, 29, 72)))  # a crescent
        case "rays":
            canvas.box(0, 0, 1, 1, (255, 220, 84))
            for first, second in zip(CIRCLE[::3], CIRCLE[1::3], strict=True):
                canvas.at(0.5, 0.5).polygon([(0, 0), first, second], (246, 150, 50))
        case "dots":
            canvas.box(0, 0, 1, 1, (126, 206, 204))
            grid, r = canvas.at(0, 0, pick(rng, (0.1, 0.125))), 0.24
            grid.dots([(i + 0.5 * (j % 2), j) for i in range(11) for j in range(11)], r, r, (224, 246, 240))


def _shoulders(face: Canvas, color: Color) -> None:
    inked(face, mirrored([(0.075, 0.31), (0.2, 0.36), (0.33, 0.41), (0.4, 0.6), (0.42, 1.0)]), color)
    for half in face.both_sides():
        half.polygon([(0.24, 0.47), (0.27, 0.47), (0.29, 1.0), (0.24, 1.0)], light(color, 0.78))


def _clothes(rng: np.random.Generator, face: Canvas, skin: Color) -> None:
    match pick(rng, ("sailor suit", "hooded jumper", "blazer", "kimono", "dress")):
        case "sailor suit":
            _shoulders(face, (250, 250, 252))
            for half in face.both_sides():
                inked(half, [(0.075, 0.3), (0.3, 0.39), (0.24, 0.48), (0.0, 0.52), (0.06, 0.4)], (46, 70, 138))
                half.line([(0.255, 0.42), (0.2, 0.455), (0.02, 0.49)], WHITE, LINE * 0.9)
                half.polygon(smooth([(0.0, 0.475), (0.11, 0.44), (0.12, 0.53)], 1), (216, 44, 58), edge=(90, 12, 24), width=LINE)
        case "hooded jumper":
            color: Color = (240, 132, 48)
            _shoulders(face, color)
            inked(face, smooth([(-0.2, 0.34), (-0.12, 0.27), (0.12, 0.27), (0.2, 0.34), (0.1, 0.47), (-0.1, 0.47)]), light(color, 0.66))
            face.polygon(smooth([(-0.09, 0.29), (0.09, 0.29), (0.06, 0.4), (-0.06, 0.4)]), light(color, 0.45))
            for half in face.both_sides():
                half.line([(0.06, 0.44), (0.065, 0.5)], (255, 246, 230), LINE * 1.6)
        case "blazer":
            _shoulders(face, (58, 84, 70))
            inked(face, [(-0.09, 0.3), (0.09, 0.3), (0.0, 0.62)], (250, 248, 244))
            inked(face, [(-0.025, 0.39), (0.025, 0.39), (0.035, 0.62), (-0.035, 0.62)], (192, 40, 48), 0.7)
            for half in face.both_sides():
                inked(half, [(0.08, 0.29), (0.0, 0.385), (0.06, 0.44), (0.115, 0.33)], WHITE)
                inked(half, [(0.115, 0.32), (0.17, 0.4), (0.03, 0.64)], (44, 66, 54))
        case "kimono":
            _shoulders(face, (196, 52, 84))
            flowers = [(0.3 * c, 0.48 + 0.05 * (i % 3) + 0.02 * s) for i, (c, s) in enumerate(CIRCLE[::2])]
            face.dots(flowers, 0.018, 0.018, (255, 214, 190))
            inked(face, [(0.06, 0.28), (0.15, 0.33), (-0.04, 0.62), (-0.1, 0.58)], (250, 240, 226))
            inked(face, [(-0.06, 0.28), (-0.15, 0.33), (0.06, 0.64), (0.11, 0.58)], (244, 196, 92))
        case "dress":
            inked(face, mirrored([(0.08, 0.32), (0.22, 0.37), (0.31, 0.42), (0.36, 0.7)]), skin)
            face.line([(-0.17, 0.4), (-0.05, 0.425), (0.05, 0.425), (0.17, 0.4)], mix(skin, INK, 0.3), LINE * 0.7)
            bodice = [(-0.21, 0.45), (-0.1, 0.42), (0.0, 0.46), (0.1, 0.42), (0.21, 0.45), (0.26, 0.9), (-0.26, 0.9)]
            inked(face, smooth(bodice), (255, 240, 130))
            for half in face.both_sides():
                half.line([(0.155, 0.345), (0.14, 0.45)], (240, 206, 70), LINE * 3)


def _accessory(rng: np.random.Generator, face: Canvas) -> None:
    match pick(rng, ("hairband", "bow", "flower", "cat's ears", "glasses", *["nothing"] * 4)):
        case "hairband":
            face.line([(0.296 * c, -0.06 + 0.302 * s) for c, s in CIRCLE[20:35]], (240, 84, 96), LINE * 3.2)
        case "bow":
            for x0, x1 in ((-0.26, -0.27), (-0.08, -0.07)):
                half_bow = smooth([(-0.17, -0.28), (x0, -0.35), (x1, -0.21)], 1)
                face.polygon(half_bow, (214, 44, 70), edge=(92, 14, 30), width=LINE)
            face.ellipse(-0.17, -0.28, 0.022, 0.024, (240, 96, 110))
        case "flower":
            face.dots([(0.21 + 0.038 * c, 0.038 * s - 0.19) for c, s in CIRCLE[::7]], 0.026, 0.026, (255, 250, 250))
            face.ellipse(0.21, -0.19, 0.02, 0.02, (250, 196, 50))
        case "cat's ears":
            for half in face.both_sides():
                half.polygon([(0.1, -0.32), (0.25, -0.46), (0.28, -0.2)], (70, 60, 72), edge=(30, 22, 32), width=LINE)
                half.polygon([(0.15, -0.32), (0.235, -0.4), (0.25, -0.25)], (248, 170, 176))
        case "glasses":
            for x in (-0.108, 0.108):
                face.ellipse(x, 0.052, 0.085, 0.08, None, edge=(40, 40, 60), width=LINE * 1.1)
            face.line([(-0.024, 0.042), (0.024, 0.042)], (40, 40, 60), LINE * 1.1)
