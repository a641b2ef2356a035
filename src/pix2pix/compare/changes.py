"""The images on which two sets differ most."""

from collections.abc import Sequence

from pix2pix.compare.compare import Comparison, Entry

COUNT = 8


def leading_metric(comparison: Comparison) -> str:
    """The metric to rank images by: LPIPS, which goes with what people see, else L1."""
    return "lpips" if "lpips" in comparison.sources[0].values else "l1"


def changed_most(first: Entry, other: Entry, metric: str, stems: Sequence[str], count: int = COUNT) -> list[tuple[str, float]]:
    """(stem, other's value - first's) of the `count` images with the largest change either way, the largest first."""
    changes = (other.values[metric] - first.values[metric]).tolist()
    ranked = sorted(zip(stems, changes, strict=True), key=lambda change: -abs(change[1]))
    return ranked[:count]
