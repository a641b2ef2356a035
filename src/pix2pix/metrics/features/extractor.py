"""Interface of a feature network for the distances between sets of images, and how one runs on a batch."""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

_PIECE = 4  # images whose largest layer is below 32 MiB, above which glibc's malloc maps new memory on every call


class FeatureExtractor(Protocol):
    """A frozen network that computes a feature vector for each image."""

    @property
    def name(self) -> str:
        """Name in the keys of metrics: `fd_<name>`, `kid_<name>`."""

    @property
    def resize(self) -> str:
        """The resize before the network, in words. It is part of the metric, and is reported with its values."""

    @property
    def dims(self) -> int:
        """Length of the vector."""

    def __call__(self, images: Tensor) -> Tensor:
        """NCHW float RGB in [0, 1], any size -> (N, dims) floating point on the CPU. Resizes and normalises for the network."""


def in_pieces(network: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """network(images), (N, C, H, W) float32 -> (N, dims), for a network that treats each image by itself.

    On the CPU a piece stays in the cache, while a whole batch waits for memory, much of it newly mapped. On a GPU the batch is not split.
    """
    if images.device.type != "cpu":
        return network(images)
    return torch.cat([network(piece) for piece in images.split(_PIECE)])
