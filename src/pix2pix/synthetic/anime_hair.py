"""The hair of a sample character. Every style has a colour of its own and every colour a lightness of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pix2pix.synthetic.anime_face import LINE, WHITE, centred
from pix2pix.synthetic.canvas import CIRCLE, Canvas, Color, Point, between, light, mix, smooth


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


def _dark(color: Color) -> Color:
    return mix(light(color, 0.36), (44, 20, 44), 0.35)


def _shape(canvas: Canvas, points: Sequence[Point], color: Color) -> None:
    canvas.polygon(points, color, edge=_dark(color), width=LINE)


def _strands(canvas: Canvas, strands: Sequence[Sequence[Point]], color: Color) -> None:
    for strand in strands:
        canvas.line(strand, light(color, 0.72), LINE * 0.9)


def behind(rng: np.random.Generator, canvas: Canvas, style: Style) -> None:
    """What is seen behind the face and the shoulders."""
    color, shade = style.color, light(style.color, 0.78)
    if style.name in ("straight", "mane", "wavy"):
        wide = {"straight": 0.31, "mane": 0.36, "wavy": 0.37}[style.name]
        swing = 0.0 if style.name == "straight" else 0.045
        side = [
            (wide - 0.02, -0.15),
            (wide, 0.05),
            (wide + swing, 0.18),
            (wide - swing * 0.4, 0.3),
            (wide + swing, 0.44),
            (wide - 0.04, 0.58),
        ]
        _shape(canvas, smooth(centred([(0.0, -0.36), *side, *((-x, y) for x, y in reversed(side))])), shade)
        for sign in (-1, 1):
            _strands(canvas, [centred([(x, 0.05), (x + swing * 0.6, 0.25), (x, 0.5)], sign) for x in (0.2, 0.25, wide - 0.025)], shade)
    elif style.name == "tails":
        drop = between(rng, 0.38, 0.5)
        for sign in (-1, 1):
            tail = [(0.2, -0.2), (0.36, -0.26), (0.46, -0.1), (0.45, 0.15), (0.4, drop), (0.33, drop - 0.1), (0.34, 0.1), (0.27, -0.08)]
            _shape(canvas, smooth(centred(tail, sign)), color)
            _strands(canvas, [centred([(0.31, -0.2), (0.395, -0.05), (0.39, drop - 0.12)], sign)], color)
            canvas.polygon(smooth(centred([(0.2, -0.26), (0.27, -0.28), (0.28, -0.16), (0.21, -0.14)], sign), 1), (226, 60, 84))
        _skull(canvas, shade)
    elif style.name == "bob":
        side = [(0.3, -0.1), (0.33, 0.1), (0.3, 0.24), (0.2, 0.26)]
        _shape(canvas, smooth(centred([(0.0, -0.36), *side, *((-x, y) for x, y in reversed(side))])), shade)
    elif style.name == "ponytail":
        tail = [(0.08, -0.3), (0.26, -0.44), (0.44, -0.3), (0.47, 0.0), (0.42, 0.3), (0.36, 0.12), (0.34, -0.1), (0.22, -0.22)]
        _shape(canvas, smooth(centred(tail)), color)
        _strands(canvas, [centred([(0.24, -0.34), (0.36, -0.24), (0.4, 0.1)])], color)
        _skull(canvas, shade)
    elif style.name == "buns":
        for sign in (-1, 1):
            x, y = 0.5 + sign * 0.235, 0.24
            canvas.ellipse(x, y, 0.11, 0.105, color, edge=_dark(color), width=LINE)
            canvas.ellipse(x + 0.02, y + 0.025, 0.06, 0.055, light(color, 0.8))
            canvas.line([(x - 0.06, y - 0.01), (x - 0.02, y - 0.06), (x + 0.04, y - 0.05)], mix(color, WHITE, 0.5), LINE * 1.4)
        _skull(canvas, shade)
    else:
        _skull(canvas, shade)


def _skull(canvas: Canvas, color: Color) -> None:
    canvas.ellipse(0.5, 0.44, 0.285, 0.29, color, edge=_dark(color), width=LINE)


def _crown(style: Style) -> list[Point]:
    """The outline of the hair over the head, from the left temple over the top to the right temple."""
    reach = 0.315 if style.name in ("mane", "wavy") else 0.29
    arc = [(reach * c, -0.06 + (reach + 0.01) * s) for c, s in CIRCLE[18:37]] + [(reach, -0.06)]
    if style.name == "spiky":  # every other point of the arc stands up
        arc = [(x * k, (y + 0.06) * k - 0.06) for (x, y), k in zip(arc, [1.0, 1.2] * 9 + [1.0], strict=True)]
    return arc


def in_front(rng: np.random.Generator, canvas: Canvas, style: Style, skin: Color) -> None:
    """The fringe with its shadow on the forehead, the locks beside the face, and the shine."""
    color = style.color
    edge, parting = _fringe(rng, style), between(rng, -0.08, 0.08)
    shadow = [(x * 0.74, y + 0.028) for x, y in edge]
    canvas.polygon(centred([(0.2, -0.2), *shadow, (-0.2, -0.2)]), mix(skin, (176, 84, 100), 0.4))
    _shape(canvas, centred([*_crown(style), *edge]), color)
    _strands(canvas, [centred([(x * 0.9, y - 0.02), (x * 0.6 + parting * 0.4, y - 0.1)]) for x, y in edge[1:-1:2]], color)
    shade = [(x, y - 0.008) for x, y in edge]
    for (x0, y0), (x1, y1) in zip(shade[:-1:2], shade[1::2], strict=False):
        canvas.polygon(centred([(x0, y0), (x1, y1), ((x0 + x1) / 2 + 0.01, min(y0, y1) - 0.03)]), light(color, 0.8))
    _shine(canvas, color)
    _locks(canvas, style)


def _locks(canvas: Canvas, style: Style) -> None:
    color, low = style.color, style.locks
    middle = 0.27 if low < 0.25 else 0.285
    side = [(0.196, -0.1), (0.2, 0.0), (0.215, low * 0.5), (0.235, low), (middle, low * 0.6), (0.298, 0.0), (0.289, -0.08)]
    for sign in (-1, 1):  # no line at the top: a lock grows out of the fringe
        canvas.polygon(centred([*side, (0.25, -0.16)], sign), color)
        canvas.line(centred(side, sign), _dark(color), LINE)
        if low > 0.1:
            _strands(canvas, [centred([(0.25, -0.08), (0.25, low * 0.55)], sign)], color)


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


def _shine(canvas: Canvas, color: Color) -> None:
    """The ring of light on the crown, a zigzag band."""
    band, lower = [], []
    for i in range(11):
        x = -0.19 + 0.038 * i
        y = -0.245 + 0.9 * x * x
        band.append((x, y - (0.014 if i % 2 else 0.0)))
        lower.append((x, y + (0.02 if i % 2 else 0.007)))
    canvas.polygon(centred([*band, *reversed(lower)]), mix(color, WHITE, 0.55))


def accessory(rng: np.random.Generator, canvas: Canvas) -> None:
    """Sometimes a hairband, a bow, a flower, cat's ears or glasses."""
    kind = int(rng.integers(9))
    if kind == 0:
        band = [(0.296 * c, -0.06 + 0.302 * s) for c, s in CIRCLE[20:35]]
        canvas.line(centred(band), (240, 84, 96), LINE * 3.2)
    elif kind == 1:
        for sign in (-1, 1):
            canvas.polygon(
                smooth(centred([(-0.17, -0.28), (-0.17 + sign * 0.09, -0.35), (-0.17 + sign * 0.1, -0.21)]), 1),
                (214, 44, 70),
                edge=(92, 14, 30),
                width=LINE,
            )
        canvas.ellipse(0.33, 0.22, 0.022, 0.024, (240, 96, 110))
    elif kind == 2:
        for c, s in CIRCLE[::7]:
            canvas.ellipse(0.71 + 0.038 * c, 0.31 + 0.038 * s, 0.026, 0.026, (255, 250, 250))
        canvas.ellipse(0.71, 0.31, 0.02, 0.02, (250, 196, 50))
    elif kind == 3:
        for sign in (-1, 1):
            canvas.polygon(centred([(0.1, -0.32), (0.25, -0.46), (0.28, -0.2)], sign), (70, 60, 72), edge=(30, 22, 32), width=LINE)
            canvas.polygon(centred([(0.15, -0.32), (0.235, -0.4), (0.25, -0.25)], sign), (248, 170, 176))
    elif kind == 4:
        for sign in (-1, 1):
            canvas.ellipse(0.5 + sign * 0.108, 0.552, 0.085, 0.08, None, edge=(40, 40, 60), width=LINE * 1.1)
        canvas.line(centred([(-0.024, 0.042), (0.024, 0.042)]), (40, 40, 60), LINE * 1.1)
