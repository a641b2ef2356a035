"""Palettes of label maps, class -> RGB: recognise images in one, and snap pixels to it."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

Palette = Mapping[str, tuple[int, int, int]]
Pixels = NDArray[np.uint8]

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
PALETTES = {"facades": FACADES}

NEAR = 60  # largest difference of a channel, in levels: 89 % of the pixels of the published JPEG label maps are this near to a colour
_FEWEST_NEAR = 0.5
_SAME = 12  # levels between a palette colour and the median of the pixels near it: label maps of other bright colours are further off
_LEAST_SHARE, _FEWEST_COLOURS = 0.01, 3  # a colour counts from this share of the pixels on; fewer colours are no label maps
_ROWS = 64  # rows at once: bounds the memory of the distances to all colours


def palette_of(images: Iterable[Pixels]) -> Palette:
    """The known palette in which all images, (H, W, 3) uint8 RGB each, are label maps; empty if there is none."""
    seen = list(images)
    return next((palette for palette in PALETTES.values() if _are_label_maps(seen, palette)), {})


def _are_label_maps(images: list[Pixels], palette: Palette) -> bool:
    """Whether each image is a label map, and the colours themselves, found by the medians, are those of the palette."""
    if not images or not all(is_label_map(image, palette) for image in images):
        return False
    pixels = np.concatenate([image.reshape(-1, 3) for image in images])
    worst = np.concatenate([_worst(image, palette).reshape(-1, len(palette)) for image in images])
    nearest, near = worst.argmin(axis=1), worst.min(axis=1) <= NEAR
    of_colour = [(colour, pixels[near & (nearest == place)]) for place, colour in enumerate(palette.values())]
    used = [(colour, found) for colour, found in of_colour if len(found) >= _LEAST_SHARE * len(pixels)]
    same = [np.abs(np.median(found, axis=0) - colour).max() <= _SAME for colour, found in used]
    return len(used) >= _FEWEST_COLOURS and all(same)


def snapped(image: Pixels, palette: Palette) -> Pixels:
    """Replace each pixel of (H, W, 3) uint8 RGB by the nearest palette colour, by Euclidean distance in RGB; ties: the first."""
    colours = np.array(list(palette.values()), dtype=np.int32)
    out = np.empty_like(image)
    for rows in _strips(image):
        distances = ((image[rows][:, :, None].astype(np.int32) - colours) ** 2).sum(axis=3)
        out[rows] = colours[distances.argmin(axis=2)]
    return out


def share_near(image: Pixels, palette: Palette) -> float:
    """Fraction of the pixels of (H, W, 3) uint8 RGB that differ from a palette colour by at most `NEAR` levels in each channel."""
    near = sum(int((_worst(image[rows], palette).min(axis=2) <= NEAR).sum()) for rows in _strips(image))
    return near / (image.shape[0] * image.shape[1])


def is_label_map(image: Pixels, palette: Palette) -> bool:
    """Whether an image is a label map in the palette: at least half of its pixels are near, which allows for JPEG noise and soft edges."""
    return share_near(image, palette) >= _FEWEST_NEAR


def _worst(image: Pixels, palette: Palette) -> NDArray[np.int16]:
    """(H, W, 3) uint8 RGB -> (H, W, colours), the largest difference of a channel to each palette colour."""
    colours = np.array(list(palette.values()), dtype=np.int16)
    worst: NDArray[np.int16] = np.abs(image[:, :, None].astype(np.int16) - colours).max(axis=3)
    return worst


def _strips(image: Pixels) -> list[slice]:
    return [slice(top, top + _ROWS) for top in range(0, image.shape[0], _ROWS)]
