"""How each class of the label map looks in the photo of a house front."""

from collections.abc import Callable, Mapping

import numpy as np

from pix2pix.synthetic.canvas import Canvas, Color, light, mix
from pix2pix.synthetic.facade_layout import APARTMENTS, TENEMENT, Part, Style

Painter = Callable[[np.random.Generator, Canvas, Part, Style], None]
DARK: Color = (44, 44, 50)


def paint(rng: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    """Paints one part onto a canvas whose coordinates are the part's pixels."""
    {**FLAT, **RAISED}[part.kind](rng, canvas, part, style)


def _window(rng: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    x0, y0, x1, y1 = part.x0, part.y0, part.x1, part.y1
    width, height, bar = x1 - x0, y1 - y0, max(0.5, min(1.0, (x1 - x0) / 14)) * canvas.size / 96
    canvas.box(x0, y0, x1, y1, style.frame)
    left, right, top, bottom = x0 + bar, x1 - bar, y0 + bar, y1 - bar
    canvas.ramp(left, top, right, bottom, (134, 160, 186), (40, 48, 62), 6)
    if rng.random() < 0.35:  # curtains
        for edge, inner in ((left, left + width * 0.22), (right, right - width * 0.22)):
            canvas.polygon([(edge, top), (inner, top), (edge + (inner - edge) * 0.55, bottom), (edge, bottom)], (206, 198, 184))
    canvas.polygon(
        [
            (left + width * 0.1, bottom - height * 0.3),
            (left + width * 0.55, top),
            (left + width * 0.75, top),
            (left + width * 0.1, bottom - height * 0.08),
        ],
        (154, 180, 204),
    )
    canvas.box(left, top, right, top + height * 0.07, (30, 34, 44))  # the lintel's shadow on the glass
    middle = (x0 + x1) / 2
    canvas.box(middle - bar / 2, y0, middle + bar / 2, y1, style.frame)
    if height > width * 1.15:
        canvas.box(x0, y0 + height * 0.32, x1, y0 + height * 0.32 + bar, style.frame)
    if style is TENEMENT:  # a light surround
        canvas.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], None, edge=style.trim, width=bar)


