"""A comparison as data for another program."""

from pix2pix.compare.compare import REFERENCE, Comparison, Figure
from pix2pix.metrics.metric import ImageMetric
from pix2pix.metrics.registry import METRICS, find

Json = dict[str, dict[str, dict[str, object] | None]]


def as_json(comparison: Comparison) -> Json:
    """`{"<name>": {"l1": {"value": …, "low": …, "high": …}, …}}`, a metric that was not measured being null.

    `low` and `high` are null for the Frechet distance, which has no valid interval: resampling images biases it further. A distance has
    its `reference` beside it, half of the targets against the other half, and the Frechet distance also `halves`, the set's own of as many
    images, which is the one to compare with the reference; `resize` is what comes before its network. Every set but the first has, for the
    metrics of single images, `against_first`: the mean difference to the first set, its interval, and the p-value of the paired test.
    """
    references = {
        metric: figure.value for entry in comparison.entries if entry.role == REFERENCE for metric, figure in entry.figures.items()
    }
    of_images = [metric.name for metric in METRICS if isinstance(metric, ImageMetric) and metric.headline]
    return {
        entry.name: {
            metric: _figure(metric, entry.figures[metric], references, comparison.resize) if metric in entry.figures else None
            for metric in dict.fromkeys([*of_images, *entry.figures])
        }
        for entry in comparison.sources
    }


def _figure(metric: str, figure: Figure, references: dict[str, float], resize: str) -> dict[str, object]:
    registered = find(metric)

    def short(value: float | None) -> float | None:
        return value if value is None or registered is None else registered.rounded(value)

    found: dict[str, object] = {"value": short(figure.value), "low": short(figure.low), "high": short(figure.high)}
    if metric in references:
        found |= {"reference": short(references[metric]), "resize": resize}
    if figure.halved is not None:
        found["halves"] = short(figure.halved)
    if figure.difference is not None:
        gap = figure.difference
        ends = {"value": short(gap.value), "low": short(gap.low), "high": short(gap.high)}
        found["against_first"] = {**ends, "p_value": float(f"{gap.p_value:.5g}")}
    return found
