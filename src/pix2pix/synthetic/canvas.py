"""Drawing for the synthetic images: float coordinates, soft shadows, smooth edges, the same bytes on every machine.

Pillow draws shapes at SUPERSAMPLING times the final size and averages them down, for smooth edges. Nothing depends on the CPU: coordinates
come from + - * / and a rounded table of sines and end up as whole pixels; Pillow's blur and reduction, the light and the grain are integer.
"""

import copy
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Color = tuple[int, int, int]
Point = tuple[float, float]
Item = TypeVar("Item")

SUPERSAMPLING = 3
WHITE: Color = (255, 255, 255)
# 36 directions, rounded so that a last-bit difference between two C libraries cannot show.
CIRCLE = tuple((round(math.cos(math.tau * i / 36), 6), round(math.sin(math.tau * i / 36), 6)) for i in range(36))


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """A number from the uniform distribution over [low, high)."""
    return low + (high - low) * float(rng.random())


def pick(rng: np.random.Generator, items: Sequence[Item]) -> Item:
    """One of `items`, all equally likely. (`rng.choice` turns tuples into arrays and takes ten times as long.)"""
    return items[int(rng.integers(len(items)))]


def mix(first: Color, second: Color, share: float) -> Color:
    """The colour `share` of the way from `first` (0) to `second` (1), clipped to [0, 255] where `share` is outside [0, 1]."""
    r, g, b = (min(255, max(0, round(p + (q - p) * share))) for p, q in zip(first, second, strict=True))
    return r, g, b


def light(color: Color, gain: float) -> Color:
    """`color` times `gain` (0 or more), clipped to 255."""
    r, g, b = (min(255, round(value * gain)) for value in color)
    return r, g, b


def vary(rng: np.random.Generator, color: Color, spread: int) -> Color:
    """`color` with each channel moved by up to `spread` levels."""
    r, g, b = (min(255, max(0, value + int(move))) for value, move in zip(color, rng.integers(-spread, spread + 1, 3), strict=True))
    return r, g, b


def smooth(points: Sequence[Point], rounds: int = 2, cut: float = 0.25) -> list[Point]:
    """The closed polygon with its corners cut `rounds` times, each time by `cut` of a side (Chaikin 1974: a quarter, for curves)."""
    corners = list(points)
    for _ in range(rounds):
        sides = zip(corners, [*corners[1:], corners[0]], strict=True)
        ends = [(x0, y0, cut * (x1 - x0), cut * (y1 - y0), x1, y1) for (x0, y0), (x1, y1) in sides]
        corners = [point for x0, y0, dx, dy, x1, y1 in ends for point in ((x0 + dx, y0 + dy), (x1 - dx, y1 - dy))]
    return corners


def mirrored(half: Sequence[Point]) -> list[Point]:
    """The outline that follows `half` on the right of x = 0 and its mirror image on the left."""
    return [*half, *((-x, y) for x, y in reversed(half))]


def shrunk(points: Sequence[Point], share: float, x: float = 0.0, y: float = 0.0) -> list[Point]:
    """The points moved towards (x, y), to `share` of their distance."""
    return [(x + (px - x) * share, y + (py - y) * share) for px, py in points]


def moved(points: Sequence[Point], dx: float, dy: float) -> list[Point]:
    """The points moved by (dx, dy)."""
    return [(x + dx, y + dy) for x, y in points]


def ring(x: float, y: float, rx: float, ry: float, turn: int = 0) -> list[Point]:
    """36 points on the ellipse with centre (x, y) and half axes rx, ry, turned by `turn` steps of 10 degrees clockwise."""
    cosine, sine = CIRCLE[turn % 36]
    return [(x + rx * c * cosine - ry * s * sine, y + rx * c * sine + ry * s * cosine) for c, s in CIRCLE]


def blob(rng: np.random.Generator, x: float, y: float, rx: float, ry: float, *, corners: int = 9, rough: float = 0.2) -> list[Point]:
    """A rounded, uneven outline around (x, y): `corners` bumps whose distance from the centre varies by up to `rough` (a share)."""
    directions = [CIRCLE[int(i * (36 / corners))] for i in range(corners)]
    distances = 1 - rough + 2 * rough * rng.random(corners)
    return smooth([(x + rx * c * k, y + ry * s * k) for (c, s), k in zip(directions, distances.tolist(), strict=True)])


def speckle(pixels: NDArray[np.int32], rng: np.random.Generator, amount: int) -> Image.Image:
    """The (h, w, 3) pixels with camera grain of up to `amount` levels (the same in all channels), clipped to an RGB image."""
    grain = rng.integers(-amount, amount + 1, pixels.shape[:2], dtype=np.int32)
    return Image.fromarray((pixels + grain[..., None]).clip(0, 255).astype(np.uint8))


