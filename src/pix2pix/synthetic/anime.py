"""Cel-shaded faces in the manner of animated cartoons: flat colours, dark outlines."""

import numpy as np
from PIL import Image

from pix2pix.synthetic import anime_clothes, anime_face, anime_hair
from pix2pix.synthetic.canvas import CIRCLE, WHITE, Canvas, between, blob, light, mix, pick


def draw(rng: np.random.Generator, size: int) -> Image.Image:
    """One character, head and shoulders, as an RGB image of (size, size) pixels."""
    canvas = Canvas(size)
    pick(rng, (_sky, _sunset, _petals, _leaves, _night, _rays, _dots))(rng, canvas)
    style, skin, turn, zoom = pick(rng, anime_hair.STYLES), pick(rng, anime_face.SKINS), between(rng, -0.14, 0.14), between(rng, 0.92, 1.2)
    posed = canvas.posed(0.5, 0.6, turn=turn, zoom=zoom, move=(between(rng, -0.05, 0.05), between(rng, -0.03, 0.03)))
    face = posed.at(0.5, 0.5)  # the centre of the face is (0, 0)
    anime_hair.behind(rng, face, style)
    anime_face.head(face, skin)
    anime_clothes.clothes(rng, face, skin)
    anime_face.features(rng, face, skin, style.color)
    anime_hair.in_front(rng, face, style, skin)
    anime_clothes.accessory(rng, face)
    image = canvas.finish()
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else image


# The backgrounds. Each has its own pattern, which determines its colours.
def _sky(rng: np.random.Generator, canvas: Canvas) -> None:
    canvas.ramp(0, 0, 1, 1, (74, 156, 232), (196, 230, 250), 24)
    for x, y, size in rng.random((4, 3)).tolist():
        for dx, dy, r in ((-0.1, 0.03, 0.07), (0.0, 0.0, 0.1), (0.1, 0.03, 0.08)):
            canvas.ellipse(x + dx, y * 0.8 + dy, r * (0.6 + size), r * (0.5 + size * 0.7), WHITE)


def _sunset(rng: np.random.Generator, canvas: Canvas) -> None:
    canvas.ramp(0, 0, 1, 0.8, (108, 62, 140), (255, 178, 84), 24)
    canvas.ellipse(between(rng, 0.15, 0.85), 0.62, 0.16, 0.16, (255, 226, 150))
    for i in range(5):
        y = between(rng, 0.1, 0.6)
        canvas.ellipse(between(rng, 0, 1), y, 0.22, 0.018, mix((240, 120, 110), (255, 200, 130), i / 4))
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
    canvas.discs((0.83, 0.17, 0.1, 0.1, (255, 238, 168)), (0.79, 0.15, 0.085, 0.085, (26, 29, 72)))


def _rays(_: np.random.Generator, canvas: Canvas) -> None:
    canvas.box(0, 0, 1, 1, (255, 220, 84))
    for i in range(0, 36, 3):
        (c0, s0), (c1, s1) = CIRCLE[i], CIRCLE[i + 1]
        canvas.polygon([(0.5, 0.5), (0.5 + c0, 0.5 + s0), (0.5 + c1, 0.5 + s1)], (246, 150, 50))


def _dots(rng: np.random.Generator, canvas: Canvas) -> None:
    canvas.box(0, 0, 1, 1, (126, 206, 204))
    step = pick(rng, (0.1, 0.125))
    canvas.dots([((i + 0.5 * (j % 2)) * step, j * step) for i in range(11) for j in range(11)], step * 0.24, step * 0.24, (224, 246, 240))
