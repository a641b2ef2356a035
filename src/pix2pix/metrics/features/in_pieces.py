"""A feature network on the CPU: a few images at a time go through all of it."""

from collections.abc import Callable

import torch
from torch import Tensor

PIECE = 4  # images whose largest layer in float32 stays under the 32 MiB above which glibc asks the system for fresh memory every time


def in_pieces(network: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """network(images), where the network treats every image by itself: (N, C, H, W) -> (N, dims).

    With all of a batch at once the processor waits for memory, most of it new and to be mapped first; a piece stays in its cache.
    A GPU takes the batch as it is.
    """
    if images.device.type != "cpu":
        return network(images)
    return torch.cat([network(piece) for piece in images.split(max(1, PIECE * 4 // images.element_size()))])
