"""Features of a set of images, computed once and shared by all distances between sets."""

import torch
from torch import Tensor

from pix2pix.metrics.gaussian_statistics import GaussianStatistics

MOST_VECTORS = 5000  # vectors kept of a set: KID, precision and recall cost the square of their number


class FeatureSet:
    """Features of a stream of images in bounded memory: Gaussian statistics of all vectors, and at most MOST_VECTORS of the vectors."""

    def __init__(self, dims: int, expected: int) -> None:
        """dims: length of a vector. expected: number of images; if above MOST_VECTORS, the kept ones are spread evenly over the stream."""
        self.statistics = GaussianStatistics(dims)
        self._expected = expected
        self._kept: list[Tensor] = []

    def add(self, features: Tensor) -> None:
        """Add the next vectors of the stream, (n, dims)."""
        first = self.statistics.count
        self.statistics.update(features)
        wanted = [i for i in range(len(features)) if self._is_kept(first + i)]
        self._kept.append(features[wanted].detach().cpu())

    @property
    def vectors(self) -> Tensor:
        """The kept vectors, (n, dims), in the order of the stream; n <= MOST_VECTORS if at most `expected` images were added."""
        return torch.cat(self._kept)

    def _is_kept(self, place: int) -> bool:
        if self._expected <= MOST_VECTORS:
            return True
        return place * MOST_VECTORS // self._expected != (place - 1) * MOST_VECTORS // self._expected
