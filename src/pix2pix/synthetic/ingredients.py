"""What the sample dishes are made of. Every ingredient has its own colour and its own pattern of light and dark, so that the grey
picture tells the colour. Coordinates and radii are in the canvas's units.
"""

import numpy as np

from pix2pix.synthetic.canvas import CIRCLE, Canvas, Color, between, blob, light, mix, pick, ring, smooth, vary

CREAM: Color = (255, 250, 238)
TOMATO: Color = (206, 40, 28)
LETTUCE: Color = (104, 168, 48)
BASIL: Color = (44, 112, 42)
NORI: Color = (26, 38, 34)
RICE: Color = (246, 243, 234)


def leaf(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, color: Color = BASIL) -> None:
    """A pointed leaf with a pale rib."""
    (c, s), wide = pick(rng, CIRCLE), between(rng, 0.4, 0.55)
    outline = [(1.0, 0.0), (0.4, wide), (-0.5, wide * 0.9), (-1.0, 0.0), (-0.5, -wide * 0.9), (0.4, -wide)]
    canvas.polygon(
        smooth([(x + r * (c * u - s * v) + r * 0.08, y + r * (s * u + c * v) + r * 0.12) for u, v in outline]), light(color, 0.45)
    )
    canvas.polygon(smooth([(x + r * (c * u - s * v), y + r * (s * u + c * v)) for u, v in outline]), vary(rng, color, 8))
    canvas.line([(x - r * 0.7 * c, y - r * 0.7 * s), (x + r * 0.7 * c, y + r * 0.7 * s)], mix(color, (230, 240, 170), 0.55), r * 0.12)


