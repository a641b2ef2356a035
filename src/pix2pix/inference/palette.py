"""Label maps with known colours, one for each class: detect them, and snap pixels to the palette."""

import numpy as np
from numpy.typing import NDArray

from pix2pix.data.palettes import FACADES, Palette

Pixels = NDArray[np.uint8]

NEAR = 60  # largest difference of a channel, in levels: 89 % of the pixels of the published JPEG label maps are this near to a colour
_FEWEST_NEAR = 0.5
_ROWS = 64  # rows at once: bounds the memory of the distances to all colours


def palette_of(dataset: str, direction: str) -> Palette:
    """Palette of the label maps that are the model's inputs; empty if inputs are not label maps of a known palette."""
    return FACADES if (dataset, direction) == ("facades", "BtoA") else {}


def snapped(image: Pixels, palette: Palette) -> Pixels:
    """Replace each pixel of (H, W, 3) uint8 RGB by the nearest palette colour, by Euclidean distance in RGB; ties: the first."""
    colours = np.array(list(palette.values()), dtype=np.int32)
    out = np.empty_like(image)
    for rows in _strips(image):
        distances = ((image[rows][:, :, None].astype(np.int32) - colours) ** 2).sum(axis=3)
        out[rows] = colours[distances.argmin(axis=2)]
    return out


def is_label_map(image: Pixels, palette: Palette) -> bool:
    """Whether at least half of the pixels of (H, W, 3) uint8 RGB differ from a palette colour by at most `NEAR` levels in each channel.

    This allows for JPEG noise and soft edges.
    """
    colours = np.array(list(palette.values()), dtype=np.int32)
    near = 0
    for rows in _strips(image):
        worst = np.abs(image[rows][:, :, None].astype(np.int32) - colours).max(axis=3)
        near += int((worst.min(axis=2) <= NEAR).sum())
    return near >= _FEWEST_NEAR * image.shape[0] * image.shape[1]


def _strips(image: Pixels) -> list[slice]:
    return [slice(top, top + _ROWS) for top in range(0, image.shape[0], _ROWS)]
