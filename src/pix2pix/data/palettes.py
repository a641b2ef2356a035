"""Palettes of label maps: class -> RGB."""

from collections.abc import Mapping

Palette = Mapping[str, tuple[int, int, int]]

# The twelve classes of the CMP facades in the colours of the published pix2pix set (entries 6, 11, ... 61 of MATLAB's jet(64)).
FACADES: Palette = {
    "background": (0, 0, 223),
    "facade": (0, 48, 255),
    "window": (0, 128, 255),
    "door": (0, 207, 255),
    "cornice": (32, 255, 223),
    "sill": (112, 255, 143),
    "balcony": (191, 255, 64),
    "blind": (255, 239, 0),
    "deco": (255, 159, 0),
    "molding": (255, 80, 0),
    "pillar": (255, 0, 0),
    "shop": (175, 0, 0),
}
