"""Interface of a feature network for the distances between sets of images."""

from typing import Protocol

from torch import Tensor


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
