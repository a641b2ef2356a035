"""Cel-shaded faces in the manner of animated cartoons: flat colours, dark outlines."""

import numpy as np
from PIL import Image

from pix2pix.synthetic import anime_face, anime_hair, anime_scene
from pix2pix.synthetic.canvas import Canvas, between, pick


def draw(rng: np.random.Generator, size: int) -> Image.Image:
    """One character, head and shoulders, as an RGB picture of (size, size) pixels."""
    canvas = Canvas(size)
    anime_scene.background(rng, canvas)
    style, skin = pick(rng, anime_hair.STYLES), pick(rng, anime_face.SKINS)
    canvas.pose(
        0.5, 0.6, turn=between(rng, -0.14, 0.14), zoom=between(rng, 0.92, 1.2), move=(between(rng, -0.05, 0.05), between(rng, -0.03, 0.03))
    )
    anime_hair.behind(rng, canvas, style)
    anime_face.head(canvas, skin)
    anime_scene.clothes(rng, canvas, skin)
    anime_face.features(rng, canvas, skin, style.color)
    anime_hair.in_front(rng, canvas, style, skin)
    anime_hair.accessory(rng, canvas)
    picture = canvas.finish()
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else picture
