"""How each class of the label map looks in the photo of a house front."""

from collections.abc import Callable, Mapping

import numpy as np

from pix2pix.synthetic.canvas import Canvas, Color, light, mix
from pix2pix.synthetic.facade_layout import APARTMENTS, TENEMENT, Part, Style

# Paints one part onto a canvas whose coordinates are the pixels of the image.
Painter = Callable[[np.random.Generator, Canvas, Part, Style], None]
DARK: Color = (44, 44, 50)


def _stretched(canvas: Canvas, part: Part) -> Canvas:
    """The canvas in coordinates where the part reaches from (0, 0) to (1, 1)."""
    return canvas.at(part.x0, part.y0, part.wide, part.high)


def _window(rng: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    x0, y0, x1, y1, wide, high = part.x0, part.y0, part.x1, part.y1, part.wide, part.high
    bar = max(0.5, min(1.0, wide / 14)) * canvas.size / 96
    left, right, top, bottom, middle = x0 + bar, x1 - bar, y0 + bar, y1 - bar, (x0 + x1) / 2
    canvas.box(x0, y0, x1, y1, style.frame)
    canvas.ramp(left, top, right, bottom, (134, 160, 186), (40, 48, 62), 6)
    if rng.random() < 0.35:  # curtains
        for edge, inner in ((left, left + wide * 0.22), (right, right - wide * 0.22)):
            canvas.polygon([(edge, top), (inner, top), (edge + (inner - edge) * 0.55, bottom), (edge, bottom)], (206, 198, 184))
    shine = [(0.1, bottom - high * 0.3), (0.55, top), (0.75, top), (0.1, bottom - high * 0.08)]
    canvas.polygon([(left + wide * x, y) for x, y in shine], (154, 180, 204))
    canvas.box(left, top, right, top + high * 0.07, (30, 34, 44))  # the lintel's shadow on the glass
    canvas.box(middle - bar / 2, y0, middle + bar / 2, y1, style.frame)
    if high > wide * 1.15:
        canvas.box(x0, y0 + high * 0.32, x1, y0 + high * 0.32 + bar, style.frame)
    if style is TENEMENT:  # a light surround
        canvas.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], None, edge=style.trim, width=bar)


