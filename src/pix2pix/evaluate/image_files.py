"""Image files as tensors."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pix2pix.data.bad_image import BadImage
from pix2pix.data.images import decode
from pix2pix.errors import UserError


class ImageFiles:
    """Image files, read on access: `images[i]` is (3, H, W) float32 RGB in [0, 1]."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> Tensor:
        """Read one image. Raises UserError if the file is missing or is not an image."""
        pixels = np.asarray(open_rgb(self._files[index]))
        return torch.from_numpy(pixels.copy()).permute(2, 0, 1) / 255


def open_rgb(file: Path) -> Image.Image:
    """Read an image of any mode as RGB, rotated by its EXIF orientation. Raises UserError if the file is missing or is not an image."""
    try:
        return decode(file.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{file} is missing: run the stage that writes it again") from None
    except BadImage as reason:
        raise UserError(f"{file} cannot be used as an image ({reason}): replace or remove it") from None
