"""Features of a set of images, computed once and shared by all distances between sets: their mean and covariance, and some of them."""

import math

import torch
from torch import Tensor


class GaussianStatistics:
    """Mean and covariance of a stream of feature vectors, in float64 on the CPU, in bounded memory.

    Stores a factor F with F^T F = covariance instead of the product: a product squares the condition number, and the covariance is singular
    in the usual case of fewer images than dimensions. The order of the vectors, and how they are split into updates, change the
    result only by rounding.
    """

    def __init__(self, dims: int) -> None:
        self.dims = dims
        self._rows: list[Tensor] = []  # vectors not yet in the sums below, (n, dims) each; fewer than 2 * dims in all
        self._waiting = 0  # number of vectors in _rows
        self._folded = 0  # number of vectors in the sums below
        self._mean = torch.zeros(dims, dtype=torch.float64)
        self._root = torch.zeros(0, dims, dtype=torch.float64)  # root^T root = sum of (x - mean)(x - mean)^T

    @property
    def count(self) -> int:
        """Number of vectors added."""
        return self._folded + self._waiting

    @property
    def mean(self) -> Tensor:
        """(dims,) float64. Raises ValueError if there are no vectors."""
        if self.count == 0:
            raise ValueError("no feature vectors yet: there is no mean")
        return self._fold()[0]

    def factor(self) -> Tensor:
        """(r, dims) float64 matrix F with F^T F = covariance; r <= dims + 1. Raises ValueError for fewer than two vectors."""
        if self.count < 2:
            raise ValueError(f"a covariance needs at least 2 feature vectors, got {self.count}: use more images")
        return self._fold()[1] / math.sqrt(self.count - 1)

    def update(self, features: Tensor) -> None:
        """Add (n, dims) floating-point vectors on any device. Raises ValueError for another shape or values that are not finite."""
        if features.ndim != 2 or features.shape[1] != self.dims:
            raise ValueError(f"expected features of shape (n, {self.dims}), got {tuple(features.shape)}")
        rows = features.detach().to("cpu", torch.float64, copy=True)
        if not rows.isfinite().all():
            raise ValueError("features hold values that are not finite: an image or the feature network is broken")
        for part in torch.split(rows, self.dims):
            self._rows.append(part)
            self._waiting += len(part)
            if self._waiting > self.dims:
                self._fold()

    def _fold(self) -> tuple[Tensor, Tensor]:
        """(mean, root) of all vectors, kept from now on instead of `_rows`."""
        (self._mean, self._root), self._folded = self._sums(), self.count
        self._rows, self._waiting = [], 0
        return self._mean, self._root

    def _sums(self) -> tuple[Tensor, Tensor]:
        """(mean, root) of all vectors: combines the sums with `_rows` as in Chan, Golub, LeVeque 1979."""
        if not self._waiting:
            return self._mean, self._root
        rows = torch.cat(self._rows)
        mean = rows.mean(0)
        if not self._folded:
            return mean, _compressed(rows - mean)
        gap = mean - self._mean
        bridge = gap[None] * math.sqrt(self._folded * self._waiting / self.count)
        return self._mean + gap * (self._waiting / self.count), _compressed(self._root, rows - mean, bridge)


def _compressed(*rows: Tensor) -> Tensor:
    """Matrix R of at most dims + 1 rows with R^T R = S^T S, S being all given (n, dims) rows stacked."""
    stacked = torch.cat(rows)
    return torch.linalg.qr(stacked, mode="r").R if len(stacked) > stacked.shape[1] + 1 else stacked


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
