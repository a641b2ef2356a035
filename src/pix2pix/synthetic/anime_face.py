"""The face of a sample character: head, eyes, brows, nose, mouth. The face's centre is (0.5, 0.5); the head is about 0.55 high."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pix2pix.synthetic.canvas import Canvas, Color, Point, between, light, mix, pick, smooth

INK: Color = (58, 34, 44)
LINE = 0.011
WHITE: Color = (255, 255, 255)


@dataclass(frozen=True)
class EyeShape:
    """How the eyes are cut; every cut has its own colour, so that the drawing tells it."""

    iris: Color
    slant: float  # how much higher the outer corner is
    tall: float


EYES = (
    EyeShape((58, 126, 214), 0.0, 0.088),
    EyeShape((214, 60, 56), 0.024, 0.07),
    EyeShape((62, 160, 92), -0.018, 0.08),
    EyeShape((150, 92, 44), 0.01, 0.096),
)
SKINS: tuple[Color, ...] = ((255, 228, 208), (246, 206, 176), (196, 140, 104))


def centred(points: Sequence[Point], side: int = 1) -> list[Point]:
    """Points given relative to the face's centre; `side` -1 mirrors them."""
    return [(0.5 + side * x, 0.5 + y) for x, y in points]


def head(canvas: Canvas, skin: Color) -> None:
    """Neck, ears and face without features, in two tones."""
    shade = mix(skin, (196, 92, 96), 0.32)
    canvas.polygon(centred([(-0.075, 0.15), (0.075, 0.15), (0.085, 0.42), (-0.085, 0.42)]), shade, edge=INK, width=LINE)
    for side in (-1, 1):
        ear = smooth(centred([(0.21, -0.03), (0.275, -0.05), (0.28, 0.03), (0.22, 0.1)], side))
        canvas.polygon(ear, skin, edge=INK, width=LINE)
        canvas.polygon(smooth(centred([(0.225, -0.01), (0.26, -0.02), (0.255, 0.03), (0.225, 0.06)], side)), shade)
    half = [(0.0, 0.262), (0.055, 0.25), (0.15, 0.18), (0.212, 0.07), (0.228, -0.06), (0.21, -0.2), (0.1, -0.28)]
    outline = smooth(centred([*half, *((-x, y) for x, y in reversed(half[1:]))]))
    canvas.polygon(outline, skin, edge=INK, width=LINE)
    canvas.polygon(smooth(centred([(0.225, -0.06), (0.21, 0.07), (0.15, 0.178), (0.06, 0.244), (0.13, 0.15), (0.18, 0.04)])), shade)


def features(rng: np.random.Generator, canvas: Canvas, skin: Color, hair: Color) -> None:
    """Blush, eyes, brows, nose and mouth of one of several moods."""
    shape, mood = pick(rng, EYES), int(rng.integers(6))
    blush = mix(skin, (246, 96, 110), 0.42)
    for side in (-1, 1):
        canvas.ellipse(0.5 + side * 0.135, 0.625, 0.042, 0.02, blush)
        if mood == 0:
            canvas.line(centred([(0.165, 0.05), (0.13, 0.02), (0.1, 0.012), (0.07, 0.02), (0.04, 0.05)], side), INK, LINE * 1.9)
        else:
            _eye(canvas, shape, side)
        lift = (-0.01, 0.0, 0.012, 0.0, -0.012, 0.0)[mood]
        tilt = shape.slant * 0.7
        brow = [(0.06, -0.082 + lift + tilt), (0.1, -0.098 + lift), (0.155, -0.086 + lift - tilt)]
        canvas.line(centred(brow, side), light(hair, 0.5), LINE)
    canvas.line(centred([(0.004, 0.108), (-0.006, 0.128), (0.006, 0.132)]), mix(skin, INK, 0.55), LINE * 0.8)
    _mouth(rng, canvas, mood)


