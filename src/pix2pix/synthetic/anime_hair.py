"""The hair of a synthetic character; the face's centre is (0, 0). Every style has its own colour, every colour its own lightness."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pix2pix.synthetic.anime_face import LINE
from pix2pix.synthetic.canvas import CIRCLE, WHITE, Canvas, Color, Point, between, light, mirrored, mix, moved, smooth


@dataclass(frozen=True)
class Style:
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
LOOSE = {"straight": (0.31, 0.0), "mane": (0.36, 0.045), "wavy": (0.37, 0.045)}  # half the width of hair that hangs loose, and its swing


def _dark(color: Color) -> Color:
    return mix(light(color, 0.36), (44, 20, 44), 0.35)


def _shape(canvas: Canvas, points: Sequence[Point], color: Color) -> None:
    canvas.polygon(points, color, edge=_dark(color), width=LINE)


def _strand(canvas: Canvas, points: Sequence[Point], color: Color) -> None:
    canvas.line(points, light(color, 0.72), LINE * 0.9)


def behind(rng: np.random.Generator, face: Canvas, style: Style) -> None:
    """What is seen behind the face and the shoulders."""
    name, color, shade = style.name, style.color, light(style.color, 0.78)
    if name in LOOSE:
        wide, swing = LOOSE[name]
        upper = [(wide - 0.02, -0.15), (wide, 0.05), (wide + swing, 0.18)]
        side = [*upper, (wide - swing * 0.4, 0.3), (wide + swing, 0.44), (wide - 0.04, 0.58)]
        _shape(face, smooth([(0.0, -0.36), *mirrored(side)]), shade)
        for half in face.both_sides():
            for x in (0.2, 0.25, wide - 0.025):
                _strand(half, [(x, 0.05), (x + swing * 0.6, 0.25), (x, 0.5)], shade)
        return
    if name == "bob":
        _shape(face, smooth([(0.0, -0.36), *mirrored([(0.3, -0.1), (0.33, 0.1), (0.3, 0.24), (0.2, 0.26)])]), shade)
        return
    if name == "tails":
        drop = between(rng, 0.38, 0.5)
        for half in face.both_sides():
            outer, inner = [(0.2, -0.2), (0.36, -0.26), (0.46, -0.1), (0.45, 0.15), (0.4, drop)], [(0.34, 0.1), (0.27, -0.08)]
            _shape(half, smooth([*outer, (0.33, drop - 0.1), *inner]), color)
            _strand(half, [(0.31, -0.2), (0.395, -0.05), (0.39, drop - 0.12)], color)
            half.polygon(smooth([(0.2, -0.26), (0.27, -0.28), (0.28, -0.16), (0.21, -0.14)], 1), (226, 60, 84))
    elif name == "ponytail":
        tail = [(0.08, -0.3), (0.26, -0.44), (0.44, -0.3), (0.47, 0.0), (0.42, 0.3), (0.36, 0.12), (0.34, -0.1), (0.22, -0.22)]
        _shape(face, smooth(tail), color)
        _strand(face, [(0.24, -0.34), (0.36, -0.24), (0.4, 0.1)], color)
    elif name == "buns":
        for bun in (face.at(-0.235, -0.26), face.at(0.235, -0.26)):
            bun.ellipse(0, 0, 0.11, 0.105, color, edge=_dark(color), width=LINE)
            bun.ellipse(0.02, 0.025, 0.06, 0.055, light(color, 0.8))
            bun.line([(-0.06, -0.01), (-0.02, -0.06), (0.04, -0.05)], mix(color, WHITE, 0.5), LINE * 1.4)
    face.ellipse(0, -0.06, 0.285, 0.29, shade, edge=_dark(shade), width=LINE)


def in_front(rng: np.random.Generator, face: Canvas, style: Style, skin: Color) -> None:
    """The fringe with its shadow on the forehead, the locks beside the face, and the shine."""
    color = style.color
    edge, parting = _fringe(rng, style), between(rng, -0.08, 0.08)
    face.polygon([(0.2, -0.2), *((x * 0.74, y + 0.028) for x, y in edge), (-0.2, -0.2)], mix(skin, (176, 84, 100), 0.4))
    _shape(face, [*_crown(style), *edge], color)
    for x, y in edge[1:-1:2]:
        _strand(face, [(x * 0.9, y - 0.02), (x * 0.6 + parting * 0.4, y - 0.1)], color)
    shade = moved(edge, 0, -0.008)
    for (x0, y0), (x1, y1) in zip(shade[:-1:2], shade[1::2], strict=False):
        face.polygon([(x0, y0), (x1, y1), ((x0 + x1) / 2 + 0.01, min(y0, y1) - 0.03)], light(color, 0.8))
    band = [(x, 0.9 * x * x - 0.245) for x in (0.038 * i - 0.19 for i in range(11))]  # the ring of light on the crown, a zigzag
    upper = [(x, y - (0.014 if i % 2 else 0.0)) for i, (x, y) in enumerate(band)]
    lower = [(x, y + (0.02 if i % 2 else 0.007)) for i, (x, y) in enumerate(band)]
    face.polygon([*upper, *reversed(lower)], mix(color, WHITE, 0.55))
    _locks(face, style)


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
    for i in range(style.tips):
        x, step = 0.23 - 0.46 * (i + 0.5) / style.tips, 0.46 / style.tips
        drop = 0.06 * abs(x) / 0.23
        edge.append((x + between(rng, -0.3, 0.3) * step, style.fringe + drop + between(rng, -0.015, 0.03)))
        if i < style.tips - 1:
            edge.append((x - step / 2, style.fringe + drop - style.sharp))
    return [*edge, (-0.27, -0.04)]


def _locks(face: Canvas, style: Style) -> None:
    color, low = style.color, style.locks
    middle = 0.27 if low < 0.25 else 0.285
    side = [(0.196, -0.1), (0.2, 0.0), (0.215, low * 0.5), (0.235, low), (middle, low * 0.6), (0.298, 0.0), (0.289, -0.08)]
    for half in face.both_sides():  # no line at the top: a lock grows out of the fringe
        half.polygon([*side, (0.25, -0.16)], color)
        half.line(side, _dark(color), LINE)
        if low > 0.1:
            _strand(half, [(0.25, -0.08), (0.25, low * 0.55)], color)
