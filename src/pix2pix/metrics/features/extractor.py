"""What the distances between sets of images ask of a feature network."""

from collections.abc import Iterable, Iterator
from typing import Protocol

import torch
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


def extract(images: Iterable[Tensor], extractor: FeatureExtractor, batch_size: int = 8) -> Iterator[Tensor]:
    """Features of a stream of images, a batch at a time, so that neither all images nor all features need to be in memory.

    images: CHW float RGB in [0, 1]; sizes may differ (a batch ends where the size changes).
    Yields (n, dims) features with n <= batch_size, in the order of the images.
    """
    batch: list[Tensor] = []
    for image in images:
        if batch and (len(batch) == batch_size or image.shape != batch[0].shape):
            yield extractor(torch.stack(batch))
            batch = []
        batch.append(image)
    if batch:
        yield extractor(torch.stack(batch))
