"""At what size a model sees a picture, and how its answer comes back to the picture's own."""

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from pix2pix.data.lab import lab_to_rgb, rgb_to_lab

Pixels = NDArray[np.uint8]

_ROWS = 256  # at once, so that a large picture's Lab needs little memory


def working_size(height: int, width: int, shorter: int | None) -> tuple[int, int]:
    """Height and width at which the shorter side has `shorter` pixels, in the picture's own proportions; None leaves them as they are."""
    if shorter is None:
        return height, width
    least = min(height, width)
    return max(1, round(height * shorter / least)), max(1, round(width * shorter / least))


def scaled(image: Pixels, size: tuple[int, int]) -> Pixels:
    """(H, W, 3) uint8 -> (*size, 3) uint8, bicubic as prepared pictures are; the same array where nothing is to be done."""
    if image.shape[:2] == size:
        return image
    return np.asarray(Image.fromarray(image).resize((size[1], size[0]), Image.Resampling.BICUBIC))


def coloured(image: Pixels, output: Pixels) -> Pixels:
    """The lightness of `image` with the colours of `output`, both (H, W, 3) uint8 RGB: a colouring at a smaller size loses no detail."""
    strips = [slice(top, top + _ROWS) for top in range(0, image.shape[0], _ROWS)]
    return np.concatenate([_coloured(image[rows], output[rows]) for rows in strips])


def _coloured(image: Pixels, output: Pixels) -> Pixels:
    own, drawn = (rgb_to_lab(torch.from_numpy(np.array(part)).permute(2, 0, 1)[None].float() / 255) for part in (image, output))
    rgb = lab_to_rgb(torch.cat([own[:, :1], drawn[:, 1:]], dim=1))
    return (rgb[0].permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
