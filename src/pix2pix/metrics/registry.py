"""Table of all metrics. To add one, write its function in a module of this package, and add an entry that names it to `METRICS`.

Every program that measures, records, shows or compares metrics uses this table; a test checks each entry.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pix2pix.metrics.metric import FeatureMetric, ImageMetric, Metric, PixelSetMetric


@dataclass(frozen=True)
class Network:
    """A feature network.

    Attributes:
        name: value of `evaluate.features`.
        in_keys: its name in the keys of metrics, as in `fd_efficientnet_lite0`.
        label: its name in column headings."""

    name: str
    in_keys: str
    label: str


NETWORKS = (Network("efficientnet_lite0", "efficientnet_lite0", "Lite0"), Network("inception_v3", "inception_2015", "Inception"))


def network_label(in_keys: str) -> str:
    """Label of the network with this name in keys: `Lite0` for `efficientnet_lite0`. An unknown name is returned unchanged."""
    return next((network.label for network in NETWORKS if network.in_keys == in_keys), in_keys)


_SETS = (
    "how far the outputs as a whole, seen by a network that was trained to recognise things, lie from the real images. "
    "It notices blur and odd texture that the per-image metrics miss."
)
METRICS: tuple[Metric, ...] = (  # in the order of table columns
    ImageMetric(
        name="l1", label="L1", direction="lower", range=(0, 1), function="l1:l1",
        description="mean difference per pixel and colour, from 0 (alike) to 1 (black against white).",
    ),
    ImageMetric(
        name="psnr", label="PSNR", direction="higher", range=(0, 100), function="psnr:psnr",
        description="the squared difference on a scale of decibels; 30 is close, 10 is far.",
    ),
    ImageMetric(
        name="ssim", label="SSIM", direction="higher", range=(-1, 1), function="ssim:ssim",
        description="likeness of structure in small windows, 1 for the same image, near 0 for unrelated ones.",
    ),
    ImageMetric(
        name="lpips", label="LPIPS", direction="lower", range=(0, math.inf), function=None,
        description="difference as a network sees it, made to agree with people's judgement; 0 for the same image.",
    ),
    FeatureMetric(
        name="fd", label="FD", direction="lower", range=(0, math.inf), function="frechet:frechet_of_sets",
        biased=True, network_in_key=True, inception=False,
        description=f"Fréchet distance: {_SETS}",
    ),
    FeatureMetric(
        name="fid", label="FID", direction="lower", range=(0, math.inf), function="frechet:frechet_of_sets", biased=True, inception=True,
        description=f"Fréchet Inception distance: {_SETS}",
    ),
    FeatureMetric(
        name="kid", label="KID", direction="lower", range=(-math.inf, math.inf), function="kid:kid_of_sets", network_in_key=True,
        decimals=5,  # fixed, as the value may be near 0: a small difference of large numbers
        description=f"kernel distance, fair to small sets and near 0 where there is no difference: {_SETS}",
    ),
    FeatureMetric(
        name="precision", label="Precision", direction="higher", range=(0, 1), function="precision_recall:precision_of_sets",
        headline=False, recorded=False,
        description="share of the outputs that lie among the real images, as the network sees them.",
    ),
    FeatureMetric(
        name="recall", label="Recall", direction="higher", range=(0, 1), function="precision_recall:recall_of_sets",
        headline=False, recorded=False,
        description="share of the real images that lie among the outputs: low where the model draws some kinds only.",
    ),
    PixelSetMetric(
        name="ab_distance", label="Colour distance", direction="lower", range=(0, 1), function="colour:ab_distance",
        headline=False, colouring_only=True,
        description="0 for the real images' mix of colours (a and b of CIE Lab), 1 for none in common.",
    ),
    ImageMetric(
        name="colourfulness", label="Colourfulness", direction=None, range=(0, math.inf), function="colour:colourfulness_of_outputs",
        headline=False, colouring_only=True,
        description="0 for grey, 33 moderate, 109 extremely colourful; best near that of the real images.",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of a metrics table: key in the metrics file, and label, with the feature network if the key names one."""

    key: str
    label: str
    metric: Metric

    @property
    def lower_is_better(self) -> bool | None:
        """True or False; None if neither direction is better."""
        return None if self.metric.direction is None else self.metric.direction == "lower"

    @property
    def arrow(self) -> str:
        """↓ if lower is better, ↑ if higher is better, else ""."""
        return {"lower": "↓", "higher": "↑", None: ""}[self.metric.direction]

    @property
    def description(self) -> str:
        """The metric's description."""
        return self.metric.description


def find(key: str) -> Metric | None:
    """The metric of a key such as `ssim` or `fd_efficientnet_lite0`; None if it is unknown."""
    return next((metric for metric in METRICS if metric.matches(key)), None)


def label(key: str) -> str:
    """What people read for a key of a metrics file: `KID Lite0` for `kid_efficientnet_lite0`. An unknown key is returned unchanged."""
    metric = find(key)
    return f"{metric.label} {network_label(key.removeprefix(metric.name).removeprefix('_'))}".strip() if metric else key


def columns(keys: Iterable[str], *, unbiased_first: bool = False, headline: bool = True) -> tuple[Column, ...]:
    """Columns of a table for the metrics among `keys`, in the order of `METRICS`. Other keys are ignored.

    Args:
        keys: keys of metrics, in any order.
        unbiased_first: for small sets: put distances that few images bias upward after the unbiased ones.
        headline: True for the metrics of the main tables, False for those of the report's table of set metrics.
    """
    known = sorted(set(keys))
    found = [Column(key, label(key), metric) for metric in METRICS if metric.headline == headline for key in known if metric.matches(key)]
    return tuple(_unbiased_first(found)) if unbiased_first else tuple(found)


def _unbiased_first(found: Sequence[Column]) -> list[Column]:
    """Move unbiased distances before biased ones, and keep the order otherwise."""

    def biased(column: Column) -> bool:
        return isinstance(column.metric, FeatureMetric) and column.metric.biased

    first = next((place for place, column in enumerate(found) if isinstance(column.metric, FeatureMetric)), len(found))
    return [*found[:first], *sorted(found[first:], key=biased)]


def with_labels(text: str, shown: Sequence[Column]) -> str:
    """`text` with the keys of metrics replaced by their labels."""
    for column in shown:
        text = text.replace(column.key, column.label)
    return text
