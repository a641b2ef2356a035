"""Error bars over images: percentile bootstrap (Efron 1979) and a sign-flip permutation test for paired images (Fisher 1935)."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

LEVEL = 0.95
RESAMPLES = 10_000  # a p-value can thus not fall below 1e-4, and an interval's end moves by about 1 % of its width with the seed
_CHUNK = 1 << 22  # numbers drawn at once: bounds the memory at any number of images


@dataclass(frozen=True)
class Interval:
    """A mean over images and the 95 % interval that other images of the same kind would have put it in."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PairedDifference(Interval):
    """Mean of a - b over images seen by both, its 95 % interval, and the two-sided p-value of "a and b are interchangeable"."""

    p_value: float


def bootstrap_mean(values: Tensor, seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """Mean of per-image values with its percentile interval.

    values: (N,) finite. The same values, seed and resamples give the same interval on every machine; the order of the images has a say
    in which are drawn. One image gives an interval of no width: nothing is known about others then.
    Raises ValueError when `values` is empty, not one-dimensional or not finite.
    """
    values = _checked(values)
    generator = torch.Generator().manual_seed(seed)
    n = len(values)
    means = [values[torch.randint(n, (rows, n), generator=generator)].mean(1) for rows in _chunks(n, resamples)]
    low, high = percentiles(torch.cat(means))
    return Interval(values.mean().item(), low, high)


def bootstrap_weights(n: int, seed: int = 0, resamples: int = RESAMPLES) -> Tensor:
    """How often each of n images is drawn in each resample, for statistics that are no mean: (resamples, n) float64, rows add up to n."""
    drawn = torch.randint(n, (resamples, n), generator=torch.Generator().manual_seed(seed))
    weights = torch.zeros(resamples, n, dtype=torch.float64)
    return weights.scatter_add_(1, drawn, torch.ones_like(weights))


def paired_difference(a: Tensor, b: Tensor, seed: int = 0, resamples: int = RESAMPLES) -> PairedDifference:
    """Mean of a - b with its bootstrap interval, and a permutation test of whether it differs from 0.

    a, b: (N,) values of the same images in the same order. If a and b were interchangeable, each difference could as well have had the
    other sign: the p-value is the share of random signs whose mean is at least as far from 0, the observed signs counted as one of them.
    Raises ValueError when the two are not finite vectors of one length.
    """
    if a.shape != b.shape:
        raise ValueError(f"paired values must come from the same images, got shapes {tuple(a.shape)} and {tuple(b.shape)}")
    differences = _checked(a.double() - b.double())
    interval = bootstrap_mean(differences, seed, resamples)
    generator = torch.Generator().manual_seed(seed + 1)
    extreme = differences.sum().abs() * (1 - 1e-12)  # sums of the same terms in another order count as equal
    farther = sum(
        int(((torch.randint(2, (rows, len(a)), generator=generator).double() * 2 - 1) @ differences).abs().ge(extreme).sum())
        for rows in _chunks(len(a), resamples)
    )
    return PairedDifference(interval.value, interval.low, interval.high, (1 + farther) / (1 + resamples))


def percentiles(statistics: Tensor) -> tuple[float, float]:
    """The two ends of the central 95 % of resampled statistics, (resamples,) -> (low, high)."""
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
    """Row counts that add up to `resamples`, each small enough for memory."""
    rows = max(1, _CHUNK // n)
    for start in range(0, resamples, rows):
        yield min(rows, resamples - start)
