"""What a comparison comes to, in one sentence for each set."""

from collections.abc import Iterator, Sequence

from pix2pix.compare.compare import Comparison, Entry, Figure
from pix2pix.metrics.bootstrap import RESAMPLES, PairedDifference
from pix2pix.metrics.metric import ImageMetric, Metric
from pix2pix.metrics.registry import Column
from pix2pix.metrics.verdict import BETTER, WORSE, verdict
from pix2pix.system.terminal import number, signed


def conclusions(comparison: Comparison, shown: Sequence[Column]) -> Iterator[str]:
    """A sentence for each set but the first: on which metrics it is better or worse than the first. Distances come before image metrics."""
    first, *others = comparison.sources
    ordered = sorted(shown, key=lambda column: isinstance(column.metric, ImageMetric))
    for entry in others:
        yield (
            f"{entry.name} and {first.name} are identical: every image is the same" if entry.identical else _sentence(entry, first, ordered)
        )


def _sentence(entry: Entry, first: Entry, shown: Sequence[Column]) -> str:
    found: dict[str, list[str]] = {}
    for column in shown:
        figure = entry.figures.get(column.key)
        if figure and figure.difference:
            said = verdict(column.metric, figure.value, figure.difference)
            amount = f" (by {_amount(column.metric, figure, figure.difference)})" if said in (BETTER, WORSE) else ""
            found.setdefault(said, []).append(f"{column.label}{amount}")
    decided = ", ".join(f"{said} on {_listed(found.pop(said))}" for said in (BETTER, WORSE) if said in found)
    alike = "".join(f"; {said} on {_listed(labels)}" for said, labels in found.items())
    return f"{entry.name} is {decided or 'neither better nor worse'} than {first.name}{alike}"


def _amount(metric: Metric, figure: Figure, gap: PairedDifference) -> str:
    """The size of a difference: a share of the first set's value if the metric counts from 0, as L1 and LPIPS do."""
    before = figure.value - gap.value
    if isinstance(metric, ImageMetric) and metric.direction == "lower" and before > 0:
        return f"{abs(gap.value) / before:.0%}".replace("%", " %")
    return number(abs(gap.value))


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def change(gap: PairedDifference) -> str:
    """A difference with its interval and, where there is a test, its p-value."""
    return f"{signed(gap.value)} ({signed(gap.low)} to {signed(gap.high)})" + (f", {p}" if (p := p_value(gap)) else "")


def p_value(gap: PairedDifference) -> str:
    """`p = 0.02`, `p ≤ 0.0001` where no resample came as far, or "" without a test."""
    if gap.p_value is None:
        return ""
    return f"p ≤ {1 / RESAMPLES:.4f}" if gap.p_value <= 1 / RESAMPLES else f"p = {gap.p_value:.2g}"
