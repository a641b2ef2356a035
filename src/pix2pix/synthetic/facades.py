"""House fronts: a "photo" beside its label map, as in the facades set."""

import numpy as np
from PIL import Image, ImageDraw

from pix2pix.data.palettes import FACADES
from pix2pix.synthetic.canvas import Canvas, Color, Point, daylight, light, mix, side_by_side
from pix2pix.synthetic.facade_layout import Layout, Part, lay_out
from pix2pix.synthetic.facade_parts import FLAT, RAISED


def draw(rng: np.random.Generator, size: int) -> Image.Image:
    """One pair as an RGB image of (2 * size, size) pixels: the photo on the left, its label map on the right.

    The label map holds the twelve colours of `palettes.FACADES` and nothing else. It determines the photo up to the light, the grain
    and a few colours that vary by some levels.
    """
    layout = lay_out(rng, size)
    canvas = Canvas(size, span=size)
    _surroundings(canvas, layout, size)
    _wall(rng, canvas, layout, size)
    for part in layout.parts:
        if part.kind in FLAT:
            FLAT[part.kind](rng, canvas, part, layout.style)
    canvas.shadow([_shadow(part, size) for part in layout.parts if part.kind in RAISED], 0.45, size / 96)
    for part in layout.parts:
        if part.kind in RAISED:
            RAISED[part.kind][0](rng, canvas, part, layout.style)
    photo = daylight(canvas.finish(), rng, gain=1120, fade=170, spread=30, grain=5)
    labels = Image.new("RGB", (size, size), FACADES["background"])
    pen = ImageDraw.Draw(labels)
    for part in layout.parts:
        pen.rectangle((part.x0, part.y0, part.x1 - 1, part.y1 - 1), fill=FACADES[part.kind])
    return side_by_side(photo, labels)


def _shadow(part: Part, size: int) -> list[Point]:
    depth, side = RAISED[part.kind][1] * size, size * 0.012  # the sun stands high on the left
    return [(part.x0, part.y0), (part.x1, part.y0), (part.x1 + side, part.y1 + depth), (part.x0 + side, part.y1 + depth)]


def _surroundings(canvas: Canvas, layout: Layout, size: int) -> None:
    """The sky, the neighbours, the roof with its chimneys and dormers, the street."""
    wall, style = layout.wall, layout.style
    canvas.ramp(0, 0, size, size * 0.7, (142, 182, 224), (226, 234, 238), 24)
    top = wall.y0 + 0.1 * size
    for x0, x1, color in ((0, wall.x0, (150, 134, 120)), (wall.x1, size, (138, 128, 122))):
        canvas.ramp(x0, top, x1, size, light(color, 1.1), light(color, 0.85))
        canvas.box(x0, top, x1, top + 0.022 * size, light(color, 1.3))
        canvas.box(x0, top - 0.03 * size, x1, top, (92, 76, 72))
    peak, inset = wall.y0 - 0.1 * size, 0.05 * size
    roof = [(wall.x0 - 0.01 * size, wall.y0), (wall.x0 + inset, peak), (wall.x1 - inset, peak), (wall.x1 + 0.01 * size, wall.y0)]
    canvas.polygon(roof, style.roof)
    for i in range(1, 7):
        y, cut = peak + (wall.y0 - peak) * i / 7, inset * (7 - i) / 7
        canvas.line([(wall.x0 + cut, y), (wall.x1 - cut, y)], light(style.roof, 0.82), size / 150)
    for x in (wall.x0 + 0.14 * size, wall.x1 - 0.18 * size):
        canvas.box(x, peak - 0.045 * size, x + 0.045 * size, peak + 0.02 * size, light(layout.wall_color, 0.72))
        canvas.box(x - 0.006 * size, peak - 0.05 * size, x + 0.051 * size, peak - 0.036 * size, light(style.trim, 0.8))
    for part in layout.parts:
        if part.kind == "window" and part.y1 <= wall.y0:  # a dormer stands around every window in the roof
            margin, middle = 0.014 * size, (part.x0 + part.x1) / 2
            canvas.box(part.x0 - margin, part.y0 - margin, part.x1 + margin, wall.y0, light(style.trim, 0.8))
            gable = [(part.x0 - 2 * margin, part.y0 - margin), (middle, part.y0 - 3 * margin), (part.x1 + 2 * margin, part.y0 - margin)]
            canvas.polygon(gable, light(style.roof, 0.7))
    canvas.ramp(0, wall.y1, size, size, (150, 146, 142), (112, 110, 112), 4)
    canvas.box(0, wall.y1 + 0.02 * size, size, wall.y1 + 0.028 * size, (186, 182, 176))


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
        pixels = np.where(joint[..., None], np.asarray(mortar, np.int32), pixels)
    plinth = ys > (y1 - y0) - (course * 3 if material == "brick" else size * 0.09)
    pixels = np.where(plinth[..., None], pixels * 4 // 5, pixels)  # darker along the street
    canvas.image.paste(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), (x0, y0))
