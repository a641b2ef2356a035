"""Run a feature network on the CPU on a few images at a time."""

from collections.abc import Callable

import torch
from torch import Tensor

PIECE = 4  # float32 images whose largest layer is below 32 MiB, above which glibc's malloc maps new memory on every call


def in_pieces(network: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """network(images), (N, C, H, W) -> (N, dims), for a network that treats each image by itself.

    On the CPU a piece stays in the cache, while a whole batch waits for memory, much of it newly mapped. On a GPU the batch is not split.
    """
    if images.device.type != "cpu":
        return network(images)
    return torch.cat([network(piece) for piece in images.split(max(1, PIECE * 4 // images.element_size()))])
