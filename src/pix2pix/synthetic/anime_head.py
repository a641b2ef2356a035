"""The head of a synthetic character: face and hair. The face's centre is (0, 0); the head is about 0.55 high."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pix2pix.synthetic.canvas import CIRCLE, WHITE, Canvas, Color, Point, between, light, mirrored, mix, moved, pick, smooth

INK: Color = (58, 34, 44)
LINE = 0.011
SKINS: tuple[Color, ...] = ((255, 228, 208), (246, 206, 176), (196, 140, 104))
EyeShape = tuple[Color, float, float]  # iris, how much higher the outer corner is, height
EYES: tuple[EyeShape, ...] = (
    ((58, 126, 214), 0.0, 0.088), ((214, 60, 56), 0.024, 0.07), ((62, 160, 92), -0.018, 0.08), ((150, 92, 44), 0.01, 0.096),
)  # fmt: skip


class Style(NamedTuple):
    """A cut: what hangs behind the head, how the fringe falls, and the colour that goes with it."""

    name: str
    color: Color
    tips: int  # points of the fringe
    fringe: float  # how low the fringe reaches, relative to the face's centre
    sharp: float  # how deep the gaps between the points are
    locks: float  # how low the locks in front of the ears reach


STYLES = (
    Style("straight", (52, 50, 74), 9, -0.105, 0.03, 0.3),
    Style("tails", (250, 212, 96), 6, -0.09, 0.09, 0.2),
    Style("bob", (134, 82, 50), 5, -0.095, 0.075, 0.18),
    Style("ponytail", (206, 66, 46), 5, -0.08, 0.11, 0.16),
    Style("spiky", (60, 108, 192), 6, -0.07, 0.13, 0.06),
    Style("wavy", (248, 164, 190), 4, -0.1, 0.07, 0.24),
    Style("buns", (112, 196, 156), 7, -0.095, 0.06, 0.12),
    Style("mane", (214, 214, 234), 5, -0.08, 0.1, 0.32),
    Style("crop", (92, 58, 128), 7, -0.11, 0.06, 0.02),
)


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
    shape, mood = pick(rng, EYES), pick(rng, ("merry", "laughing", "surprised", "playful", "earnest", "smiling"))
    lift, tilt = {"merry": -0.01, "surprised": 0.012, "earnest": -0.012}.get(mood, 0.0), shape[1] * 0.7
    for side in (-1, 1):
        half = face.at(0, 0, side, 1)
        face.ellipse(side * 0.135, 0.125, 0.042, 0.02, mix(skin, (246, 96, 110), 0.42))
        if mood == "merry":  # eyes closed
            half.line([(0.165, 0.05), (0.13, 0.02), (0.1, 0.012), (0.07, 0.02), (0.04, 0.05)], INK, LINE * 1.9)
        else:
            _eye(face.at(side * 0.105, 0.045), half.at(0.105, 0.045), shape)
        half.line([(0.06, -0.082 + lift + tilt), (0.1, -0.098 + lift), (0.155, -0.086 + lift - tilt)], light(hair, 0.5), LINE)
    face.line([(0.004, 0.108), (-0.006, 0.128), (0.006, 0.132)], mix(skin, INK, 0.55), LINE * 0.8)
    mouth, wide = face.at(0, 0.184), between(rng, 0.032, 0.055)
    if mood in ("merry", "laughing"):
        inked(mouth, smooth([(-wide, -0.012), (wide, -0.012), (wide * 0.6, 0.038), (-wide * 0.6, 0.038)], 1), (150, 40, 52), 0.8)
        mouth.ellipse(0, 0.02, wide * 0.5, 0.011, (238, 120, 124))
    elif mood == "surprised":
        mouth.ellipse(0, 0.005, 0.018, 0.024, (160, 50, 60), edge=INK, width=LINE * 0.8)
    else:
        lips = {
            "playful": [(-1, -0.006), (-0.5, 0.012), (0.0, -0.004), (0.5, 0.012), (1, -0.006)],
            "earnest": [(-0.7, 0.008), (0.0, 0.0), (0.7, 0.008)],
            "smiling": [(-1, -0.008), (-0.5, 0.008), (0.5, 0.008), (1, -0.008)],
        }
        mouth.line([(x * wide, y) for x, y in lips[mood]], INK, LINE)


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


def _dark(color: Color) -> Color:
    return mix(light(color, 0.36), (44, 20, 44), 0.35)


def _hair(canvas: Canvas, points: Sequence[Point], color: Color) -> None:
    canvas.polygon(points, color, edge=_dark(color), width=LINE)


def _strand(canvas: Canvas, points: Sequence[Point], color: Color) -> None:
    canvas.line(points, light(color, 0.72), LINE * 0.9)


def hair_behind(rng: np.random.Generator, face: Canvas, style: Style) -> None:
    """What is seen of the hair behind the face and the shoulders."""
    color, shade = style.color, light(style.color, 0.78)
    match style.name:
        case "straight" | "mane" | "wavy":  # hangs loose
            wide, swing = {"straight": (0.31, 0.0), "mane": (0.36, 0.045), "wavy": (0.37, 0.045)}[style.name]
            upper, lower = [(wide - 0.02, -0.15), (wide, 0.05)], [(wide + swing, 0.44), (wide - 0.04, 0.58)]
            _hair(face, smooth([(0.0, -0.36), *mirrored([*upper, (wide + swing, 0.18), (wide - swing * 0.4, 0.3), *lower])]), shade)
            for half in face.both_sides():
                for x in (0.2, 0.25, wide - 0.025):
                    _strand(half, [(x, 0.05), (x + swing * 0.6, 0.25), (x, 0.5)], shade)
            return
        case "bob":
            _hair(face, smooth([(0.0, -0.36), *mirrored([(0.3, -0.1), (0.33, 0.1), (0.3, 0.24), (0.2, 0.26)])]), shade)
            return
        case "tails":
            drop = between(rng, 0.38, 0.5)
            for half in face.both_sides():
                outer, inner = [(0.2, -0.2), (0.36, -0.26), (0.46, -0.1), (0.45, 0.15), (0.4, drop)], [(0.34, 0.1), (0.27, -0.08)]
                _hair(half, smooth([*outer, (0.33, drop - 0.1), *inner]), color)
                _strand(half, [(0.31, -0.2), (0.395, -0.05), (0.39, drop - 0.12)], color)
                half.polygon(smooth([(0.2, -0.26), (0.27, -0.28), (0.28, -0.16), (0.21, -0.14)], 1), (226, 60, 84))
        case "ponytail":
            tail = [(0.08, -0.3), (0.26, -0.44), (0.44, -0.3), (0.47, 0.0), (0.42, 0.3), (0.36, 0.12), (0.34, -0.1), (0.22, -0.22)]
            _hair(face, smooth(tail), color)
            _strand(face, [(0.24, -0.34), (0.36, -0.24), (0.4, 0.1)], color)
        case "buns":
            for bun in (face.at(-0.235, -0.26), face.at(0.235, -0.26)):
                bun.ellipse(0, 0, 0.11, 0.105, color, edge=_dark(color), width=LINE)
                bun.ellipse(0.02, 0.025, 0.06, 0.055, light(color, 0.8))
                bun.line([(-0.06, -0.01), (-0.02, -0.06), (0.04, -0.05)], mix(color, WHITE, 0.5), LINE * 1.4)
    face.ellipse(0, -0.06, 0.285, 0.29, shade, edge=_dark(shade), width=LINE)


def hair_in_front(rng: np.random.Generator, face: Canvas, style: Style, skin: Color) -> None:
    """The fringe with its shadow on the forehead, the shine, and the locks beside the face."""
    color = style.color
    edge, parting = _fringe(rng, style), between(rng, -0.08, 0.08)
    face.polygon([(0.2, -0.2), *((x * 0.74, y + 0.028) for x, y in edge), (-0.2, -0.2)], mix(skin, (176, 84, 100), 0.4))
    _hair(face, [*_crown(style), *edge], color)
    for x, y in edge[1:-1:2]:
        _strand(face, [(x * 0.9, y - 0.02), (x * 0.6 + parting * 0.4, y - 0.1)], color)
    shade = moved(edge, 0, -0.008)
    for (x0, y0), (x1, y1) in zip(shade[:-1:2], shade[1::2], strict=False):
        face.polygon([(x0, y0), (x1, y1), ((x0 + x1) / 2 + 0.01, min(y0, y1) - 0.03)], light(color, 0.8))
    band = [(x, 0.9 * x * x - 0.245) for x in (0.038 * i - 0.19 for i in range(11))]  # the ring of light on the crown, a zigzag
    upper = [(x, y - (0.014 if i % 2 else 0.0)) for i, (x, y) in enumerate(band)]
    lower = [(x, y + (0.02 if i % 2 else 0.007)) for i, (x, y) in enumerate(band)]
    face.polygon([*upper, *reversed(lower)], mix(color, WHITE, 0.55))
    low, middle = style.locks, 0.27 if style.locks < 0.25 else 0.285
    lock = [(0.196, -0.1), (0.2, 0.0), (0.215, low * 0.5), (0.235, low), (middle, low * 0.6), (0.298, 0.0), (0.289, -0.08)]
    for half in face.both_sides():  # no line at the top: a lock grows out of the fringe
        half.polygon([*lock, (0.25, -0.16)], color)
        half.line(lock, _dark(color), LINE)
        if low > 0.1:
            _strand(half, [(0.25, -0.08), (0.25, low * 0.55)], color)


def _crown(style: Style) -> list[Point]:
    """The outline of the hair over the head, from the left temple over the top to the right temple."""
    reach = 0.315 if style.name in ("mane", "wavy") else 0.29
    arc = [(reach * c, -0.06 + (reach + 0.01) * s) for c, s in CIRCLE[18:]] + [(reach, -0.06)]
    if style.name == "spiky":  # every other point of the arc stands up
        arc = [(x * k, (y + 0.06) * k - 0.06) for (x, y), k in zip(arc, [1.0, 1.2] * 9 + [1.0], strict=True)]
    return arc


def _fringe(rng: np.random.Generator, style: Style) -> list[Point]:
    """The lower edge of the fringe from right to left: gaps and tips in turn, the tips a little uneven."""
    edge: list[Point] = [(0.27, -0.04)]
    step = 0.46 / style.tips
    for i in range(style.tips):
        x = 0.23 - 0.46 * (i + 0.5) / style.tips
        drop = 0.06 * abs(x) / 0.23
        edge.append((x + between(rng, -0.3, 0.3) * step, style.fringe + drop + between(rng, -0.015, 0.03)))
        if i < style.tips - 1:
            edge.append((x - step / 2, style.fringe + drop - style.sharp))
    return [*edge, (-0.27, -0.04)]
