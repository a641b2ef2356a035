"""Picture files as tensors, a batch at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pix2pix.data.images import BadImage, decode
from pix2pix.errors import UserError


class PictureFiles:
    """Files in batches, (n, 3, H, W) float32 RGB in [0, 1], in their order; can be gone through again and again.

    A batch ends where the size changes, so that pictures of several sizes need no resizing.
    """

    def __init__(self, files: Sequence[Path], batch_size: int) -> None:
        self._files, self._batch_size = files, batch_size

    def __len__(self) -> int:
        return len(self._files)

    def __iter__(self) -> Iterator[Tensor]:
        batch: list[Tensor] = []
        for file in self._files:
            picture = read_picture(file)
            if batch and (len(batch) == self._batch_size or picture.shape != batch[0].shape):
                yield torch.stack(batch)
                batch = []
            batch.append(picture)
        if batch:
            yield torch.stack(batch)


def read_picture(file: Path) -> Tensor:
    """(3, H, W) float32 RGB in [0, 1], whatever the mode of the file. Raises UserError for a file that is no picture."""
    return torch.from_numpy(np.asarray(open_rgb(file)).copy()).permute(2, 0, 1) / 255


def open_rgb(file: Path) -> Image.Image:
    """The picture as RGB, upright. Raises UserError for a file that is none."""
    try:
        return decode(file.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{file} is missing: run the stage that writes it again") from None
    except BadImage as reason:
        raise UserError(f"{file} cannot be used as a picture ({reason}): replace it or take it away") from None
