"""Label maps: painted in known colours, each of which stands for a class."""

import numpy as np
from numpy.typing import NDArray

from pix2pix.data.palettes import FACADES, Palette

Pixels = NDArray[np.uint8]

NEAR = 60  # levels of the worst channel: 89 % of the pixels in the published JPEG label maps are that near to a colour of theirs
_FEWEST_NEAR = 0.5
_ROWS = 64  # at once, so that a large image's distances to all colours need little memory


def palette_of(dataset: str, direction: str) -> Palette:
    """Colours of what the model's inputs are painted in, empty where they are no label maps of known colours."""
    return FACADES if (dataset, direction) == ("facades", "BtoA") else {}


def snapped(image: Pixels, palette: Palette) -> Pixels:
    """(H, W, 3) uint8 RGB with each pixel painted in the nearest colour, by Euclidean distance in RGB; the first of equals."""
    colours = np.array(list(palette.values()), dtype=np.int32)
    out = np.empty_like(image)
    for rows in _strips(image):
        distances = ((image[rows][:, :, None].astype(np.int32) - colours) ** 2).sum(axis=3)
        out[rows] = colours[distances.argmin(axis=2)]
    return out


def share_near(image: Pixels, palette: Palette) -> float:
    """Share of the pixels of (H, W, 3) uint8 RGB that are within `NEAR` levels, in each channel, of a colour."""
    colours = np.array(list(palette.values()), dtype=np.int32)
    near = 0
    for rows in _strips(image):
        worst = np.abs(image[rows][:, :, None].astype(np.int32) - colours).max(axis=3)
        near += int((worst.min(axis=2) <= NEAR).sum())
    return near / (image.shape[0] * image.shape[1])


def is_label_map(image: Pixels, palette: Palette) -> bool:
    """Whether an image is painted in these colours, JPEG noise and soft edges allowed for."""
    return share_near(image, palette) >= _FEWEST_NEAR


def _strips(image: Pixels) -> list[slice]:
    return [slice(top, top + _ROWS) for top in range(0, image.shape[0], _ROWS)]
