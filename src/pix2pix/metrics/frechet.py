"""Frechet distance between two sets of feature vectors, each modelled as a Gaussian ("FID": Heusel et al. 2017, equation 6)."""

import torch

from pix2pix.metrics.feature_set import FeatureSet, GaussianStatistics


def frechet_distance(a: GaussianStatistics, b: GaussianStatistics) -> float:
    """|mean_a - mean_b|^2 + trace(C_a + C_b - 2 (C_a C_b)^(1/2)): 0 for equal statistics, unbounded; lower is better.

    With C_a = A^T A and C_b = B^T B the trace of the square root is the nuclear norm (sum of singular values) of A B^T. It is exact
    for singular covariances, for which a matrix square root needs an epsilon; for n images, fewer than dims, it decomposes an n x n matrix
    instead of a dims x dims one.
    Few images bias the distance upward: report the distance between real images and other real images with it.
    Raises ValueError if the dimensions differ or a side has fewer than two vectors.
    """
    if a.dims != b.dims:
        raise ValueError(f"cannot compare features of {a.dims} and {b.dims} dimensions")
    factor_a, factor_b = a.factor(), b.factor()
    gap = (a.mean - b.mean).square().sum()
    traces = factor_a.square().sum() + factor_b.square().sum()
    nuclear_norm = torch.linalg.svdvals(factor_a @ factor_b.T).sum()
    return max(0.0, float(gap + traces - 2 * nuclear_norm))


def frechet_of_sets(fake: FeatureSet, real: FeatureSet) -> float:
    """`frechet_distance` of two `FeatureSet`s."""
    return frechet_distance(fake.statistics, real.statistics)
