"""House fronts: a "photo" beside its label map, as in the facades set."""

import numpy as np
from PIL import Image, ImageDraw

from pix2pix.data.palettes import FACADES
from pix2pix.synthetic.canvas import Canvas, Color, Point, daylight, light, mix
from pix2pix.synthetic.facade_layout import APARTMENTS, TENEMENT, Layout, Part, Style, lay_out

DARK: Color = (44, 44, 50)
# The parts that stand out from the wall, and the depth of their shadows, as a share of the image.
RAISED = {"molding": 0.03, "cornice": 0.022, "sill": 0.014, "balcony": 0.035, "pillar": 0.0, "deco": 0.008}


def draw(rng: np.random.Generator, size: int) -> Image.Image:
    """One pair as an RGB image of (2 * size, size) pixels: the photo on the left, its label map on the right.

    The label map holds the twelve colours of `palettes.FACADES` and nothing else. It determines the photo up to the light, the grain
    and a few colours that vary by some levels.
    """
    layout = lay_out(rng, size)
    canvas = Canvas(size, span=size)
    _surroundings(canvas, layout, size)
    _wall(rng, canvas, layout, size)
    raised = [part for part in layout.parts if part.kind in RAISED]
    for part in layout.parts:
        _paint_flat(rng, canvas, part, layout.style)
    canvas.shadow([_shadow(part, RAISED[part.kind] * size, size * 0.012) for part in raised], 0.45, size / 96)
    for part in raised:
        _paint_raised(canvas, part, layout.style)
    photo = daylight(canvas.finish(), rng, gain=1120, fade=170, spread=30, grain=5)
    labels = Image.new("RGB", (size, size), FACADES["background"])
    pen = ImageDraw.Draw(labels)
    for part in layout.parts:
        pen.rectangle((part.x0, part.y0, part.x1 - 1, part.y1 - 1), fill=FACADES[part.kind])
    return Image.fromarray(np.hstack([np.asarray(photo), np.asarray(labels)]))


def _shadow(part: Part, depth: float, side: float) -> list[Point]:
    """The sun stands high on the left."""
    return [(part.x0, part.y0), (part.x1, part.y0), (part.x1 + side, part.y1 + depth), (part.x0 + side, part.y1 + depth)]


def _surroundings(canvas: Canvas, layout: Layout, size: int) -> None:
    """The sky, the neighbours, the roof with its chimneys and dormers, the street; in shares of the image."""
    canvas, style = canvas.at(0, 0, size), layout.style
    left, right, eaves, street = (edge / size for edge in (layout.wall.x0, layout.wall.x1, layout.wall.y0, layout.wall.y1))
    canvas.ramp(0, 0, 1, 0.7, (142, 182, 224), (226, 234, 238), 24)
    for x0, x1, color in ((0, left, (150, 134, 120)), (right, 1, (138, 128, 122))):
        canvas.ramp(x0, eaves + 0.1, x1, 1, light(color, 1.1), light(color, 0.85))
        canvas.box(x0, eaves + 0.1, x1, eaves + 0.122, light(color, 1.3))
        canvas.box(x0, eaves + 0.07, x1, eaves + 0.1, (92, 76, 72))
    peak, inset = eaves - 0.1, 0.05
    canvas.polygon([(left - 0.01, eaves), (left + inset, peak), (right - inset, peak), (right + 0.01, eaves)], style.roof)
    for share in (i / 7 for i in range(1, 7)):
        y, cut = peak + 0.1 * share, inset * (1 - share)
        canvas.line([(left + cut, y), (right - cut, y)], light(style.roof, 0.82), 1 / 150)
    for x in (left + 0.14, right - 0.18):
        canvas.box(x, peak - 0.045, x + 0.045, peak + 0.02, light(layout.wall_color, 0.72))
        canvas.box(x - 0.006, peak - 0.05, x + 0.051, peak - 0.036, light(style.trim, 0.8))
    for part in layout.parts:
        if part.kind == "window" and part.y1 <= layout.wall.y0:  # a dormer stands around every window in the roof
            x0, x1, top = part.x0 / size - 0.014, part.x1 / size + 0.014, part.y0 / size - 0.014
            canvas.box(x0, top, x1, eaves, light(style.trim, 0.8))
            gable = [(x0 - 0.014, top), ((part.x0 + part.x1) / 2 / size, top - 0.028), (x1 + 0.014, top)]
            canvas.polygon(gable, light(style.roof, 0.7))
    canvas.ramp(0, street, 1, 1, (150, 146, 142), (112, 110, 112), 4)
    canvas.box(0, street + 0.02, 1, street + 0.028, (186, 182, 176))


