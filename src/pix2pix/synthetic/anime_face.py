"""The face of a synthetic character: head, eyes, brows, nose, mouth. Its centre is (0, 0); the head is about 0.55 high."""

from collections.abc import Sequence

import numpy as np

from pix2pix.synthetic.canvas import WHITE, Canvas, Color, Point, between, light, mirrored, mix, pick, smooth

INK: Color = (58, 34, 44)
LINE = 0.011
SKINS: tuple[Color, ...] = ((255, 228, 208), (246, 206, 176), (196, 140, 104))
EyeShape = tuple[Color, float, float]  # iris, how much higher the outer corner is, height
# Every cut has its own colour, so that the grey image determines it.
EYES: tuple[EyeShape, ...] = (
    ((58, 126, 214), 0.0, 0.088), ((214, 60, 56), 0.024, 0.07), ((62, 160, 92), -0.018, 0.08), ((150, 92, 44), 0.01, 0.096),
)  # fmt: skip


def inked(canvas: Canvas, points: Sequence[Point], color: Color, width: float = 1.0) -> None:
    """A filled polygon with an outline in ink, `width` times as wide as usual."""
    canvas.polygon(points, color, edge=INK, width=LINE * width)


def head(face: Canvas, skin: Color) -> None:
    """Neck, ears and face without features, in two tones."""
    shade = mix(skin, (196, 92, 96), 0.32)
    inked(face, [(-0.075, 0.15), (0.075, 0.15), (0.085, 0.42), (-0.085, 0.42)], shade)
    for half in face.both_sides():
        inked(half, smooth([(0.21, -0.03), (0.275, -0.05), (0.28, 0.03), (0.22, 0.1)]), skin)
        half.polygon(smooth([(0.225, -0.01), (0.26, -0.02), (0.255, 0.03), (0.225, 0.06)]), shade)
    outline = [(0.055, 0.25), (0.15, 0.18), (0.212, 0.07), (0.228, -0.06), (0.21, -0.2), (0.1, -0.28)]
    inked(face, smooth([(0.0, 0.262), *mirrored(outline)]), skin)
    face.polygon(smooth([(0.225, -0.06), (0.21, 0.07), (0.15, 0.178), (0.06, 0.244), (0.13, 0.15), (0.18, 0.04)]), shade)


def features(rng: np.random.Generator, face: Canvas, skin: Color, hair: Color) -> None:
    """Blush, eyes, brows, nose and mouth of one of several moods."""
    shape, mood = pick(rng, EYES), int(rng.integers(6))
    lift, tilt = (-0.01, 0.0, 0.012, 0.0, -0.012, 0.0)[mood], shape[1] * 0.7
    for side in (-1, 1):
        half = face.at(0, 0, side, 1)
        face.ellipse(side * 0.135, 0.125, 0.042, 0.02, mix(skin, (246, 96, 110), 0.42))
        if mood == 0:
            half.line([(0.165, 0.05), (0.13, 0.02), (0.1, 0.012), (0.07, 0.02), (0.04, 0.05)], INK, LINE * 1.9)
        else:
            _eye(face.at(side * 0.105, 0.045), half.at(0.105, 0.045), shape)
        half.line([(0.06, -0.082 + lift + tilt), (0.1, -0.098 + lift), (0.155, -0.086 + lift - tilt)], light(hair, 0.5), LINE)
    face.line([(0.004, 0.108), (-0.006, 0.128), (0.006, 0.132)], mix(skin, INK, 0.55), LINE * 0.8)
    _mouth(rng, face, mood)


def _eye(eye: Canvas, outwards: Canvas, shape: EyeShape) -> None:
    """One eye around (0, 0); x runs to the right in `eye`, where the light comes from, and to the ear in `outwards`."""
    iris, slant, tall = shape
    upper = [(-0.035, -tall * 0.8), (0.012, -tall * 0.95 - slant * 0.3), (0.05, -tall * 0.72 - slant * 0.7)]
    lid = [(-0.062, -0.01), *upper, (0.068, -0.02 - slant)]
    outwards.polygon(smooth([*lid, (0.05, tall * 0.72), (0, tall * 0.92), (-0.045, tall * 0.7)], 1), WHITE)
    eye.discs((0, -0.002, 0.047, tall * 0.92, light(iris, 0.42)), (0, 0.004, 0.041, tall * 0.82, light(iris, 0.85)))
    eye.discs((0, tall * 0.4, 0.032, tall * 0.42, mix(iris, (255, 250, 220), 0.45)), (0, 0, 0.02, tall * 0.42, (26, 18, 34)))
    outwards.polygon([*lid, (0.046, -tall * 0.5), (0, -tall * 0.62), (-0.036, -tall * 0.5)], light(iris, 0.3))
    eye.discs((-0.016, -tall * 0.36, 0.019, tall * 0.25, WHITE), (0.018, tall * 0.4, 0.009, tall * 0.12, WHITE))
    outwards.line([*lid, (0.08, -0.032 - slant)], INK, LINE * 2.1)
    outwards.line([(-0.034, tall * 0.86), (0.004, tall * 0.97), (0.04, tall * 0.84)], INK, LINE)
    outwards.line([(-0.02, -tall * 1.14), (0.02, -tall * 1.2 - slant * 0.5), (0.05, -tall * 1.04 - slant)], INK, LINE * 0.6)


def _mouth(rng: np.random.Generator, face: Canvas, mood: int) -> None:
    mouth, wide = face.at(0, 0.184), between(rng, 0.032, 0.055)
    if mood in (0, 1):  # laughing
        open_lips = [(-wide, -0.012), (wide, -0.012), (wide * 0.6, 0.038), (-wide * 0.6, 0.038)]
        inked(mouth, smooth(open_lips, 1), (150, 40, 52), 0.8)
        mouth.ellipse(0, 0.02, wide * 0.5, 0.011, (238, 120, 124))
    elif mood == 2:  # surprised
        mouth.ellipse(0, 0.005, 0.018, 0.024, (160, 50, 60), edge=INK, width=LINE * 0.8)
    else:
        cat = [(-1, -0.006), (-0.5, 0.012), (0.0, -0.004), (0.5, 0.012), (1, -0.006)]
        earnest = [(-0.7, 0.008), (0.0, 0.0), (0.7, 0.008)]
        smiling = [(-1, -0.008), (-0.5, 0.008), (0.5, 0.008), (1, -0.008)]
        mouth.line([(x * wide, y) for x, y in (cat, earnest, smiling)[mood - 3]], INK, LINE)
