"""Where the parts of a house front are: the label map, before anything is painted.

A style decides both which parts a house has and what it is built of, so that the label map determines the colours: without this no
network could do better than the average colour.
"""

from dataclasses import dataclass, field
from itertools import product

import numpy as np

from pix2pix.synthetic.canvas import Color, between, pick


@dataclass(frozen=True)
class Style:
    """What a kind of house is built of, and which parts it has."""

    material: str  # "plaster", "brick" or "stone"
    walls: tuple[Color, ...]  # one for each number of upper floors: a rule that a network can learn from the label map
    trim: Color
    frame: Color
    roof: Color
    accent: Color  # shutters, awnings, door
    fewest_floors: int  # fewest upper floors; the most is this plus len(walls) - 1
    window: tuple[float, float]  # a window's width as a share of its bay, height as a share of its floor
    parts: frozenset[str]  # only tested for membership: the order of a set is not reproducible
    shops: float  # probability that the ground floor is a row of shops


TENEMENT = Style(
    "plaster", ((224, 172, 74), (232, 206, 142), (150, 176, 142)),
    trim=(246, 230, 190), frame=(246, 242, 232), roof=(158, 82, 58), accent=(92, 58, 40),
    fewest_floors=2, window=(0.5, 0.6), parts=frozenset({"cornice", "sill", "molding", "deco"}), shops=0.3,
)  # fmt: skip
WAREHOUSE = Style(
    "brick", ((164, 76, 56), (176, 98, 66), (142, 66, 58)),
    trim=(220, 200, 164), frame=(240, 238, 230), roof=(72, 74, 84), accent=(38, 62, 52),
    fewest_floors=3, window=(0.56, 0.6), parts=frozenset({"pillar", "sill"}), shops=0.7,
)  # fmt: skip
APARTMENTS = Style(
    "plaster", ((222, 220, 214), (198, 208, 214), (230, 202, 176)),
    trim=(196, 196, 192), frame=(62, 64, 70), roof=(112, 112, 116), accent=(54, 96, 132),
    fewest_floors=3, window=(0.56, 0.56), parts=frozenset({"balcony"}), shops=0.0,
)  # fmt: skip
PALACE = Style(
    "stone", ((176, 160, 128), (158, 156, 152)),
    trim=(214, 198, 172), frame=(92, 72, 54), roof=(86, 112, 104), accent=(112, 34, 36),
    fewest_floors=2, window=(0.46, 0.66), parts=frozenset({"cornice", "pillar", "molding", "balcony"}), shops=0.5,
)  # fmt: skip
COTTAGE = Style(
    "plaster", ((206, 130, 116), (222, 204, 160)),
    trim=(240, 228, 214), frame=(248, 246, 240), roof=(132, 66, 50), accent=(46, 92, 66),
    fewest_floors=2, window=(0.36, 0.54), parts=frozenset({"blind", "sill"}), shops=0.0,
)  # fmt: skip
STYLES = (TENEMENT, WAREHOUSE, APARTMENTS, PALACE, COTTAGE)


@dataclass(frozen=True)
class Part:
    """One rectangle of the label map, in pixels, x1 and y1 not included."""

    kind: str
    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def wide(self) -> int:
        """Its width in pixels."""
        return self.x1 - self.x0

    @property
    def high(self) -> int:
        """Its height in pixels."""
        return self.y1 - self.y0


@dataclass
class Layout:
    """A house for an image of `size` x `size` pixels: its style, and the parts in the order in which the label map draws them."""

    size: int
    style: Style
    extra: int  # floors beyond the fewest of the style
    parts: list[Part] = field(default_factory=list)  # the first one is the wall

    @property
    def wall(self) -> Part:
        """The whole front."""
        return self.parts[0]

    @property
    def wall_color(self) -> Color:
        """It follows from the number of floors."""
        return self.style.walls[self.extra]

    def add(self, kind: str, x0: float, y0: float, x1: float, y1: float) -> None:
        """Adds a part given in shares of the image; it is at least one pixel wide and high and lies inside the image."""
        left, top = (min(self.size - 1, max(0, round(v * self.size))) for v in (x0, y0))
        right, bottom = max(left + 1, min(self.size, round(x1 * self.size))), max(top + 1, min(self.size, round(y1 * self.size)))
        self.parts.append(Part(kind, left, top, right, bottom))


