"""Improved precision and recall (Kynkaanniemi et al. 2019): fidelity and diversity of the outputs."""

import torch
from torch import Tensor

from pix2pix.metrics.feature_set import FeatureSet

NEIGHBOURS = 3  # the paper's k
BLOCK = 1024  # rows of the distance matrix in memory at once


def precision(fake: Tensor, real: Tensor, neighbours: int = NEIGHBOURS) -> float:
    """Fraction of fake vectors inside the real manifold, in [0, 1]; higher is better.

    The manifold is the union of balls around the real vectors; a radius is the distance to the k-th nearest real neighbour.
    fake: (n, dims), real: (m, dims), features of any floating-point dtype. neighbours: k.
    Raises ValueError if the dimensions differ or a side has at most k vectors.
    """
    if fake.ndim != 2 or real.ndim != 2 or fake.shape[1] != real.shape[1]:
        raise ValueError(f"expected features (n, dims) and (m, dims), got {tuple(fake.shape)} and {tuple(real.shape)}")
    if min(len(fake), len(real)) <= neighbours:
        raise ValueError(f"{neighbours} neighbours need more than {neighbours} vectors on either side, got {len(fake)} and {len(real)}")
    # centred, so that squared distances computed from products do not lose digits to cancellation
    centre = real.detach().double().mean(0)
    return _share_inside(fake.detach().double() - centre, real.detach().double() - centre, neighbours)


def _share_inside(points: Tensor, manifold: Tensor, neighbours: int) -> float:
    """Fraction of points inside at least one ball around a vector of `manifold`, with its distance to its k-th neighbour as radius."""
    # k + 1, as the nearest neighbour is the vector itself
    radii = torch.cat([_squared_distances(rows, manifold).kthvalue(neighbours + 1).values for rows in torch.split(manifold, BLOCK)])
    inside = [(_squared_distances(rows, manifold) <= radii).any(1) for rows in torch.split(points, BLOCK)]
    return torch.cat(inside).double().mean().item()


def _squared_distances(x: Tensor, y: Tensor) -> Tensor:
    """Squared Euclidean distances: (n, dims), (m, dims) -> (n, m)."""
    return torch.addmm(x.square().sum(1)[:, None] + y.square().sum(1), x, y.T, alpha=-2)


def precision_of_sets(fake: FeatureSet, real: FeatureSet) -> float | None:
    """`precision` of two `FeatureSet`s; None if a set has at most k vectors."""
    return precision(fake.vectors, real.vectors) if min(len(fake.vectors), len(real.vectors)) > NEIGHBOURS else None


def recall_of_sets(fake: FeatureSet, real: FeatureSet) -> float | None:
    """Fraction of real vectors inside the fake manifold, in [0, 1], higher is better: `precision_of_sets` with the sides exchanged."""
    return precision_of_sets(real, fake)