def daylight(
    image: Image.Image, rng: np.random.Generator, *, gain: int, fade: int, spread: int, grain: int, tint: Color = (1024, 1024, 1024)
) -> Image.Image:
    """Light a square image from the upper left, and add camera grain. A light of 1024 leaves the image unchanged.

    At the upper left the light is `gain`, moved by up to `spread`; it falls by `fade` to the right border and by 110 to the lower one.
    """
    size = image.width
    ramp = np.arange(size, dtype=np.int32)
    strength = gain - fade * ramp[None, :] // size - 110 * ramp[:, None] // size + int(rng.integers(-spread, spread + 1))
    pixels = np.asarray(image, np.int32) * strength[..., None] // 1024 * np.asarray(tint, np.int32) // 1024
    return speckle(pixels, rng, grain)


class Canvas:
    """A square RGB image of `size` pixels, or two of one scene; coordinates run from 0 to `span` (x to the right, y downwards).

    A shape has the colour `fill`, and in the second image (labels, a map, edges) the colour `second`; it is left out where that is None.
    """

    def __init__(self, size: int, ground: Color = (0, 0, 0), second_ground: Color = WHITE, *, span: float = 1.0) -> None:
        self.size, self.span = size, span
        self.image, self._second = (
            Image.new("RGB", (size * SUPERSAMPLING, size * SUPERSAMPLING), color) for color in (ground, second_ground)
        )
        self._pens = ImageDraw.Draw(self.image), ImageDraw.Draw(self._second)
        self.scale = 1.0  # length of 1 in local coordinates, in coordinates of the image
        self._unit = size * SUPERSAMPLING / span  # the same in supersampled pixels
        self._matrix, self._shift = (self._unit, 0.0, 0.0, self._unit), (0.0, 0.0)

    def at(self, x: float, y: float, sx: float = 1.0, sy: float | None = None) -> Self:
        """The same images in local coordinates: (u, v) of the returned canvas lies at (x + sx * u, y + sy * v) of this one.

        `sy` is `sx` where it is left out. Widths of lines and edges scale with it. A negative `sx` mirrors.
        """
        sy = sx if sy is None else sy
        (a, b, c, d), (e, f) = self._matrix, self._shift
        local = copy.copy(self)
        local._matrix, local._shift = (a * sx, b * sy, c * sx, d * sy), (a * x + b * y + e, c * x + d * y + f)
        local.scale, local._unit = self.scale * sy, self._unit * sy
        return local

    def posed(self, x: float, y: float, *, turn: float = 0.0, zoom: float = 1.0, squash: float = 1.0, move: Point = (0.0, 0.0)) -> Self:
        """The same images in coordinates squashed in y, turned by `turn` (the tangent of the angle), zoomed about (x, y) and moved.

        Widths of lines stay. Not for a canvas in local coordinates.
        """
        length = math.sqrt(1 + turn * turn)
        cosine, sine = zoom * self._unit / length, zoom * self._unit * turn / length
        left, top = (x + move[0]) * self._unit, (y + move[1]) * self._unit
        posed, a, b, c, d = copy.copy(self), cosine, -sine * squash, sine, cosine * squash
        posed._matrix, posed._shift = (a, b, c, d), (left - a * x - b * y, top - c * x - d * y)
        return posed

    def both_sides(self) -> tuple[Self, Self]:
        """This canvas mirrored about x = 0, and this canvas."""
        return self.at(0, 0, -1, 1), self

    def device(self, points: Iterable[Point]) -> list[tuple[int, int]]:
        """Where the points lie on the supersampled image, in whole pixels."""
        (a, b, c, d), (e, f) = self._matrix, self._shift
        return [(round(a * x + b * y + e), round(c * x + d * y + f)) for x, y in points]

    def _coloured(self, *colors: Color | None) -> Iterator[tuple[ImageDraw.ImageDraw, Color]]:
        return ((pen, color) for pen, color in zip(self._pens, colors, strict=True) if color is not None)

    def polygon(
        self, points: Sequence[Point], fill: Color | None, second: Color | None = None, *, edge: Color | None = None, width: float = 0.0
    ) -> None:
        """A filled polygon, in the first image with an outline of `edge` colour and `width` where asked."""
        spots = self.device(points)
        for pen, color in self._coloured(fill, second):
            pen.polygon(spots, fill=color)
        if edge is not None:
            self._pens[0].line([*spots, spots[0], spots[1]], fill=edge, width=self._stroke(width))

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, fill: Color | None, second: Color | None = None,
        *, turn: int = 0, edge: Color | None = None, width: float = 0.0,
    ) -> None:  # fmt: skip
        """The ellipse of `ring`, filled."""
        if turn == 0 and edge is None and self._matrix[1] == 0:  # upright: Pillow's own ellipse is several times as fast
            (x0, y0), (x1, y1) = self.device([(x - rx, y - ry), (x + rx, y + ry)])
            for pen, color in self._coloured(fill, second):
                pen.ellipse((min(x0, x1), y0, max(x0, x1), max(y0, y1)), fill=color)
            return
        few = max(rx, ry) * self._unit < 9  # 12 points round off a few pixels well enough
        self.polygon(ring(x, y, rx, ry, turn)[:: 3 if few else 1], fill, second, edge=edge, width=width)

    def discs(self, *discs: tuple[float, Color] | tuple[float, float, float, float, Color]) -> None:
        """Ellipses from the back to the front, each as (radius, colour) around (0, 0) or as (x, y, rx, ry, colour)."""
        for disc in discs:
            x, y, rx, ry, color = disc if len(disc) == 5 else (0, 0, disc[0], disc[0], disc[1])
            self.ellipse(x, y, rx, ry, color)

    def dots(self, places: Iterable[Point], rx: float, ry: float, fill: Color) -> None:
        """The same ellipse at each of the places."""
        for x, y in places:
            self.ellipse(x, y, rx, ry, fill)

    def line(self, points: Iterable[Point], fill: Color | None, width: float, second: Color | None = None) -> None:
        """A line through the points, never thinner than one supersampled pixel."""
        for pen, color in self._coloured(fill, second):
            pen.line(self.device(points), fill=color, width=self._stroke(width))

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: Color | None, second: Color | None = None) -> None:
        """A rectangle; where it is upright, its edges x1 and y1 are not included, and an empty one is left out."""
        if self._matrix[1] != 0:
            return self.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], fill, second)
        (left, top), (right, bottom) = self.device([(x0, y0), (x1, y1)])
        for pen, color in self._coloured(fill, second):
            if right > left and bottom > top:
                pen.rectangle((left, top, right - 1, bottom - 1), fill=color)

    def ramp(self, x0: float, y0: float, x1: float, y1: float, top: Color, bottom: Color, steps: int = 8) -> None:
        """A box whose colour goes from `top` to `bottom` in `steps` bands."""
        for i in range(steps):
            self.box(x0, y0 + (y1 - y0) * i / steps, x1, y0 + (y1 - y0) * (i + 1) / steps, mix(top, bottom, i / (steps - 1)))

    def sphere(self, x: float, y: float, rx: float, ry: float, color: Color, *, gloss: float) -> None:
        """A ball lit from the upper left: four discs from dark to light, and a highlight of strength `gloss`."""
        for gain, shrink in ((0.62, 1.0), (0.85, 0.88), (1.0, 0.7), (1.13, 0.42)):
            self.ellipse(x - rx * (1 - shrink) * 0.45, y - ry * (1 - shrink) * 0.45, rx * shrink, ry * shrink, light(color, gain))
        if gloss > 0:
            self.ellipse(x - rx * 0.36, y - ry * 0.4, rx * 0.2, ry * 0.16, mix(color, WHITE, gloss))

    def shadow(self, shapes: Iterable[Sequence[Point]], strength: float, blur: float) -> None:
        """Darkens what the first image shows so far under the soft `shapes`. `blur` is a radius, in the coordinates of the whole image."""
        mask = Image.new("L", (self.size, self.size), 0)  # a shadow is soft: a third of the resolution is enough and costs a ninth
        for shape in shapes:
            ImageDraw.Draw(mask).polygon(
                [(x // SUPERSAMPLING, y // SUPERSAMPLING) for x, y in self.device(shape)], fill=round(255 * strength)
            )
        for radius in (blur * self.size / self.span, blur * self.size / self.span / 2):
            mask = mask.filter(ImageFilter.BoxBlur(radius))
        self.image.paste((12, 10, 20), (0, 0), mask.resize(self.image.size, Image.Resampling.BILINEAR))

    def _stroke(self, width: float) -> int:
        return max(1, round(width * self._unit))

    def finish(self) -> Image.Image:
        """The first image at its own size, without grain."""
        return self.image.reduce(SUPERSAMPLING)

    def finish_pair(self, rng: np.random.Generator, *, grain: int, labels: bool = False, photo_first: bool = True) -> Image.Image:
        """Both images as one of (2 * size, size) pixels; the first one, the photo, gets camera grain of up to `grain` levels.

        With `labels` the second image keeps its exact colours, without smooth edges.
        """
        photo = speckle(np.asarray(self.finish(), np.int32), rng, grain)
        second = self._second.resize(photo.size, Image.Resampling.NEAREST) if labels else self._second.reduce(SUPERSAMPLING)
        halves = [np.asarray(half) for half in (photo, second)]
        return Image.fromarray(np.hstack(halves if photo_first else halves[::-1]))
