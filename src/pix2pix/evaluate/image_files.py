"""Picture files as tensors."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pix2pix.data.images import BadImage, decode
from pix2pix.errors import UserError


class PictureFiles:
    """Files in their order, read when they are asked for: `pictures[i]` is (3, H, W) float32 RGB in [0, 1]."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, place: int) -> Tensor:
        """Raises UserError for a file that is missing or no picture."""
        picture = np.asarray(open_rgb(self._files[place]))
        return torch.from_numpy(picture.copy()).permute(2, 0, 1) / 255


def open_rgb(file: Path) -> Image.Image:
    """The picture as RGB, upright, whatever the mode of the file. Raises UserError for a file that is missing or no picture."""
    try:
        return decode(file.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{file} is missing: run the stage that writes it again") from None
    except BadImage as reason:
        raise UserError(f"{file} cannot be used as a picture ({reason}): replace it or take it away") from None
