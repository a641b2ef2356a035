from dataclasses import dataclass
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from pix2pix.metrics import feature_set
from pix2pix.metrics.feature_set import FeatureSet, distance_names, distances, few_images
from pix2pix.metrics.frechet import GaussianStatistics, frechet_distance
from pix2pix.metrics.kid import kid
from pix2pix.metrics.precision_recall import precision_recall


@dataclass
class Network:
    name: str
    dims: int
    resize: str = "none"

    def __call__(self, images: Tensor) -> Tensor:
        return images.mean((2, 3))


def filled(vectors: Tensor, expected: int | None = None, batch: int = 3) -> FeatureSet:
    found = FeatureSet(vectors.shape[1], expected or len(vectors))
    for part in vectors.split(batch):
        found.add(part)
    return found


def test_all_distances_are_those_of_the_metrics_themselves() -> None:
    generator = torch.Generator().manual_seed(0)
    fake, real = torch.rand(20, 5, generator=generator), torch.rand(17, 5, generator=generator)
    found = distances(filled(fake), filled(real))
    sides = [GaussianStatistics(5), GaussianStatistics(5)]
    for side, vectors in zip(sides, (fake, real), strict=True):
        side.update(vectors)
    assert found.frechet == pytest.approx(frechet_distance(*sides), rel=1e-12)
    assert found.kid.value == pytest.approx(kid(fake, real), rel=1e-12)
    assert (found.precision, found.recall) == precision_recall(fake, real)
    assert found.kid.low < found.kid.value < found.kid.high


def test_past_the_limit_vectors_are_kept_evenly_and_the_frechet_distance_still_sees_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_set, "KEPT", 10)
    vectors = torch.arange(33.0)[:, None].expand(33, 2)
    found = filled(vectors)
    kept = found.vectors[:, 0].tolist()
    assert len(kept) == 10
    assert {b - a for a, b in pairwise(kept)} <= {3.0, 4.0}
    assert found.statistics.count == 33


def test_too_few_images_for_neighbours_leave_precision_and_recall_out() -> None:
    found = distances(filled(torch.rand(3, 2)), filled(torch.rand(9, 2)))
    assert (found.precision, found.recall) == (None, None)


def test_only_the_2015_inception_may_be_called_fid() -> None:
    assert distance_names(Network("inception_2015", 2048)) == ("fid", "kid")
    assert distance_names(Network("efficientnet_lite0", 1280)) == ("fd_efficientnet_lite0", "kid_efficientnet_lite0")


def test_the_caution_comes_up_to_as_many_images_as_features() -> None:
    network = Network("small", 100)
    assert few_images(101, network) is None
    caution = few_images(100, network)
    assert caution is not None and caution.startswith("100 images are too few for fd_small, which compares 100 features")