def _blind(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    canvas.box(part.x0, part.y0, part.x1, part.y1, light(style.accent, 0.7))
    rim, slats = (part.x1 - part.x0) * 0.14, 7
    for i in range(slats):
        y = part.y0 + (part.y1 - part.y0) * (i + 0.15) / slats
        canvas.box(part.x0 + rim, y, part.x1 - rim, y + (part.y1 - part.y0) * 0.55 / slats, light(style.accent, 1.25))


def _door(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    x0, y0, x1, y1 = part.x0, part.y0, part.x1, part.y1
    width, height = x1 - x0, y1 - y0
    canvas.box(x0, y0, x1, y1, light(style.trim, 0.9))
    wood = mix(style.accent, (110, 66, 40), 0.4)
    canvas.box(x0 + width * 0.12, y0 + height * 0.06, x1 - width * 0.12, y1, wood)
    canvas.ramp(x0 + width * 0.2, y0 + height * 0.1, x1 - width * 0.2, y0 + height * 0.26, (160, 176, 190), (70, 80, 96), 4)
    for left in (0.2, 0.54):
        for top, bottom in ((0.34, 0.6), (0.66, 0.92)):
            canvas.box(x0 + width * left, y0 + height * top, x0 + width * (left + 0.26), y0 + height * bottom, light(wood, 0.68))
            canvas.box(
                x0 + width * (left + 0.05), y0 + height * (top + 0.05), x0 + width * (left + 0.26), y0 + height * bottom, light(wood, 1.25)
            )
    canvas.ellipse(x0 + width * 0.5, y0 + height * 0.64, width * 0.05, width * 0.05, (226, 190, 92))


def _shop(rng: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    x0, y0, x1, y1 = part.x0, part.y0, part.x1, part.y1
    width, height = x1 - x0, y1 - y0
    canvas.box(x0, y0, x1, y1, DARK)
    canvas.ramp(x0 + width * 0.06, y0 + height * 0.3, x1 - width * 0.06, y1 - height * 0.14, (250, 214, 140), (150, 104, 66), 6)
    for i in range(5):  # goods on display
        x, tall = x0 + width * (0.1 + 0.16 * i), height * (0.1 + 0.16 * float(rng.random()))
        canvas.box(x, y1 - height * 0.14 - tall, x + width * 0.11, y1 - height * 0.14, ((92, 52, 48), (70, 84, 78))[i % 2])
    canvas.polygon(
        [
            (x0 + width * 0.1, y1 - height * 0.2),
            (x0 + width * 0.32, y0 + height * 0.3),
            (x0 + width * 0.42, y0 + height * 0.3),
            (x0 + width * 0.2, y1 - height * 0.2),
        ],
        (252, 232, 190),
    )
    canvas.box(x0, y0, x1, y0 + height * 0.14, light(style.accent, 0.9))
    stripes = 6
    for i in range(stripes):  # the awning
        left, right = x0 + width * i / stripes, x0 + width * (i + 1) / stripes
        color = (244, 238, 226) if i % 2 else light(style.accent, 1.5)
        canvas.polygon(
            [
                (left, y0 + height * 0.14),
                (right, y0 + height * 0.14),
                (right, y0 + height * 0.36),
                ((left + right) / 2, y0 + height * 0.42),
                (left, y0 + height * 0.36),
            ],
            color,
        )


def _molding(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    x0, y0, x1, height = part.x0, part.y0, part.x1, part.y1 - part.y0
    for share, gain in ((0.0, 1.12), (0.3, 0.98), (0.62, 0.86), (0.86, 0.62)):
        canvas.box(x0, y0 + height * share, x1, part.y1, light(style.trim, gain))
    if height >= 0.03 * canvas.size:  # dentils under a broad one
        step = max(0.028 * canvas.size, 2.0)
        for i in range(int((x1 - x0) / step) + 1):
            canvas.box(x0 + i * step, y0 + height * 0.62, min(x1, x0 + (i + 0.5) * step), y0 + height * 0.9, light(style.trim, 1.08))


def _cornice(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    x0, y0, x1, y1 = part.x0, part.y0, part.x1, part.y1
    middle = (x0 + x1) / 2
    canvas.polygon([(x0, y1), (x0, y1 - (y1 - y0) * 0.35), (middle, y0), (x1, y1 - (y1 - y0) * 0.35), (x1, y1)], light(style.trim, 1.06))
    canvas.box(x0, y1 - (y1 - y0) * 0.25, x1, y1, light(style.trim, 0.74))


def _sill(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    canvas.box(part.x0, part.y0, part.x1, part.y1, light(style.trim, 0.8))
    canvas.box(part.x0, part.y0, part.x1, part.y0 + (part.y1 - part.y0) * 0.55, light(style.trim, 1.1))


def _balcony(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    x0, y0, x1, y1 = part.x0, part.y0, part.x1, part.y1
    width, height, thick = x1 - x0, y1 - y0, canvas.size / 96
    slab = y1 - height * 0.2
    if style is APARTMENTS:  # a solid, coloured parapet under a rail
        canvas.ramp(x0, y0 + height * 0.22, x1, slab, light(style.accent, 1.15), light(style.accent, 0.8), 4)
        canvas.box(x0, y0, x1, y0 + thick * 0.8, DARK)
        for i in range(4):
            x = x0 + (width - thick * 0.6) * i / 3
            canvas.box(x, y0, x + thick * 0.6, slab, DARK)
    else:  # wrought iron
        bars = max(5, round(width / thick / 1.8))
        for i in range(bars):
            x = x0 + (width - thick * 0.6) * i / (bars - 1)
            canvas.box(x, y0, x + thick * 0.6, slab, DARK)
        for y in (y0, y0 + height * 0.28, slab - thick * 0.7):
            canvas.box(x0, y, x1, y + thick * 0.8, DARK)
    canvas.box(x0, slab, x1, y1, light(style.trim, 1.05))
    canvas.box(x0, y1 - height * 0.07, x1, y1, light(style.trim, 0.66))


def _deco(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    x0, y0, x1, y1 = part.x0, part.y0, part.x1, part.y1
    width, height = x1 - x0, y1 - y0
    canvas.box(x0, y0, x1, y1, light(style.trim, 1.04))
    canvas.ellipse((x0 + x1) / 2, y0 + height * 0.5, height * 0.38, height * 0.38, light(style.trim, 0.62))
    canvas.ellipse((x0 + x1) / 2, y0 + height * 0.46, height * 0.2, height * 0.22, light(style.trim, 1.1))
    for side in (-1, 1):
        x = (x0 + x1) / 2 + side * width * 0.32
        canvas.ellipse(x, y0 + height * 0.55, width * 0.12, height * 0.2, light(style.trim, 0.72))
    canvas.box(x0, y1 - height * 0.14, x1, y1, light(style.trim, 0.7))


def _pillar(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    x0, y0, x1, y1 = part.x0, part.y0, part.x1, part.y1
    width, cap = x1 - x0, canvas.size * 0.018
    for i, gain in enumerate((1.08, 1.14, 1.0, 0.86, 0.7)):
        canvas.box(x0 + width * i / 5, y0, x0 + width * (i + 1) / 5, y1, light(style.trim, gain))
    for top, bottom in ((y0, y0 + cap), (y1 - cap, y1)):
        canvas.box(x0 - width * 0.1, top, x1 + width * 0.1, bottom, light(style.trim, 1.1))
        canvas.box(x0 - width * 0.1, bottom - cap * 0.3, x1 + width * 0.1, bottom, light(style.trim, 0.68))


def _nothing(_: np.random.Generator, __: Canvas, ___: Part, ____: Style) -> None:
    """The wall itself is painted before the parts."""


# What lies in the wall is painted before the shadows fall, what stands out from it afterwards.
FLAT: Mapping[str, Painter] = {"facade": _nothing, "window": _window, "blind": _blind, "door": _door, "shop": _shop}
RAISED: Mapping[str, Painter] = {
    "molding": _molding, "cornice": _cornice, "sill": _sill, "pillar": _pillar, "deco": _deco, "balcony": _balcony,
}  # fmt: skip
