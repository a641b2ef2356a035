"""Images that several passes read, decoded once where memory allows."""

import torch
from torch import Tensor

from pix2pix.metrics.metric import Images

MOST = 1 << 29  # bytes: 2,700 images of 256 x 256 pixels


class KeptImages:
    """The same images, of 8 bits a colour, kept in memory until `MOST` bytes are; the others are read on each access."""

    def __init__(self, images: Images) -> None:
        self._images = images
        self._kept: dict[int, Tensor] = {}
        self._left = MOST

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> Tensor:
        """(3, H, W) float32 RGB in [0, 1], equal to the image of `images`."""
        if index in self._kept:
            return self._kept[index] / 255
        image = self._images[index]
        if image.numel() <= self._left:
            self._left -= image.numel()
            self._kept[index] = (image * 255).round().to(torch.uint8)
        return image