def _eye(canvas: Canvas, shape: EyeShape, side: int) -> None:
    x, y, tall = 0.105, 0.045, shape.tall
    inner, outer = (x - 0.062, y - 0.01), (x + 0.068, y - 0.02 - shape.slant)
    lid = [
        inner,
        (x - 0.035, y - tall * 0.8),
        (x + 0.012, y - tall * 0.95 - shape.slant * 0.3),
        (x + 0.05, y - tall * 0.72 - shape.slant * 0.7),
        outer,
    ]
    canvas.polygon(smooth(centred([*lid, (x + 0.05, y + tall * 0.72), (x, y + tall * 0.92), (x - 0.045, y + tall * 0.7)], side), 1), WHITE)
    middle = 0.5 + side * x
    canvas.ellipse(middle, 0.5 + y - 0.002, 0.047, tall * 0.92, light(shape.iris, 0.42))
    canvas.ellipse(middle, 0.5 + y + 0.004, 0.041, tall * 0.82, light(shape.iris, 0.85))
    canvas.ellipse(middle, 0.5 + y + tall * 0.4, 0.032, tall * 0.42, mix(shape.iris, (255, 250, 220), 0.45))
    canvas.ellipse(middle, 0.5 + y, 0.02, tall * 0.42, (26, 18, 34))
    canvas.polygon(
        centred([lid[0], *lid[1:4], lid[4], (x + 0.046, y - tall * 0.5), (x, y - tall * 0.62), (x - 0.036, y - tall * 0.5)], side),
        light(shape.iris, 0.3),
    )
    canvas.ellipse(middle - 0.016, 0.5 + y - tall * 0.36, 0.019, tall * 0.25, WHITE)
    canvas.ellipse(middle + 0.018, 0.5 + y + tall * 0.4, 0.009, tall * 0.12, WHITE)
    canvas.line(centred([*lid, (outer[0] + 0.012, outer[1] - 0.012)], side), INK, LINE * 2.1)
    canvas.line(centred([(x - 0.034, y + tall * 0.86), (x + 0.004, y + tall * 0.97), (x + 0.04, y + tall * 0.84)], side), INK, LINE)
    canvas.line(
        centred(
            [(x - 0.02, y - tall * 1.14), (x + 0.02, y - tall * 1.2 - shape.slant * 0.5), (x + 0.05, y - tall * 1.04 - shape.slant)], side
        ),
        INK,
        LINE * 0.6,
    )


def _mouth(rng: np.random.Generator, canvas: Canvas, mood: int) -> None:
    y, wide = 0.184, between(rng, 0.032, 0.055)
    if mood in (0, 1):  # laughing
        canvas.polygon(
            smooth(centred([(-wide, y - 0.012), (wide, y - 0.012), (wide * 0.6, y + 0.038), (-wide * 0.6, y + 0.038)]), 1),
            (150, 40, 52),
            edge=INK,
            width=LINE * 0.8,
        )
        canvas.ellipse(0.5, 0.5 + y + 0.02, wide * 0.5, 0.011, (238, 120, 124))
    elif mood == 2:  # surprised
        canvas.ellipse(0.5, 0.5 + y + 0.005, 0.018, 0.024, (160, 50, 60), edge=INK, width=LINE * 0.8)
    elif mood == 3:  # cat
        canvas.line(
            centred([(-wide, y - 0.006), (-wide * 0.5, y + 0.012), (0.0, y - 0.004), (wide * 0.5, y + 0.012), (wide, y - 0.006)]), INK, LINE
        )
    elif mood == 4:  # earnest
        canvas.line(centred([(-wide * 0.7, y + 0.008), (0.0, y), (wide * 0.7, y + 0.008)]), INK, LINE)
    else:  # smiling
        canvas.line(centred([(-wide, y - 0.008), (-wide * 0.5, y + 0.008), (wide * 0.5, y + 0.008), (wide, y - 0.008)]), INK, LINE)
