"""Compare the outputs of an exported file with those of the model."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from pix2pix.data.palettes import Palette
from pix2pix.inference.backends import Backend
from pix2pix.inference.pipeline import NO_NOISE, ImageToImage

Pixels = NDArray[np.uint8]

SEEDS = (1, 2)


@dataclass(frozen=True)
class Difference:
    """Absolute difference between two sets of 8-bit images, in levels of 255: the maximum and the mean over all values."""

    worst: int
    mean: float

    def __str__(self) -> str:
        return f"at most {self.worst} of 255 levels apart on the images tried, {self.mean:.3f} on average"


def difference(pipeline: ImageToImage, backend: Backend) -> Difference:
    """Difference of the outputs for synthetic images of two sizes, with two seeds each, and if the model has noise also without it."""
    gaps, about = [], pipeline.description
    size = about.size
    for height, width in ((size, size), (size + size // 2 - 3, 2 * size - 5)):
        image = drawn(height, width, about.palette)
        for seed in (NO_NOISE, *SEEDS) if about.noise else SEEDS:
            with torch.inference_mode():
                expected = pipeline(torch.from_numpy(image), torch.tensor([seed])).numpy()
            gaps.append(np.abs(backend(image, seed).astype(np.int16) - expected).ravel())
    found = np.concatenate(gaps)
    return Difference(int(found.max()), round(float(found.mean()), 6))


def drawn(height: int, width: int, palette: Palette) -> Pixels:
    """A synthetic image, (1, height, width, 3) uint8 RGB: rectangles in palette colours, or in random ones on a grey gradient."""
    draw = np.random.default_rng(0)
    colours = np.array(list(palette.values()) or draw.integers(0, 256, (12, 3)), dtype=np.uint8)
    image = np.empty((1, height, width, 3), dtype=np.uint8)
    image[:] = colours[0] if palette else np.linspace(0, 255, width).astype(np.uint8)[None, None, :, None]
    for number in range(24):
        top, left = int(draw.integers(0, height)), int(draw.integers(0, width))
        image[0, top : top + height // 4 + 1, left : left + width // 4 + 1] = colours[number % len(colours)]
    return image