def lettuce(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """A ruffled leaf: dark edge, bright body, pale ribs."""
    green = mix((70, 130, 34), (164, 206, 84), float(rng.random()))
    outline = blob(rng, x, y, r, r * 0.8, corners=12, rough=0.22)
    canvas.polygon([(px + r * 0.06, py + r * 0.1) for px, py in outline], light(green, 0.4))
    canvas.polygon(outline, green)
    canvas.polygon([(x + (px - x) * 0.72, y + (py - y) * 0.72) for px, py in outline], light(green, 1.18))
    start = int(rng.integers(36))
    for i in range(0, 36, 9):
        c, s = CIRCLE[(start + i) % 36]
        canvas.line([(x, y), (x + r * 0.62 * c, y + r * 0.5 * s)], mix(green, (240, 248, 200), 0.6), r * 0.07)


def tomato_slice(canvas: Canvas, x: float, y: float, r: float) -> None:
    """A round slice: dark skin, light flesh, chambers with seeds."""
    canvas.ellipse(x + r * 0.08, y + r * 0.12, r, r, (70, 16, 14))
    canvas.ellipse(x, y, r, r, TOMATO)
    canvas.ellipse(x, y, r * 0.86, r * 0.86, (232, 84, 58))
    for c, s in CIRCLE[2::6]:
        canvas.ellipse(x + r * 0.5 * c, y + r * 0.5 * s, r * 0.22, r * 0.2, (184, 34, 22))
        canvas.ellipse(x + r * 0.5 * c, y + r * 0.5 * s, r * 0.08, r * 0.08, (250, 206, 120))


def cherry_tomato(canvas: Canvas, x: float, y: float, r: float) -> None:
    """A whole small tomato."""
    canvas.sphere(x, y, r, r, (220, 44, 30), gloss=0.85)


def cucumber(canvas: Canvas, x: float, y: float, r: float) -> None:
    """A slice: dark skin, pale flesh, a ring of seeds."""
    canvas.ellipse(x + r * 0.08, y + r * 0.12, r, r, (26, 46, 20))
    canvas.ellipse(x, y, r, r, (46, 102, 44))
    canvas.ellipse(x, y, r * 0.84, r * 0.84, (204, 228, 150))
    canvas.ellipse(x, y, r * 0.52, r * 0.52, (184, 214, 122))
    for c, s in CIRCLE[::6]:
        canvas.ellipse(x + r * 0.36 * c, y + r * 0.36 * s, r * 0.09, r * 0.09, (236, 240, 200))


def olive(canvas: Canvas, x: float, y: float, r: float) -> None:
    """A black ring of olive with a highlight."""
    canvas.ellipse(x, y, r, r, (38, 28, 40))
    canvas.ellipse(x - r * 0.3, y - r * 0.4, r * 0.4, r * 0.24, (110, 98, 120))
    canvas.ellipse(x, y, r * 0.42, r * 0.42, (150, 96, 50))


def mushroom(canvas: Canvas, x: float, y: float, r: float) -> None:
    """A pale slice of mushroom: cap, stalk and a darker line of gills."""
    canvas.box(x - r * 0.26, y, x + r * 0.26, y + r * 0.9, (226, 206, 178))
    canvas.polygon(
        smooth([(x - r, y + r * 0.15), (x - r * 0.6, y - r * 0.7), (x + r * 0.6, y - r * 0.7), (x + r, y + r * 0.15)]), (238, 222, 198)
    )
    canvas.line([(x - r * 0.7, y + r * 0.1), (x + r * 0.7, y + r * 0.1)], (140, 104, 76), r * 0.18)


def fried_egg(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """An uneven white with a browned rim, and a domed, glossy yolk."""
    outline = blob(rng, x, y, r, r * 0.86, corners=9, rough=0.16)
    canvas.polygon([(px + r * 0.04, py + r * 0.07) for px, py in outline], (120, 96, 70))
    canvas.polygon(outline, (232, 206, 160))
    for share, color in ((0.92, (250, 246, 236)), (0.6, (255, 254, 248))):
        canvas.polygon([(x + (px - x) * share, y + (py - y) * share) for px, py in outline], color)
    canvas.sphere(x + r * between(rng, -0.12, 0.12), y, r * 0.4, r * 0.38, (250, 172, 20), gloss=0.9)


def half_egg(canvas: Canvas, x: float, y: float, r: float) -> None:
    """A boiled egg cut in half."""
    canvas.ellipse(x + r * 0.06, y + r * 0.1, r * 0.8, r, (92, 70, 50))
    canvas.ellipse(x, y, r * 0.8, r, (252, 248, 238))
    canvas.sphere(x, y + r * 0.1, r * 0.46, r * 0.48, (248, 158, 32), gloss=0.5)


def bacon(rng: np.random.Generator, canvas: Canvas, x: float, y: float, r: float) -> None:
    """A wavy rasher in stripes of meat and fat."""
    wave = [(x + r * (i / 4 - 1), y + r * 0.13 * (1 if i % 2 else -1)) for i in range(9)]
    for offset, color, width in (
        (0.05, (70, 24, 20), 0.42),
        (0.0, (168, 52, 40), 0.4),
        (-0.1, (240, 204, 168), 0.1),
        (0.04, (206, 86, 64), 0.1),
        (0.12, (244, 212, 180), 0.07),
    ):
        canvas.line([(px, py + r * offset) for px, py in wave], vary(rng, color, 6), r * width)


def strawberry(canvas: Canvas, x: float, y: float, r: float) -> None:
    """A whole strawberry with seeds and green leaves."""
    outline = [(x, y + r), (x - r * 0.95, y - r * 0.3), (x - r * 0.5, y - r * 0.9), (x + r * 0.5, y - r * 0.9), (x + r * 0.95, y - r * 0.3)]
    canvas.polygon(smooth([(px + r * 0.1, py + r * 0.14) for px, py in outline]), (70, 10, 16))
    canvas.polygon(smooth(outline), (214, 28, 44))
    canvas.ellipse(x - r * 0.25, y - r * 0.3, r * 0.3, r * 0.34, (240, 84, 84))
    for u, v in ((-0.45, -0.1), (0, -0.25), (0.45, -0.1), (-0.22, 0.25), (0.22, 0.25), (0, 0.6)):
        canvas.ellipse(x + r * u, y + r * v, r * 0.08, r * 0.1, (252, 216, 130))
    for u in (-0.5, 0.0, 0.5):
        canvas.polygon([(x, y - r * 0.95), (x + r * (u - 0.2), y - r * 0.55), (x + r * (u + 0.2), y - r * 0.6)], (70, 140, 46))


def blueberry(canvas: Canvas, x: float, y: float, r: float) -> None:
    """A dark blue berry with its crown."""
    canvas.sphere(x, y, r, r, (58, 66, 132), gloss=0.45)
    canvas.ellipse(x + r * 0.15, y + r * 0.1, r * 0.26, r * 0.24, (26, 28, 66))


def raspberry(canvas: Canvas, x: float, y: float, r: float) -> None:
    """A raspberry: a cluster of small bright drops."""
    canvas.ellipse(x, y, r, r, (112, 10, 44))
    for c, s in CIRCLE[::6]:
        canvas.ellipse(x + r * 0.62 * c, y + r * 0.62 * s, r * 0.32, r * 0.32, (208, 34, 84))
        canvas.ellipse(x + r * 0.62 * c - r * 0.1, y + r * 0.62 * s - r * 0.12, r * 0.12, r * 0.1, (246, 150, 172))
    canvas.ellipse(x, y, r * 0.34, r * 0.34, (188, 24, 72))


def kiwi(canvas: Canvas, x: float, y: float, r: float) -> None:
    """A slice of kiwi: brown rim, green flesh, black seeds around a white core."""
    canvas.ellipse(x, y, r, r, (98, 76, 42))
    canvas.ellipse(x, y, r * 0.92, r * 0.92, (116, 176, 40))
    canvas.ellipse(x, y, r * 0.62, r * 0.62, (154, 202, 66))
    for c, s in CIRCLE[::3]:
        canvas.ellipse(x + r * 0.44 * c, y + r * 0.44 * s, r * 0.07, r * 0.07, (24, 26, 16))
    canvas.ellipse(x, y, r * 0.26, r * 0.24, (236, 240, 196))


def orange(canvas: Canvas, x: float, y: float, r: float) -> None:
    """A slice of orange: rind, white pith and eight segments."""
    canvas.ellipse(x, y, r, r, (236, 122, 16))
    canvas.ellipse(x, y, r * 0.88, r * 0.88, (255, 232, 190))
    canvas.ellipse(x, y, r * 0.8, r * 0.8, (250, 150, 30))
    for c, s in CIRCLE[:18:4]:
        canvas.line([(x - r * 0.8 * c, y - r * 0.8 * s), (x + r * 0.8 * c, y + r * 0.8 * s)], (255, 226, 170), r * 0.09)


def banana(canvas: Canvas, x: float, y: float, r: float) -> None:
    """A slice of banana."""
    canvas.ellipse(x + r * 0.08, y + r * 0.14, r, r, (150, 120, 66))
    canvas.ellipse(x, y, r, r, (250, 222, 108))
    canvas.ellipse(x, y, r * 0.84, r * 0.84, (255, 242, 190))
    for c, s in CIRCLE[::12]:
        canvas.ellipse(x + r * 0.22 * c, y + r * 0.22 * s, r * 0.1, r * 0.1, (150, 110, 60))


def grains(rng: np.random.Generator, canvas: Canvas, x: float, y: float, rx: float, ry: float, count: int) -> None:
    """A heap of rice: a light mound with `count` bright and shaded grains."""
    canvas.polygon(blob(rng, x, y, rx, ry, corners=12, rough=0.06), (214, 206, 190))
    canvas.polygon(blob(rng, x - rx * 0.03, y - ry * 0.05, rx * 0.94, ry * 0.92, corners=12, rough=0.05), RICE)
    size = min(rx, ry) * 0.11
    for u, v, shade in zip(rng.random(count), rng.random(count), rng.integers(0, 2, count), strict=True):
        c, s = CIRCLE[int(u * 36)]
        spread = 0.85 * (1 - float(v) * float(v))
        canvas.ellipse(x + rx * spread * c, y + ry * spread * s, size * 1.3, size * 0.6, (255, 254, 250) if shade else (206, 200, 186))


def lemon_wedge(canvas: Canvas, x: float, y: float, r: float) -> None:
    """Half a slice of lemon."""
    half = ring(x, y, r, r)[:19]
    canvas.polygon(half, (240, 200, 30))
    canvas.polygon([(x + (px - x) * 0.84, y + (py - y) * 0.84) for px, py in half], (255, 240, 130))
    for c, s in CIRCLE[3:18:4]:
        canvas.line([(x, y), (x + r * 0.8 * c, y + r * 0.8 * s)], CREAM, r * 0.08)
