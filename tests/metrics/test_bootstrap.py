import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from pix2pix.metrics import bootstrap as module
from pix2pix.metrics.bootstrap import bootstrap_mean, bootstrap_weights, paired_difference, percentiles


def values(n: int, seed: int = 0) -> Tensor:
    return torch.rand(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) ** 2


def test_the_interval_is_scipys_percentile_bootstrap_up_to_its_own_noise() -> None:
    sample = values(80)
    oracle = stats.bootstrap((sample.numpy(),), np.mean, method="percentile", n_resamples=10_000, rng=1).confidence_interval
    interval = bootstrap_mean(sample)
    width = oracle.high - oracle.low
    assert interval.value == pytest.approx(sample.mean().item())
    assert interval.low == pytest.approx(oracle.low, abs=0.05 * width)
    assert interval.high == pytest.approx(oracle.high, abs=0.05 * width)


def test_the_interval_covers_the_truth_about_95_times_in_100() -> None:
    truth = 1 / 3  # the mean of the square of a uniform number
    intervals = [bootstrap_mean(values(60, seed), resamples=400) for seed in range(200)]
    covered = sum(interval.low <= truth <= interval.high for interval in intervals)
    assert 0.88 * 200 <= covered <= 0.99 * 200


def test_the_seed_alone_decides_the_interval_not_how_the_draws_are_chunked(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = values(50)
    interval, test = bootstrap_mean(sample, seed=3), paired_difference(sample, sample.flip(0), seed=3)
    assert bootstrap_mean(sample, seed=4) != interval
    for chunk in (1 << 22, 500):
        monkeypatch.setattr(module, "_CHUNK", chunk)
        assert bootstrap_mean(sample, seed=3) == interval
        assert paired_difference(sample, sample.flip(0), seed=3) == test


def test_constants_and_a_single_image_give_an_interval_of_no_width() -> None:
    for sample in (torch.full((9,), 0.25), torch.tensor([0.25])):
        interval = bootstrap_mean(sample)
        assert (interval.low, interval.value, interval.high) == (0.25, 0.25, 0.25)


def test_weights_count_draws() -> None:
    weights = bootstrap_weights(7, seed=1, resamples=100)
    assert weights.shape == (100, 7)
    assert torch.equal(weights.sum(1), torch.full((100,), 7.0, dtype=torch.float64))


def test_percentiles_cut_two_and_a_half_percent_off_either_end() -> None:
    assert percentiles(torch.arange(1001.0)) == (25, 975)


def test_the_p_value_is_the_exact_permutation_tests() -> None:
    a, b = values(9, 1), values(9, 2) + 0.1
    difference = a - b
    signs = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0], dtype=torch.float64)] * 9)
    exact = ((signs @ difference).abs() >= difference.sum().abs() - 1e-12).double().mean().item()
    result = paired_difference(a, b)
    assert result.value == pytest.approx(difference.mean().item())
    assert result.p_value == pytest.approx(exact, abs=0.02)


def test_a_clear_difference_is_found_and_none_is_not() -> None:
    a = values(100, 3)
    better = paired_difference(a + 0.05 + 0.02 * values(100, 4), a)
    assert better.low > 0
    assert better.p_value < 0.001
    same = paired_difference(a, a)
    assert (same.value, same.low, same.high, same.p_value) == (0, 0, 0, 1)


def test_the_test_is_symmetric() -> None:
    a, b = values(30, 5), values(30, 6)
    there, back = paired_difference(a, b), paired_difference(b, a)
    assert there.value == -back.value
    assert there.p_value == back.p_value


def test_a_single_image_proves_nothing() -> None:
    assert paired_difference(torch.tensor([1.0]), torch.tensor([0.0])).p_value == 1


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match="the same images"):
        paired_difference(values(3), values(4))
    for wrong in (torch.zeros(0), torch.zeros(2, 2), torch.tensor([torch.nan])):
        with pytest.raises(ValueError, match="non-empty vector of finite"):
            bootstrap_mean(wrong)