def _blind(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    canvas.box(part.x0, part.y0, part.x1, part.y1, light(style.accent, 0.7))
    rim, slats = part.wide * 0.14, 7
    for i in range(slats):
        y = part.y0 + part.high * (i + 0.15) / slats
        canvas.box(part.x0 + rim, y, part.x1 - rim, y + part.high * 0.55 / slats, light(style.accent, 1.25))


def _door(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    x0, y0, x1, y1, wide, high = part.x0, part.y0, part.x1, part.y1, part.wide, part.high
    wood = mix(style.accent, (110, 66, 40), 0.4)
    canvas.box(x0, y0, x1, y1, light(style.trim, 0.9))
    canvas.box(x0 + wide * 0.12, y0 + high * 0.06, x1 - wide * 0.12, y1, wood)
    canvas.ramp(x0 + wide * 0.2, y0 + high * 0.1, x1 - wide * 0.2, y0 + high * 0.26, (160, 176, 190), (70, 80, 96), 4)
    for x in (0.2, 0.54):
        for y in (0.34, 0.66):
            right, bottom = x0 + wide * (x + 0.26), y0 + high * (y + 0.26)
            canvas.box(x0 + wide * x, y0 + high * y, right, bottom, light(wood, 0.68))
            canvas.box(x0 + wide * (x + 0.05), y0 + high * (y + 0.05), right, bottom, light(wood, 1.25))
    canvas.ellipse(x0 + wide * 0.5, y0 + high * 0.64, wide * 0.05, wide * 0.05, (226, 190, 92))


def _shop(rng: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    shop, x0, y0, wide, high, sill = _stretched(canvas, part), part.x0, part.y0, part.wide, part.high, part.y1 - part.high * 0.14
    shop.box(0, 0, 1, 1, DARK)
    canvas.ramp(x0 + wide * 0.06, y0 + high * 0.3, part.x1 - wide * 0.06, sill, (250, 214, 140), (150, 104, 66), 6)
    for i in range(5):  # goods on display
        x, tall = x0 + wide * (0.1 + 0.16 * i), high * (0.1 + 0.16 * float(rng.random()))
        canvas.box(x, sill - tall, x + wide * 0.11, sill, ((92, 52, 48), (70, 84, 78))[i % 2])
    shop.polygon([(0.1, 0.8), (0.32, 0.3), (0.42, 0.3), (0.2, 0.8)], (252, 232, 190))
    shop.box(0, 0, 1, 0.14, light(style.accent, 0.9))
    for i in range(6):  # the awning
        left, right = x0 + wide * i / 6, x0 + wide * (i + 1) / 6
        stripe = [(left, 0.14), (right, 0.14), (right, 0.36), ((left + right) / 2, 0.42), (left, 0.36)]
        canvas.polygon([(x, y0 + high * y) for x, y in stripe], (244, 238, 226) if i % 2 else light(style.accent, 1.5))


def _molding(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    molding = _stretched(canvas, part)
    for y, gain in ((0.0, 1.12), (0.3, 0.98), (0.62, 0.86), (0.86, 0.62)):
        molding.box(0, y, 1, 1, light(style.trim, gain))
    if part.high >= 0.03 * canvas.size:  # dentils under a broad one
        step = max(0.028 * canvas.size, 2.0) / part.wide
        for i in range(int(1 / step) + 1):
            molding.box(i * step, 0.62, min(1, (i + 0.5) * step), 0.9, light(style.trim, 1.08))


def _cornice(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    cornice = _stretched(canvas, part)
    cornice.polygon([(0, 1), (0, 0.65), (0.5, 0), (1, 0.65), (1, 1)], light(style.trim, 1.06))
    cornice.box(0, 0.75, 1, 1, light(style.trim, 0.74))


def _sill(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    canvas.box(part.x0, part.y0, part.x1, part.y1, light(style.trim, 0.8))
    canvas.box(part.x0, part.y0, part.x1, part.y0 + part.high * 0.55, light(style.trim, 1.1))


def _balcony(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    x0, y0, x1, y1, wide, high, thick = part.x0, part.y0, part.x1, part.y1, part.wide, part.high, canvas.size / 96
    slab = y1 - high * 0.2
    if style is APARTMENTS:  # a solid, coloured parapet under a rail
        canvas.ramp(x0, y0 + high * 0.22, x1, slab, light(style.accent, 1.15), light(style.accent, 0.8), 4)
        bars, rails = 4, [float(y0)]
    else:  # wrought iron
        bars, rails = max(5, round(wide / thick / 1.8)), [y0, y0 + high * 0.28, slab - thick * 0.7]
    for x in (x0 + (wide - thick * 0.6) * i / (bars - 1) for i in range(bars)):
        canvas.box(x, y0, x + thick * 0.6, slab, DARK)
    for y in rails:
        canvas.box(x0, y, x1, y + thick * 0.8, DARK)
    canvas.box(x0, slab, x1, y1, light(style.trim, 1.05))
    canvas.box(x0, y1 - high * 0.07, x1, y1, light(style.trim, 0.66))


def _deco(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    deco, middle, y0, wide, high = _stretched(canvas, part), (part.x0 + part.x1) / 2, part.y0, part.wide, part.high
    deco.box(0, 0, 1, 1, light(style.trim, 1.04))
    canvas.ellipse(middle, y0 + high * 0.5, high * 0.38, high * 0.38, light(style.trim, 0.62))
    canvas.ellipse(middle, y0 + high * 0.46, high * 0.2, high * 0.22, light(style.trim, 1.1))
    canvas.dots([(middle + side * wide * 0.32, y0 + high * 0.55) for side in (-1, 1)], wide * 0.12, high * 0.2, light(style.trim, 0.72))
    deco.box(0, 0.86, 1, 1, light(style.trim, 0.7))


def _pillar(_: np.random.Generator, canvas: Canvas, part: Part, style: Style) -> None:
    x0, y0, x1, y1, wide, cap = part.x0, part.y0, part.x1, part.y1, part.wide, canvas.size * 0.018
    for i, gain in enumerate((1.08, 1.14, 1.0, 0.86, 0.7)):
        canvas.box(x0 + wide * i / 5, y0, x0 + wide * (i + 1) / 5, y1, light(style.trim, gain))
    for top, bottom in ((y0, y0 + cap), (y1 - cap, y1)):
        canvas.box(x0 - wide * 0.1, top, x1 + wide * 0.1, bottom, light(style.trim, 1.1))
        canvas.box(x0 - wide * 0.1, bottom - cap * 0.3, x1 + wide * 0.1, bottom, light(style.trim, 0.68))


# Parts flush with the wall, painted before the shadows.
FLAT: Mapping[str, Painter] = {"window": _window, "blind": _blind, "door": _door, "shop": _shop}
# Parts that stand out from the wall, painted after the shadows; the number is the depth of the part's shadow, as a share of the image.
RAISED: Mapping[str, tuple[Painter, float]] = {
    "molding": (_molding, 0.03), "cornice": (_cornice, 0.022), "sill": (_sill, 0.014),
    "balcony": (_balcony, 0.035), "pillar": (_pillar, 0.0), "deco": (_deco, 0.008),
}  # fmt: skip
