"""A set of images as the distances see it: the features of each image are computed once and serve all of them."""

import torch
from torch import Tensor

from pix2pix.metrics.frechet import GaussianStatistics

KEPT = 5000  # feature vectors kept of a set for the distances between single vectors, which cost the square of their number


class FeatureSet:
    """Features of a stream of images in bounded memory: their Gaussian statistics, and at most KEPT of the vectors themselves."""

    def __init__(self, dims: int, expected: int) -> None:
        """expected: how many images will come; past KEPT of them, the vectors kept are spread evenly over the stream."""
        self.statistics = GaussianStatistics(dims)
        self._expected = expected
        self._kept: list[Tensor] = []

    def add(self, features: Tensor) -> None:
        """The next (n, dims) vectors of the stream."""
        first = self.statistics.count
        self.statistics.update(features)
        wanted = [i for i in range(len(features)) if self._is_kept(first + i)]
        self._kept.append(features[wanted].detach().cpu())

    @property
    def vectors(self) -> Tensor:
        """(n, dims), in the order of the stream; n <= KEPT where no more than `expected` images came."""
        return torch.cat(self._kept)

    def _is_kept(self, place: int) -> bool:
        if self._expected <= KEPT:
            return True
        return place * KEPT // self._expected != (place - 1) * KEPT // self._expected
