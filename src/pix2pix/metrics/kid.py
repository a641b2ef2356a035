"""Kernel distance ("KID": Binkowski et al. 2018): unbiased squared maximum mean discrepancy with a cubic kernel.

Unlike the Frechet distance it is unbiased: with few images it has more variance but is not systematically too large, and may be negative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from pix2pix.metrics.bootstrap import Interval, bootstrap_weights, percentiles

if TYPE_CHECKING:
    from pix2pix.metrics.feature_set import FeatureSet

BLOCK = 1024  # rows of the kernel matrix in memory at once
RESAMPLES = 1000


def kid(fake: Tensor, real: Tensor) -> float:
    """Mean of k over pairs within fake + mean within real - 2 * mean across, with k(x, y) = (x.y / dims + 1)^3.

    fake: (n, dims), real: (m, dims), features of any floating-point dtype. Unbiased; near 0 for equal distributions, lower is better.
    Raises ValueError if the dimensions differ or a side has fewer than two vectors.
    """
    fake, real = _checked(fake, real)
    return _within(fake) + _within(real) - 2 * _kernel_sum(fake, real) / (len(fake) * len(real))


def kid_interval(fake: Tensor, real: Tensor, seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """`kid` with its bootstrap interval over resampled images of both sides. Stores whole kernel matrices: for up to 10,000 images.

    An image drawn twice is not paired with itself, which would bias every resample upward. A resample of one repeated image has no pairs
    and is left out. Raises ValueError as `kid`.
    """
    value = kid(fake, real)
    fake, real = _checked(fake, real)
    w, v = bootstrap_weights(len(fake), seed, resamples), bootstrap_weights(len(real), seed + 1, resamples)
    across = ((w @ _kernel(fake, real)) * v).sum(1) / (len(fake) * len(real))
    values = _weighted_within(_kernel(fake, fake), w) + _weighted_within(_kernel(real, real), v) - 2 * across
    return Interval(value, *percentiles(values[values.isfinite()]))


def _checked(fake: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    if fake.ndim != 2 or real.ndim != 2 or fake.shape[1] != real.shape[1]:
        raise ValueError(f"expected features (n, dims) and (m, dims), got {tuple(fake.shape)} and {tuple(real.shape)}")
    if min(len(fake), len(real)) < 2:
        raise ValueError(f"a kernel distance needs at least 2 vectors on either side, got {len(fake)} and {len(real)}: use more images")
    return fake.detach().double(), real.detach().double()


def _kernel(x: Tensor, y: Tensor) -> Tensor:
    """Kernel matrix: (n, dims), (m, dims) -> (n, m)."""
    return torch.addmm(torch.ones((), dtype=x.dtype, device=x.device), x, y.T, alpha=1 / x.shape[1]) ** 3


def _kernel_sum(x: Tensor, y: Tensor) -> float:
    """Sum of the kernel over all pairs, in blocks of bounded size."""
    return sum(_kernel(rows, y).sum().item() for rows in torch.split(x, BLOCK))


def _within(x: Tensor) -> float:
    """Mean of the kernel over all pairs of two different vectors of x."""
    with_itself = ((x.square().sum(1) / x.shape[1] + 1) ** 3).sum().item()
    return (_kernel_sum(x, x) - with_itself) / (len(x) * (len(x) - 1))


def _weighted_within(kernel: Tensor, weights: Tensor) -> Tensor:
    """`_within` for each resample: kernel (n, n), weights (resamples, n) -> (resamples,); NaN if a resample has a single image."""
    squares = weights.square()
    pairs = ((weights @ kernel) * weights).sum(1) - squares @ kernel.diagonal()
    return pairs / (weights.sum(1).square() - squares.sum(1))


def kid_of_sets(fake: FeatureSet, real: FeatureSet) -> Interval:
    """`kid_interval` of two `FeatureSet`s."""
    return kid_interval(fake.vectors, real.vectors)
