from itertools import product

import numpy as np
import pytest
import torch
from torch import Tensor

from pix2pix.metrics.kid import kid_interval


def features(n: int, seed: int, shift: float = 0.0) -> Tensor:
    return torch.randn(n, 16, generator=torch.Generator().manual_seed(seed)) + shift


def kid(fake: Tensor, real: Tensor) -> float:
    return kid_interval(fake, real, resamples=50).value


def kid_by_its_formula(fake: Tensor, real: Tensor) -> float:
    """Binkowski et al. 2018, equation 4, term by term."""

    def k(x: np.ndarray, y: np.ndarray) -> float:
        return float((x @ y / len(x) + 1) ** 3)

    x, y = fake.double().numpy(), real.double().numpy()
    n, m = len(x), len(y)
    within_x = sum(k(x[i], x[j]) for i, j in product(range(n), range(n)) if i != j) / (n * (n - 1))
    within_y = sum(k(y[i], y[j]) for i, j in product(range(m), range(m)) if i != j) / (m * (m - 1))
    return within_x + within_y - 2 * sum(k(a, b) for a, b in product(x, y)) / (n * m)


@pytest.mark.parametrize(("n", "m"), [(2, 2), (7, 12), (30, 9)])
def test_kid_is_the_published_formula(n: int, m: int) -> None:
    fake, real = features(n, 0, shift=0.3), features(m, 1)
    assert kid(fake, real) == pytest.approx(kid_by_its_formula(fake, real), rel=1e-12, abs=1e-12)


def test_kid_does_not_depend_on_the_order() -> None:
    fake, real = features(40, 2, shift=0.1), features(50, 3)
    value = kid(fake, real)
    assert kid(fake.flip(0), real.roll(7, 0)) == pytest.approx(value, rel=1e-12)


def test_kid_is_unbiased_zero_on_average_for_one_distribution_and_grows_with_the_shift() -> None:
    nulls = [kid(features(20, seed), features(20, 1000 + seed)) for seed in range(200)]
    assert abs(np.mean(nulls)) < 3 * np.std(nulls) / np.sqrt(200)
    assert min(nulls) < 0
    assert kid(features(50, 0), features(50, 1, 0.5)) < kid(features(50, 0), features(50, 1, 1.0))


def test_the_interval_holds_the_value_and_narrows_with_more_images() -> None:
    few, many = (kid_interval(features(n, 6, shift=0.4), features(n, 7)) for n in (20, 200))
    for interval in (few, many):
        assert interval.low < interval.value < interval.high
    assert many.high - many.low < 0.6 * (few.high - few.low)
    assert kid_interval(features(9, 6), features(8, 7), seed=3) == kid_interval(features(9, 6), features(8, 7), seed=3)


def test_resamples_are_not_biased_by_images_drawn_twice() -> None:
    fake, real = features(30, 8), features(30, 9)
    interval = kid_interval(fake, real)
    assert interval.low < 0 < interval.high


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match="at least 2 vectors on either side, got 1 and 5"):
        kid(features(1, 0), features(5, 0))
    with pytest.raises(ValueError, match="expected features"):
        kid(features(5, 0), features(5, 0)[:, :3])
