import pytest
import torch
from torch import Tensor

from pix2pix.metrics import precision_recall as module
from pix2pix.metrics.precision_recall import precision


def features(n: int, seed: int) -> Tensor:
    return torch.randn(n, 4, generator=torch.Generator().manual_seed(seed))


def precision_recall(fake: Tensor, real: Tensor, neighbours: int = 3) -> tuple[float, float]:
    return precision(fake, real, neighbours), precision(real, fake, neighbours)


def by_definition(fake: Tensor, real: Tensor, k: int) -> tuple[float, float]:
    """Equations 1 and 2 of Kynkaanniemi et al. 2019, ball by ball."""

    def share(points: Tensor, manifold: Tensor) -> float:
        radii = [sorted((other - centre).norm().item() for other in manifold)[k] for centre in manifold]
        inside = [any((point - centre).norm().item() <= r for centre, r in zip(manifold, radii, strict=True)) for point in points]
        return sum(inside) / len(inside)

    return share(fake, real), share(real, fake)


@pytest.mark.parametrize("k", [1, 3])
def test_precision_and_recall_are_their_definition(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fake, real = features(30, 0).double() * 0.7 + 100, features(40, 1).double() + 100
    expected = by_definition(fake, real, k)
    assert 0 < expected[0] < 1
    assert precision_recall(fake, real, k) == pytest.approx(expected)
    monkeypatch.setattr(module, "BLOCK", 7)
    assert precision_recall(fake.flip(0), real.flip(0), k) == pytest.approx(expected)


def test_they_agree_with_torch_fidelity() -> None:
    oracle = pytest.importorskip("torch_fidelity.metric_prc", reason="torch-fidelity is not installed")
    fake, real = features(50, 2) * 0.8, features(60, 3)
    assert precision_recall(fake, real) == pytest.approx(oracle.calculate_precision_recall_full(fake, real), abs=1e-6)


def test_equal_sets_score_1_and_sets_far_apart_0() -> None:
    real = features(20, 4)
    assert precision_recall(real, real) == (1, 1)
    assert precision_recall(real + 100, real) == (0, 0)


def test_one_good_image_over_and_over_has_precision_but_no_recall() -> None:
    real = features(50, 5)
    one = real[:1].expand(20, -1)
    assert precision(one, real) == 1
    assert precision(real, one) <= 1 / 50


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match="more than 3 vectors on either side, got 3 and 9"):
        precision_recall(features(3, 0), features(9, 0))
    with pytest.raises(ValueError, match="expected features"):
        precision_recall(features(9, 0), features(9, 0)[:, :2])