def lay_out(rng: np.random.Generator, size: int) -> Layout:
    """A random house for an image of `size` x `size` pixels."""
    style = pick(rng, STYLES)
    left, right = (pick(rng, (0.0, 0.0, 0.1, 0.16)) + between(rng, 0.0, 0.03) for _ in range(2))
    x0, x1, top, street = left, 1 - right, between(rng, 0.13, 0.24), 1 - between(rng, 0.04, 0.07)
    ground, eaves = street - between(rng, 0.17, 0.22), between(rng, 0.035, 0.06)
    house = Layout(size, style, extra=int(rng.integers(len(style.walls))))
    floors = style.fewest_floors + house.extra
    storey = (ground - top - eaves) / floors
    count = max(2, min(8, round((x1 - x0) / (max(storey, 0.15) * between(rng, 0.8, 1.0)))))
    width = (x1 - x0 - 0.04) / count
    bays = [x0 + 0.02 + (x1 - x0 - 0.04) * i / count for i in range(count)]

    house.add("facade", x0, top, x1, street)
    house.add("molding", x0, top, x1, top + eaves)
    if "molding" in style.parts:
        house.add("molding", x0, ground - 0.012, x1, ground + 0.02)
    # A strip of the next house shows when there is room: background, but its windows are labelled as in the published set.
    for middle in (middle for middle, room in ((x0 / 2, x0), ((x1 + 1) / 2, 1 - x1)) if room >= 0.09):
        step = (street - top - 0.16) / 4
        for y in (top + 0.14 + step * row for row in range(4)):
            house.add("window", middle - 0.024, y, middle + 0.024, y + min(0.09, step * 0.6))
    if rng.random() < 0.5:  # dormers
        for x in bays[1:-1:2]:
            house.add("window", x + width / 2 - 0.022, top - 0.075, x + width / 2 + 0.022, top - 0.02)
    pattern = int(rng.integers(3))
    for floor, (bay, x) in product(range(floors), enumerate(bays)):
        if style is PALACE:  # one long balcony in the middle of the first floor
            balcony = floor == floors - 1 and abs(2 * bay + 1 - count) <= 1
        else:
            balcony = "balcony" in style.parts and (True, bay % 2 == 0, 2 * bay < count)[pattern]
        _window(house, x, top + eaves + storey * floor, width, storey, floor, balcony=balcony)
    if "pillar" in style.parts:
        for x in [x0 + 0.02, *(bays[1:] if style is PALACE else bays[2:-1:2]), x1 - 0.02]:
            house.add("pillar", x - 0.014, top + eaves, x + 0.014, ground - (0.012 if style is PALACE else 0.0))
    _ground_floor(rng, house, bays, width, ground, street)
    return house


def _window(house: Layout, x: float, y: float, width: float, height: float, floor: int, *, balcony: bool) -> None:
    """A window of the bay that starts at x and the floor that starts at y, with what the style puts around it."""
    wide, tall = house.style.window
    half, middle, head = width * wide / 2, x + width / 2, y + height * (0.9 - tall) * 0.75
    foot = y + height * 0.92 if balcony else head + height * tall
    house.add("window", middle - half, head, middle + half, foot)
    for kind, *around in (
        ("blind", middle - half * 1.95, head, middle - half, foot),
        ("blind", middle + half, head, middle + half * 1.95, foot),
        ("cornice", middle - half * 1.3, head - height * 0.13, middle + half * 1.3, head),
        ("sill", middle - half * 1.25, foot, middle + half * 1.25, foot + max(0.012, height * 0.08)),
        ("deco", middle - half * 0.8, y - height * 0.02, middle + half * 0.8, y + height * 0.07),
    ):
        if kind in house.style.parts and (kind != "deco" or floor % 2 == 1):
            house.add(kind, *around)
    if balcony:
        house.add("balcony", middle - width * 0.46, y + height * 0.6, middle + width * 0.46, y + height * 0.98)


def _ground_floor(rng: np.random.Generator, house: Layout, bays: list[float], width: float, ground: float, street: float) -> None:
    shops, entrance, height = rng.random() < house.style.shops, int(rng.integers(len(bays))), street - ground
    for bay, x in enumerate(bays):
        middle, half = x + width / 2, min(width * 0.32, 0.055)
        if bay == entrance:
            house.add("door", middle - half, ground + height * 0.22, middle + half, street)
            house.add("deco", middle - half * 1.3, ground + height * 0.1, middle + half * 1.3, ground + height * 0.22)
        elif shops:
            house.add("shop", x + width * 0.06, ground + height * 0.12, x + width * 0.94, street)
        else:
            house.add("window", x + width * 0.26, ground + height * 0.25, x + width * 0.74, ground + height * 0.72)
