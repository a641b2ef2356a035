import time

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch import Tensor

from pix2pix.metrics.feature_set import GaussianStatistics
from pix2pix.metrics.frechet import frechet_distance


def gaussian(n: int, dims: int, seed: int, spread: float = 1.0) -> Tensor:
    """(n, dims) vectors whose standard deviations fall from 1 to `spread` along rotated axes, about a mean far from 0."""
    generator = torch.Generator().manual_seed(seed)
    rotation = torch.linalg.qr(torch.randn(dims, dims, generator=generator, dtype=torch.float64)).Q
    scales = torch.logspace(0, float(np.log10(spread)), dims, dtype=torch.float64)
    shift = torch.randn(dims, generator=generator, dtype=torch.float64)
    return torch.randn(n, dims, generator=generator, dtype=torch.float64) * scales @ rotation + shift


def statistics(features: Tensor, batch: int = 10**9) -> GaussianStatistics:
    result = GaussianStatistics(features.shape[1])
    for rows in features.split(batch):
        result.update(rows)
    return result


def distance_by_matrix_square_root(a: Tensor, b: Tensor) -> float:
    """The published formula, with the symmetric root C_a^(1/2) C_b C_a^(1/2) that scipy can take of singular matrices too."""
    mean_a, mean_b, cov_a, cov_b = a.mean(0).numpy(), b.mean(0).numpy(), np.cov(a.numpy().T), np.cov(b.numpy().T)
    root_a = sqrtm(cov_a).real
    root = sqrtm(root_a @ cov_b @ root_a).real
    return float(((mean_a - mean_b) ** 2).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * np.trace(root))


@pytest.mark.filterwarnings("ignore:Matrix is singular")
@pytest.mark.parametrize("spread", [1.0, 1e-3], ids=["round", "ill-conditioned"])
@pytest.mark.parametrize(("n_a", "n_b"), [(300, 200), (25, 200), (200, 25), (25, 30), (2, 2)], ids=str)
def test_distance_is_the_published_formula_with_scipys_matrix_square_root(n_a: int, n_b: int, spread: float) -> None:
    a, b = gaussian(n_a, 40, seed=1, spread=spread), gaussian(n_b, 40, seed=2, spread=spread)
    assert frechet_distance(statistics(a), statistics(b)) == pytest.approx(distance_by_matrix_square_root(a, b), rel=1e-6)


def test_distance_holds_for_many_vectors_in_a_subspace() -> None:
    basis = gaussian(12, 40, seed=3)
    a, b = (gaussian(200, 12, seed) @ basis for seed in (4, 5))
    inside = torch.linalg.qr(basis.T).Q  # the same vectors in coordinates of the subspace have full rank: an oracle without singularity
    assert frechet_distance(statistics(a), statistics(b)) == pytest.approx(distance_by_matrix_square_root(a @ inside, b @ inside), rel=1e-9)


def test_distance_of_one_dimension_has_its_closed_form() -> None:
    a, b = torch.tensor([[0.0], [2.0]]), torch.tensor([[3.0], [11.0]])  # means 1 and 7, variances 2 and 32
    assert frechet_distance(statistics(a), statistics(b)) == pytest.approx(36 + 2 + 32 - 2 * 8)


@pytest.mark.parametrize("n", [20, 100])
def test_distance_is_zero_for_equal_sets_and_symmetric(n: int) -> None:
    a, b = statistics(gaussian(n, 40, seed=6)), statistics(gaussian(n, 40, seed=7))
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-10)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-12)


def test_distance_between_constant_sets_is_that_of_their_means() -> None:
    a, b = torch.zeros(5, 3), torch.ones(4, 3)
    assert frechet_distance(statistics(a), statistics(b)) == pytest.approx(3)


@pytest.mark.parametrize("n", [10, 40, 41, 81, 500])
@pytest.mark.parametrize("batch", [1, 7, 64, 10**9])
def test_mean_and_covariance_are_numpys_for_any_batching(n: int, batch: int) -> None:
    features = gaussian(n, 40, seed=8) + 100
    result = statistics(features, batch)
    assert result.count == n
    np.testing.assert_allclose(result.mean, features.mean(0), rtol=1e-12)
    np.testing.assert_allclose(result.factor().T @ result.factor(), np.cov(features.numpy().T), rtol=1e-10, atol=1e-12)


def test_distance_does_not_depend_on_order_or_batching() -> None:
    a, b = gaussian(130, 40, seed=9), gaussian(30, 40, seed=10)
    reference = frechet_distance(statistics(a), statistics(b))
    shuffled = a[torch.randperm(len(a), generator=torch.Generator().manual_seed(0))]
    assert frechet_distance(statistics(shuffled, batch=3), statistics(b.flip(0), batch=1)) == pytest.approx(reference, rel=1e-10)


def test_what_was_given_may_change_afterwards() -> None:
    features = gaussian(5, 4, seed=11)
    result, before = statistics(features), features.mean(0)
    features.zero_()
    assert torch.equal(result.mean, before)


def test_memory_is_bounded() -> None:
    result = GaussianStatistics(8)
    for _ in range(1000):
        result.update(torch.rand(5, 8))
    assert sum(map(len, result._rows)) <= 16
    assert len(result._root) <= 9


def test_mistakes_are_named() -> None:
    empty = GaussianStatistics(4)
    with pytest.raises(ValueError, match="no feature vectors"):
        _ = empty.mean
    empty.update(torch.zeros(1, 4))
    with pytest.raises(ValueError, match=r"at least 2 feature vectors, got 1"):
        empty.factor()
    with pytest.raises(ValueError, match=r"expected features of shape \(n, 4\)"):
        empty.update(torch.zeros(2, 5))
    with pytest.raises(ValueError, match="not finite"):
        empty.update(torch.full((2, 4), torch.nan))
    with pytest.raises(ValueError, match="5 and 4 dimensions"):
        frechet_distance(GaussianStatistics(5), empty)


def test_a_hundred_images_of_1280_features_take_no_time() -> None:
    a, b = statistics(torch.rand(100, 1280)), statistics(torch.rand(106, 1280))
    frechet_distance(a, b)
    start = time.perf_counter()
    frechet_distance(a, b)
    assert time.perf_counter() - start < 0.5  # about 5 ms on an idle core, a dims x dims square root takes seconds
