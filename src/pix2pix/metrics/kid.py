"""Kernel distance ("KID": Binkowski et al. 2018): unbiased squared maximum mean discrepancy with a cubic kernel.

Unlike the Frechet distance it is unbiased: with few images it has more variance but is not systematically too large, and may be negative.
"""

import torch
from torch import Tensor

from pix2pix.metrics.bootstrap import Resampled, bootstrap_weights, percentiles
from pix2pix.metrics.feature_set import FeatureSet

RESAMPLES = 1000


def kid_interval(fake: Tensor, real: Tensor, seed: int = 0, resamples: int = RESAMPLES) -> Resampled:
    """Mean of k over pairs within fake + mean within real - 2 * mean across, with k(x, y) = (x.y / dims + 1)^3, and its bootstrap interval.

    fake: (n, dims), real: (m, dims), features of any floating-point dtype. Unbiased; near 0 for equal distributions, lower is better.
    The interval is over resampled images of both sides. An image drawn twice is not paired with itself, which would bias every resample
    upward. A resample of one repeated image has no pairs and is left out. Sets of as many images are resampled alike. Stores whole kernel
    matrices: for up to 10,000 images.
    Raises ValueError if the dimensions differ or a side has fewer than two vectors.
    """
    fake, real = _checked(fake, real)
    of_fake, of_real, of_both = _kernel(fake, fake), _kernel(real, real), _kernel(fake, real)
    pairs = len(fake) * len(real)
    value = _within(of_fake, fake) + _within(of_real, real) - 2 * of_both.sum().item() / pairs
    w, v = bootstrap_weights(len(fake), seed, resamples), bootstrap_weights(len(real), seed + 1, resamples)
    values = _weighted_within(of_fake, w) + _weighted_within(of_real, v) - 2 * (((w @ of_both) * v).sum(1) / pairs)
    return Resampled(value, *percentiles(values[values.isfinite()]), values)


def _checked(fake: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    if fake.ndim != 2 or real.ndim != 2 or fake.shape[1] != real.shape[1]:
        raise ValueError(f"expected features (n, dims) and (m, dims), got {tuple(fake.shape)} and {tuple(real.shape)}")
    if min(len(fake), len(real)) < 2:
        raise ValueError(f"a kernel distance needs at least 2 vectors on either side, got {len(fake)} and {len(real)}: use more images")
    return fake.detach().double(), real.detach().double()


def _kernel(x: Tensor, y: Tensor) -> Tensor:
    """Kernel matrix: (n, dims), (m, dims) -> (n, m)."""
    return torch.addmm(torch.ones((), dtype=x.dtype, device=x.device), x, y.T, alpha=1 / x.shape[1]) ** 3


def _within(kernel: Tensor, x: Tensor) -> float:
    """Mean of the kernel over all pairs of two different vectors of x."""
    with_itself = ((x.square().sum(1) / x.shape[1] + 1) ** 3).sum().item()
    return (kernel.sum().item() - with_itself) / (len(x) * (len(x) - 1))


def _weighted_within(kernel: Tensor, weights: Tensor) -> Tensor:
    """`_within` for each resample: kernel (n, n), weights (resamples, n) -> (resamples,); NaN if a resample has a single image."""
    squares = weights.square()
    pairs = ((weights @ kernel) * weights).sum(1) - squares @ kernel.diagonal()
    return pairs / (weights.sum(1).square() - squares.sum(1))


def kid_of_sets(fake: FeatureSet, real: FeatureSet) -> Resampled:
    """`kid_interval` of two `FeatureSet`s."""
    return kid_interval(fake.vectors, real.vectors)
