"""Images to measure: predictions and targets from files, and training targets as baselines."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from pix2pix.data.bad_image import BadImage
from pix2pix.data.dataset import ImageDataset
from pix2pix.data.images import decode
from pix2pix.errors import UserError


class ImageFiles:
    """Image files, read on access: `images[i]` is (3, H, W) float32 RGB in [0, 1]."""

    def __init__(self, files: Sequence[Path], memory: int = 0) -> None:
        """memory: bytes in which pixels are kept after the first access, for images that are read several times."""
        self._files, self._memory = files, memory
        self._kept: dict[int, Tensor] = {}  # (3, H, W) uint8

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> Tensor:
        """Read one image. Raises UserError if the file is missing or is not an image."""
        pixels = self._kept.get(index)
        if pixels is None:
            # contiguous while a value is a byte: six times as fast as afterwards
            pixels = torch.from_numpy(np.array(open_rgb(self._files[index]))).permute(2, 0, 1).contiguous()
            if pixels.nbytes <= self._memory:  # threads that ask at one moment may keep an image too many
                self._kept[index], self._memory = pixels, self._memory - pixels.nbytes
        return pixels / 255


def open_rgb(file: Path) -> Image.Image:
    """Read an image of any mode as RGB, rotated by its EXIF orientation. Raises UserError if the file is missing or is not an image."""
    try:
        return decode(file.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{file} is missing: run the stage that writes it again") from None
    except BadImage as reason:
        raise UserError(f"{file} cannot be used as an image ({reason}): replace or remove it") from None


_CHUNK = 8  # images in memory at once; small blocks are fast to allocate and free


class ReferenceImages:
    """Up to `count` training targets, evenly spaced over the training set, indexed like `ImageFiles`.

    An item is (3, H, W) float32 RGB in [0, 1].
    """

    def __init__(self, train: ImageDataset, count: int, size: tuple[int, int]) -> None:
        """size: (height, width) in pixels to resize to; that of the targets they are compared with."""
        count = min(count, len(train))
        self._train, self._size = train, size
        self._chosen = [i * len(train) // count for i in range(count)]

    def __len__(self) -> int:
        return len(self._chosen)

    def __getitem__(self, index: int) -> Tensor:
        return _read(self._train, [self._chosen[index]], self._size)[0] / 255


def mean_training_image(train: ImageDataset, size: tuple[int, int]) -> Tensor:
    """Mean of all training targets, (3, H, W) float32 RGB in [0, 1], rounded to 8 bits like every output. size: (H, W)."""
    total = torch.zeros(3, *size, dtype=torch.int64)
    for start in range(0, len(train), _CHUNK):
        total += _read(train, range(start, min(start + _CHUNK, len(train))), size).sum(dim=0)
    return (total.double() / len(train)).round().float() / 255


def _read(train: ImageDataset, indices: Sequence[int], size: tuple[int, int]) -> Tensor:
    """Training targets, (n, 3, *size) uint8 RGB."""
    real_a, real_b = train.planes.split(train.read(indices))
    rgb = train.planes.output_rgb(real_a, real_b).permute(0, 3, 1, 2)
    return rgb if rgb.shape[2:] == size else F.interpolate(rgb, size, mode="bilinear", antialias=True)
