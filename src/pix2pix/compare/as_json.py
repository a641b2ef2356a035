"""A comparison as JSON values."""

from pix2pix.compare.compare import REFERENCE, Comparison, Figure
from pix2pix.metrics.metric import ImageMetric
from pix2pix.metrics.registry import METRICS, find
from pix2pix.metrics.verdict import difference_as_json

Json = dict[str, dict[str, dict[str, object] | None]]


def as_json(comparison: Comparison) -> Json:
    """Return `{"<name>": {"l1": {"value": …, "low": …, "high": …}, …}}`; a metric that was not measured is null.

    Keys of a figure:
    - `low`, `high`: the 95 % interval; null for the Frechet distance, which has no valid one because resampling biases it further.
    - `reference`, for distances: the distance of half of the targets to the other half; `resize`: the resize before the feature network.
    - `halves`, for the Frechet distance: the set's distance on as many images as the reference. Compare it, not `value`, with `reference`.
    - `against_first`, for all sets but the first, except for the Frechet distance: the difference to the first set, its interval, the
      p-value of the paired test (null for the kernel distance, which has none) and the verdict (see `metrics.verdict`).
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
    if figure.difference is not None and registered is not None:
        found["against_first"] = difference_as_json(registered, figure.value, figure.difference)
    return found
