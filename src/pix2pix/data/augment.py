"""Random jitter (Isola et al. 2017, section 6.2): a random crop and a random flip, the same for input and target."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class EpochPlan:
    """The order, crops and flips of one epoch. They depend only on (seed, epoch), so that training can resume at any step.

    `order`, `top`, `left`: (images,) int64; `flip`: (images,) bool.
    """

    order: Tensor
    top: Tensor
    left: Tensor
    flip: Tensor

    @classmethod
    def draw(cls, images: int, *, margin: int, flip: bool, seed: int, epoch: int) -> "EpochPlan":
        """Draw a random order, crop offsets uniform in 0..margin pixels and, if `flip`, flips with probability 1/2.

        margin: load_size - crop_size."""
        draw = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
        order = torch.randperm(images, generator=draw)
        offsets = torch.randint(0, margin + 1, (2, images), generator=draw)
        mirrored = torch.rand(images, generator=draw) < (0.5 if flip else 0.0)
        return cls(order, offsets[0], offsets[1], mirrored)

    def to(self, device: torch.device) -> "EpochPlan":
        """The plan with crops and flips on `device`; the order stays on the CPU, where images are read."""
        return EpochPlan(self.order, self.top.to(device), self.left.to(device), self.flip.to(device))


def crop_and_flip(images: Tensor, top: Tensor, left: Tensor, flip: Tensor, size: int) -> Tensor:
    """Crop each image at its (top, left) and mirror it left to right if its `flip` is set.

    images: (N, C, H, W) of any dtype. top, left: (N,) int64. flip: (N,) bool. Returns (N, C, size, size).
    Uses tensor indexing only, so that it can run inside a captured CUDA graph.
    """
    along = torch.arange(size, device=images.device)
    rows = (top[:, None] + along)[:, :, None]
    columns = (left[:, None] + torch.where(flip[:, None], size - 1 - along, along))[:, None, :]
    which = torch.arange(len(images), device=images.device)[:, None, None]
    # advanced indexing moves the sliced channels last: (N, size, size, C), which permuted is channels_last
    return images[which, :, rows, columns].permute(0, 3, 1, 2)
