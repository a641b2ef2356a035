"""The random jitter of pix2pix (Isola et al., 2017): a crop of the enlarged image, and a mirror; the same for input and target."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class EpochPlan:
    """The order, crops and flips of one epoch, from (seed, epoch) alone, so that training can resume at any step.

    `order`, `top`, `left`: (images,) int64; `flip`: (images,) bool.
    """

    order: Tensor
    top: Tensor
    left: Tensor
    flip: Tensor

    @classmethod
    def draw(cls, images: int, *, margin: int, flip: bool, seed: int, epoch: int) -> "EpochPlan":
        """Shuffled images with crop offsets uniform in 0..margin pixels and, if `flip`, mirrors of probability 1/2."""
        draw = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
        order = torch.randperm(images, generator=draw)
        offsets = torch.randint(0, margin + 1, (2, images), generator=draw)
        mirrored = torch.rand(images, generator=draw) < (0.5 if flip else 0.0)
        return cls(order, offsets[0], offsets[1], mirrored)

    def to(self, device: torch.device) -> "EpochPlan":
        """The plan with crops and mirrors on `device`; the order stays where images are looked up."""
        return EpochPlan(self.order, self.top.to(device), self.left.to(device), self.flip.to(device))


def crop_and_flip(images: Tensor, top: Tensor, left: Tensor, flip: Tensor, size: int) -> Tensor:
    """(N, C, H, W) of any type -> (N, C, size, size): window at (top, left), each (N,), mirrored where flip.

    By index arithmetic alone, so that it runs inside a captured CUDA graph.
    """
    along = torch.arange(size, device=images.device)
    rows = (top[:, None] + along)[:, :, None]
    columns = (left[:, None] + torch.where(flip[:, None], size - 1 - along, along))[:, None, :]
    which = torch.arange(len(images), device=images.device)[:, None, None]
    # a slice between indices comes out last: (N, size, size, C), which is channels_last's own order
    return images[which, :, rows, columns].permute(0, 3, 1, 2)
