from itertools import pairwise

import pytest
import torch
from torch import Tensor

from pix2pix.metrics import feature_set
from pix2pix.metrics.feature_set import FeatureSet


def filled(vectors: Tensor, expected: int | None = None, batch: int = 3) -> FeatureSet:
    found = FeatureSet(vectors.shape[1], expected or len(vectors))
    for part in vectors.split(batch):
        found.add(part)
    return found


def test_past_the_limit_vectors_are_kept_evenly_and_the_frechet_distance_still_sees_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_set, "MOST_VECTORS", 10)
    vectors = torch.arange(33.0)[:, None].expand(33, 2)
    found = filled(vectors)
    kept = found.vectors[:, 0].tolist()
    assert len(kept) == 10
    assert {b - a for a, b in pairwise(kept)} <= {3.0, 4.0}
    assert found.statistics.count == 33


def test_statistics_that_are_read_between_updates_are_those_of_one_reading_at_the_end() -> None:
    vectors = torch.rand(20, 4, generator=torch.Generator().manual_seed(3))
    read, unread = filled(vectors[:2]), filled(vectors)
    for part in vectors[2:].split(3):
        read.statistics.mean, read.statistics.factor()
        read.add(part)
    assert read.statistics.count == 20
    torch.testing.assert_close(read.statistics.mean, unread.statistics.mean)
    covariances = (found.statistics.factor().T @ found.statistics.factor() for found in (read, unread))
    torch.testing.assert_close(*covariances)
