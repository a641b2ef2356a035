"""Improved precision and recall (Kynkaanniemi et al. 2019): does the generator draw plausible images, and does it draw all kinds?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from pix2pix.metrics.feature_set import FeatureSet

NEIGHBOURS = 3  # the paper's k
BLOCK = 1024  # rows of the distance matrix held at once


def precision(fake: Tensor, real: Tensor, neighbours: int = NEIGHBOURS) -> float:
    """Share of fake vectors that lie within some real vector's distance to its k-th nearest real neighbour, in [0, 1]; more is better.

    fake: (n, dims), real: (m, dims), features of any floating type.
    Raises ValueError when the dimensions differ or a side has no k neighbours.
    """
    if fake.ndim != 2 or real.ndim != 2 or fake.shape[1] != real.shape[1]:
        raise ValueError(f"expected features (n, dims) and (m, dims), got {tuple(fake.shape)} and {tuple(real.shape)}")
    if min(len(fake), len(real)) <= neighbours:
        raise ValueError(f"{neighbours} neighbours need more than {neighbours} vectors on either side, got {len(fake)} and {len(real)}")
    # About a common centre, so that squared distances from products of float64 lose no digits.
    centre = real.detach().double().mean(0)
    return _share_inside(fake.detach().double() - centre, real.detach().double() - centre, neighbours)


def recall(fake: Tensor, real: Tensor, neighbours: int = NEIGHBOURS) -> float:
    """`precision` with the sides exchanged: the share of real vectors that lie among the fake ones, in [0, 1]; more is better."""
    return precision(real, fake, neighbours)


def _share_inside(points: Tensor, manifold: Tensor, neighbours: int) -> float:
    """Share of points inside at least one ball around a vector of the manifold that reaches to its k-th neighbour in it."""
    # The nearest is the vector itself, hence k + 1.
    radii = torch.cat([_squared_distances(rows, manifold).kthvalue(neighbours + 1).values for rows in torch.split(manifold, BLOCK)])
    inside = [(_squared_distances(rows, manifold) <= radii).any(1) for rows in torch.split(points, BLOCK)]
    return torch.cat(inside).double().mean().item()


def _squared_distances(x: Tensor, y: Tensor) -> Tensor:
    """(n, dims), (m, dims) -> (n, m)."""
    return torch.addmm(x.square().sum(1)[:, None] + y.square().sum(1), x, y.T, alpha=-2)


def precision_of_sets(fake: FeatureSet, real: FeatureSet) -> float | None:
    """`precision` of two sets of images; None where a side has too few of them."""
    return precision(fake.vectors, real.vectors) if _enough(fake, real) else None


def recall_of_sets(fake: FeatureSet, real: FeatureSet) -> float | None:
    """`recall` of two sets of images; None where a side has too few of them."""
    return recall(fake.vectors, real.vectors) if _enough(fake, real) else None


def _enough(fake: FeatureSet, real: FeatureSet) -> bool:
    return min(len(fake.vectors), len(real.vectors)) > NEIGHBOURS
