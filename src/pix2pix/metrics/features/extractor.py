"""What the distances between sets of images ask of a feature network."""

from typing import Protocol

from torch import Tensor


class FeatureExtractor(Protocol):
    """A frozen network that describes an image by a vector."""

    @property
    def name(self) -> str:
        """Goes into the metric's name: `fd_<name>`, `kid_<name>`."""

    @property
    def resize(self) -> str:
        """The resize in front of the network, in words: it is part of the metric and belongs beside its figures."""

    @property
    def dims(self) -> int:
        """Length of the vector."""

    def __call__(self, images: Tensor) -> Tensor:
        """NCHW float RGB in [0, 1], any size -> (N, dims) floating point on the CPU; resizes and normalises as its network wants."""
