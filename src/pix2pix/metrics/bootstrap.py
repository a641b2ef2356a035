"""Uncertainty over images: percentile bootstrap (Efron 1979) and sign-flip permutation test for paired images (Fisher 1935)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

LEVEL = 0.95
RESAMPLES = 10_000  # the smallest p-value is 1e-4; an interval's ends vary by about 1 % of its width with the seed
_CHUNK = 1 << 22  # numbers drawn at once, which bounds the memory for any number of images


@dataclass(frozen=True)
class Interval:
    """A statistic over images (`value`) and its 95 % bootstrap interval (`low`, `high`)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Resampled(Interval):
    """An interval with the statistic of each resample, NaN where it has none, for `resampled_difference`."""

    resamples: Tensor = field(repr=False, compare=False)


@dataclass(frozen=True)
class PairedDifference(Interval):
    """a - b over the same images, its 95 % interval, and the two-sided p-value of "a and b are interchangeable", None without a test."""

    p_value: float | None


def bootstrap_mean(values: Tensor, seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """Mean of per-image values with its 95 % percentile bootstrap interval.

    values: (N,) finite. The same values in the same order, seed and resamples give the same interval on every machine. With one image the
    interval has width 0, which says nothing about other images.
    Raises ValueError when `values` is empty, not one-dimensional or not finite.
    """
    values = _checked(values)
    generator = torch.Generator().manual_seed(seed)
    n = len(values)
    means = [values[torch.randint(n, (rows, n), generator=generator)].mean(1) for rows in _chunks(n, resamples)]
    low, high = percentiles(torch.cat(means))
    return Interval(values.mean().item(), low, high)


def bootstrap_weights(n: int, seed: int = 0, resamples: int = RESAMPLES) -> Tensor:
    """How often each resample draws each image, for statistics other than means: (resamples, n) float64; each row sums to n."""
    drawn = torch.randint(n, (resamples, n), generator=torch.Generator().manual_seed(seed))
    weights = torch.zeros(resamples, n, dtype=torch.float64)
    return weights.scatter_add_(1, drawn, torch.ones_like(weights))


def paired_difference(a: Tensor, b: Tensor, seed: int = 0, resamples: int = RESAMPLES) -> PairedDifference:
    """Mean of a - b with its bootstrap interval, and a permutation test of whether it differs from 0.

    a, b: (N,) values of the same images in the same order. If a and b are interchangeable, each difference has a random sign: the p-value
    is the fraction of random sign vectors whose mean is at least as far from 0, counting the observed signs as one of them.
    Raises ValueError when the two are not finite vectors of one length.
    """
    if a.shape != b.shape:
        raise ValueError(f"paired values must come from the same images, got shapes {tuple(a.shape)} and {tuple(b.shape)}")
    differences = _checked(a.double() - b.double())
    interval = bootstrap_mean(differences, seed, resamples)
    generator = torch.Generator().manual_seed(seed + 1)
    extreme = differences.sum().abs() * (1 - 1e-12)  # tolerance: sums of the same terms in another order count as equal
    farther = sum(
        int(((torch.randint(2, (rows, len(a)), generator=generator).double() * 2 - 1) @ differences).abs().ge(extreme).sum())
        for rows in _chunks(len(a), resamples)
    )
    return PairedDifference(interval.value, interval.low, interval.high, (1 + farther) / (1 + resamples))


def resampled_difference(a: Resampled, b: Resampled) -> PairedDifference:
    """a - b with its bootstrap interval, and without a test. a, b: of as many images, resampled with one seed."""
    differences = a.resamples - b.resamples
    return PairedDifference(a.value - b.value, *percentiles(differences[differences.isfinite()]), None)


def percentiles(statistics: Tensor) -> tuple[float, float]:
    """Ends of the central 95 % of resampled statistics: (resamples,) -> (low, high)."""
    statistics = statistics.double().sort().values
    edge = (1 - LEVEL) / 2 * (len(statistics) - 1)
    low, high = statistics[round(edge)], statistics[round(len(statistics) - 1 - edge)]
    return low.item(), high.item()


def _checked(values: Tensor) -> Tensor:
    values = values.detach().to("cpu", torch.float64)
    if values.ndim != 1 or len(values) == 0 or not values.isfinite().all():
        raise ValueError(f"expected a non-empty vector of finite per-image values, got shape {tuple(values.shape)}")
    return values


def _chunks(n: int, resamples: int) -> Iterator[int]:
    """Yield row counts that sum to `resamples`; a chunk of rows has at most `_CHUNK` numbers, or one row."""
    rows = max(1, _CHUNK // n)
    for start in range(0, resamples, rows):
        yield min(rows, resamples - start)