def _wall(rng: np.random.Generator, canvas: Canvas, layout: Layout, size: int) -> None:
    """Courses of brick, stone or plaster, pixel by pixel on the supersampled image."""
    wall, material = layout.wall, layout.style.material
    (x0, y0), (x1, y1) = canvas.device([(wall.x0, wall.y0), (wall.x1, wall.y1)])
    ys, xs = np.arange(y1 - y0)[:, None], np.arange(x1 - x0)[None, :]
    high, spread = {"brick": (0.021, 16), "stone": (0.062, 10), "plaster": (0.25, 4)}[material]
    course = max(2, round(high * size * 3))
    block = course if material == "plaster" else course * 2
    row = ys // course
    shifted = xs + (row % 2) * (block // 2)
    column = shifted // block
    tints = rng.integers(-spread, spread + 1, (int(row.max()) + 1, int(column.max()) + 2), dtype=np.int32)
    pixels = np.asarray(layout.wall_color, np.int32) + tints[row, column][..., None] + rng.integers(-6, 7, 3)
    if material != "plaster":
        joint = (ys % course < max(1, course // 6)) | (shifted % block < max(1, course // 6))
        mortar: Color = mix(layout.wall_color, (225, 215, 200), 0.45) if material == "brick" else light(layout.wall_color, 0.74)
        pixels[joint] = mortar
    plinth = ys > (y1 - y0) - (course * 3 if material == "brick" else size * 0.09)
    pixels = np.where(plinth[..., None], pixels * 4 // 5, pixels)  # darker along the street
    canvas.image.paste(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), (x0, y0))


def _paint_flat(rng: np.random.Generator, front: Canvas, part: Part, style: Style) -> None:
    """Paints a part that is flush with the wall. (0, 0) to (1, 1) of `spot` is the part; `front` has the pixels of the image."""
    spot = front.at(part.x0, part.y0, part.wide, part.high)
    match part.kind:
        case "window":
            bar = max(0.5, min(1.0, part.wide / 14)) * front.size / 96
            x, y = bar / part.wide, bar / part.high  # of the glass
            spot.box(0, 0, 1, 1, style.frame)
            spot.ramp(x, y, 1 - x, 1 - y, (134, 160, 186), (40, 48, 62), 6)
            if rng.random() < 0.35:  # curtains
                for edge, fold, inner in ((x, x + 0.121, x + 0.22), (1 - x, 0.879 - x, 0.78 - x)):
                    spot.polygon([(edge, y), (inner, y), (fold, 1 - y), (edge, 1 - y)], (206, 198, 184))
            spot.polygon([(x + 0.1, 0.7 - y), (x + 0.55, y), (x + 0.75, y), (x + 0.1, 0.92 - y)], (154, 180, 204))  # shine
            spot.box(x, y, 1 - x, y + 0.07, (30, 34, 44))  # the lintel's shadow on the glass
            spot.box(0.5 - x / 2, 0, 0.5 + x / 2, 1, style.frame)
            if part.high > part.wide * 1.15:
                spot.box(0, 0.32, 1, 0.32 + y, style.frame)
            if style is TENEMENT:  # a light surround
                spot.polygon([(0, 0), (1, 0), (1, 1), (0, 1)], None, edge=style.trim, width=y)
        case "blind":
            spot.box(0, 0, 1, 1, light(style.accent, 0.7))
            for slat in range(7):
                spot.box(0.14, (slat + 0.15) / 7, 0.86, (slat + 0.7) / 7, light(style.accent, 1.25))
        case "door":
            wood = mix(style.accent, (110, 66, 40), 0.4)
            spot.box(0, 0, 1, 1, light(style.trim, 0.9))
            spot.box(0.12, 0.06, 0.88, 1, wood)
            spot.ramp(0.2, 0.1, 0.8, 0.26, (160, 176, 190), (70, 80, 96), 4)
            for x, y in ((0.2, 0.34), (0.2, 0.66), (0.54, 0.34), (0.54, 0.66)):
                spot.box(x, y, x + 0.26, y + 0.26, light(wood, 0.68))
                spot.box(x + 0.05, y + 0.05, x + 0.26, y + 0.26, light(wood, 1.25))
            spot.ellipse(0.5, 0.64, 0.05, 0.05 * part.wide / part.high, (226, 190, 92))
        case "shop":
            spot.box(0, 0, 1, 1, DARK)
            spot.ramp(0.06, 0.3, 0.94, 0.86, (250, 214, 140), (150, 104, 66), 6)
            for i in range(5):  # goods on display
                spot.box(0.1 + 0.16 * i, 0.76 - 0.16 * float(rng.random()), 0.21 + 0.16 * i, 0.86, ((92, 52, 48), (70, 84, 78))[i % 2])
            spot.polygon([(0.1, 0.8), (0.32, 0.3), (0.42, 0.3), (0.2, 0.8)], (252, 232, 190))
            spot.box(0, 0, 1, 0.14, light(style.accent, 0.9))
            for i in range(6):  # the awning
                left, right = part.x0 + part.wide * i / 6, part.x0 + part.wide * (i + 1) / 6
                stripe = [(left, 0.14), (right, 0.14), (right, 0.36), ((left + right) / 2, 0.42), (left, 0.36)]
                front.polygon([(x, part.y0 + part.high * y) for x, y in stripe], (244, 238, 226) if i % 2 else light(style.accent, 1.5))


def _paint_raised(front: Canvas, part: Part, style: Style) -> None:
    """Paints a part that stands out from the wall."""
    spot, trim = front.at(part.x0, part.y0, part.wide, part.high), style.trim
    match part.kind:
        case "molding":
            for y, gain in ((0.0, 1.12), (0.3, 0.98), (0.62, 0.86), (0.86, 0.62)):
                spot.box(0, y, 1, 1, light(trim, gain))
            if part.high >= 0.03 * front.size:  # dentils under a broad one
                step = max(0.028 * front.size, 2.0) / part.wide
                for i in range(int(1 / step) + 1):
                    spot.box(i * step, 0.62, min(1, (i + 0.5) * step), 0.9, light(trim, 1.08))
        case "cornice":
            spot.polygon([(0, 1), (0, 0.65), (0.5, 0), (1, 0.65), (1, 1)], light(trim, 1.06))
            spot.box(0, 0.75, 1, 1, light(trim, 0.74))
        case "sill":
            spot.box(0, 0, 1, 1, light(trim, 0.8))
            spot.box(0, 0, 1, 0.55, light(trim, 1.1))
        case "balcony":
            wide, high = part.wide * 96 / front.size, part.high * 96 / front.size
            if style is APARTMENTS:  # a solid, coloured parapet under a rail
                spot.ramp(0, 0.22, 1, 0.8, light(style.accent, 1.15), light(style.accent, 0.8), 4)
                bars, rails = 4, [0.0]
            else:  # wrought iron
                bars, rails = max(5, round(wide / 1.8)), [0, 0.28, 0.8 - 0.7 / high]
            for x in ((1 - 0.6 / wide) * i / (bars - 1) for i in range(bars)):
                spot.box(x, 0, x + 0.6 / wide, 0.8, DARK)
            for y in rails:
                spot.box(0, y, 1, y + 0.8 / high, DARK)
            spot.box(0, 0.8, 1, 1, light(trim, 1.05))
            spot.box(0, 0.93, 1, 1, light(trim, 0.66))
        case "deco":
            narrow = part.high / part.wide  # makes an ellipse round
            spot.box(0, 0, 1, 1, light(trim, 1.04))
            spot.ellipse(0.5, 0.5, 0.38 * narrow, 0.38, light(trim, 0.62))
            spot.ellipse(0.5, 0.46, 0.2 * narrow, 0.22, light(trim, 1.1))
            spot.dots([(0.18, 0.55), (0.82, 0.55)], 0.12, 0.2, light(trim, 0.72))
            spot.box(0, 0.86, 1, 1, light(trim, 0.7))
        case "pillar":
            for i, gain in enumerate((1.08, 1.14, 1.0, 0.86, 0.7)):
                spot.box(i / 5, 0, (i + 1) / 5, 1, light(trim, gain))
            cap = front.size * 0.018 / part.high
            for bottom in (cap, 1):
                spot.box(-0.1, bottom - cap, 1.1, bottom, light(trim, 1.1))
                spot.box(-0.1, bottom - cap * 0.3, 1.1, bottom, light(trim, 0.68))
