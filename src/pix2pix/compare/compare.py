"""Measure sets of images against the same targets, and compare each set with the first, image by image."""

from dataclasses import dataclass, replace
from threading import Lock

import torch
from torch import Tensor
from tqdm import tqdm

from pix2pix.compare.match import Matched
from pix2pix.compare.source import Files
from pix2pix.evaluate.evaluator import Evaluator, Measured
from pix2pix.evaluate.images import ImageFiles
from pix2pix.metrics import labels
from pix2pix.metrics.bootstrap import Interval, PairedDifference, Resampled, paired_difference, resampled_difference
from pix2pix.metrics.feature_set import FeatureSet
from pix2pix.metrics.features.extractor import FeatureExtractor
from pix2pix.metrics.frechet import frechet_distance
from pix2pix.metrics.metric import FeatureMetric
from pix2pix.metrics.registry import METRICS, Column
from pix2pix.metrics.registry import columns as metric_columns
from pix2pix.system.terminal import interval, number

SOURCE, BASELINE, REFERENCE = "source", "baseline", "reference"  # roles of an entry
IDENTITY, MEAN, REAL = labels.IDENTITY, "mean of the targets", "reference (halves of the targets)"  # names of the other entries
CHANGED = 8  # number of images listed as changed most
KEPT = 512 << 20  # bytes of targets, which every set reads: 2,700 images of 256 px


@dataclass(frozen=True)
class Figure:
    """A measurement.

    Attributes:
        value, low, high: the value and its 95 % interval, None without one.
        difference: difference to the first set: the mean over the images, or that of the kernel distances.
        halved: mean distance of each half of the images to the other half of the targets, as many images as the reference has.
        resampled: the kernel distance with its resamples, for differences to it.
    """

    value: float
    low: float | None = None
    high: float | None = None
    difference: PairedDifference | None = None
    halved: float | None = None
    resampled: Resampled | None = None

    @property
    def bounds(self) -> str:
        """The interval as text, or the value on as many images as the reference; "" without either."""
        return interval({"low": self.low, "high": self.high}) if self.halved is None else f"halves {number(self.halved)}"


@dataclass(frozen=True)
class Entry:
    """One set of images: a source, a baseline or the reference.

    Attributes:
        figures: metric -> figure; a metric that was not measured is missing.
        values: metric -> (N,) float64, one value per image; empty for the reference.
        identical: whether it is another source whose images are those of the first, pixel for pixel.
    """

    name: str
    origin: str
    role: str
    figures: dict[str, Figure]
    values: dict[str, Tensor]
    identical: bool = False


@dataclass(frozen=True)
class Comparison:
    """The measurements of all sets.

    Attributes:
        entries: the sources in their order, the baselines, the reference.
        halves: sizes of the two halves of the targets that the reference compares.
        caution: warning if there are too few images for the Frechet distance, else None.
        resize: the resize before the feature network; "" without distances.
        notes: sentences on what could not be compared or measured.
    """

    matched: Matched
    entries: list[Entry]
    halves: tuple[int, int]
    caution: str | None
    resize: str
    notes: list[str]

    @property
    def sources(self) -> list[Entry]:
        """The entries that the user named."""
        return [entry for entry in self.entries if entry.role == SOURCE]

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every metric of any entry; the kernel distance comes first if there are too few images for the Frechet distance."""
        return metric_columns({key for entry in self.entries for key in entry.figures}, unbiased_first=self.caution is not None)

    @property
    def leading(self) -> Column:
        """The metric to rank images by: LPIPS, which agrees with human perception, or L1 if LPIPS was not measured."""
        ranked = "lpips" if "lpips" in self.sources[0].values else "l1"
        return next(column for column in self.columns if column.key == ranked)


def compare(matched: Matched, evaluator: Evaluator, notes: list[str]) -> Comparison:
    """Measure every set, image by image and as a set, beside baselines and the reference.

    The baselines are the input itself, if a set has inputs, and the mean of the targets, if these have one size. The reference is the
    distance of every other target to the rest, so it is of half as many images. A biased distance grows with fewer images (see
    `Evaluator.caution`); it is therefore also measured on halves (`Figure.halved`), for comparison with the reference.

    A progress bar on a terminal counts the images of all of these.
    """
    passes = 1 + len(matched.sources) + bool(matched.inputs)  # the sets, the inputs, the mean of the targets
    with tqdm(total=passes * len(matched.stems), desc="compare", unit="image", disable=None) as bar:
        return _measured(matched, replace(evaluator, progress=bar.update), notes)


def _measured(matched: Matched, evaluator: Evaluator, notes: list[str]) -> Comparison:
    targets, extractor = _files(matched.targets, matched.stems, KEPT), evaluator.extractor
    averaged = Averaged(targets)
    real = FeatureSet(extractor.dims, len(targets))
    entries: list[Entry] = []

    def add(name: str, origin: str, role: str, found: Measured, against: FeatureSet = real) -> None:
        first = entries[0] if entries and role == SOURCE else None
        entries.append(_entry(name, origin, role, found, first, against, extractor))

    for source in matched.sources:
        outputs = _files(source.outputs, matched.stems)
        # the targets are described and summed up as they are read for the first set
        found = evaluator.measure(outputs, targets) if entries else evaluator.measure(outputs, averaged, real)
        add(source.name, source.origin, SOURCE, found)
        entries[-1] = replace(entries[-1], identical=len(entries) > 1 and _identical(entries, matched))
    if matched.inputs:
        add(IDENTITY, "the input as the output", BASELINE, evaluator.measure(_files(matched.inputs, matched.stems), targets))
    mean = averaged.mean()
    if mean is not None:
        add(MEAN, "their mean as every output", BASELINE, evaluator.measure_constant(mean, targets))
    elif evaluator.progress:
        evaluator.progress(len(targets))
    half, other = _halves(real, extractor)
    add(REAL, "every other target against the rest", REFERENCE, Measured({}, half), other)
    entries = [entry for entry in entries if entry.figures]
    measured_sets = any(entry.figures.keys() - entry.values.keys() for entry in entries)
    return Comparison(
        matched,
        entries,
        (half.statistics.count, other.statistics.count),
        evaluator.caution(len(targets), reference=entries[-1].role == REFERENCE),
        extractor.resize if measured_sets else "",
        [*matched.left_out, *notes],
    )


def changed_most(first: Entry, other: Entry, metric: str, stems: list[str], count: int = CHANGED) -> list[tuple[str, float]]:
    """Return (stem, other's value - first's) of the `count` images with the largest absolute change, largest first."""
    changes = (other.values[metric] - first.values[metric]).tolist()
    return sorted(zip(stems, changes, strict=True), key=lambda change: -abs(change[1]))[:count]


def _files(files: Files, stems: list[str], memory: int = 0) -> ImageFiles:
    return ImageFiles([files[stem] for stem in stems], memory)


def _identical(entries: list[Entry], matched: Matched) -> bool:
    """Whether the last of the entries has the images of the first. Images are read only if every value is the same."""
    first, last = entries[0].values, entries[-1].values
    if not all(torch.equal(first[metric], last[metric]) for metric in first):
        return False
    before, after = (_files(matched.sources[place].outputs, matched.stems) for place in (0, len(entries) - 1))
    return all(torch.equal(before[i], after[i]) for i in range(len(before)))


def _entry(name: str, origin: str, role: str, found: Measured, first: Entry | None, real: FeatureSet, extractor: FeatureExtractor) -> Entry:
    figures = {}
    for metric, mean in found.intervals().items():
        difference = paired_difference(found.values[metric], first.values[metric]) if first else None
        figures[metric] = Figure(mean.value, mean.low, mean.high, difference)
    if min(found.features.statistics.count, real.statistics.count) >= 2:  # one image has no variance
        for distance in METRICS:
            if isinstance(distance, FeatureMetric) and distance.headline and (key := distance.key(extractor.name)):
                before = first.figures[key].resampled if first else None
                figures[key] = _distance(distance, found, before, real, extractor)
    return Entry(name, origin, role, figures, found.values)


def _distance(metric: FeatureMetric, found: Measured, before: Resampled | None, real: FeatureSet, extractor: FeatureExtractor) -> Figure:
    value = metric.load()(found.features, real)
    if isinstance(value, Resampled):
        return Figure(value.value, value.low, value.high, resampled_difference(value, before) if before else None, resampled=value)
    assert value is not None and not isinstance(value, Interval), f"{metric.name} is a number from two images on"
    return Figure(value, halved=_halved(found.features, real, extractor) if metric.biased and found.values else None)


def _halved(fake: FeatureSet, real: FeatureSet, extractor: FeatureExtractor) -> float | None:
    """Mean Frechet distance of each half of the images to the other half of the targets; None if a half has fewer than 2 images."""
    fakes, reals = _halves(fake, extractor), _halves(real, extractor)
    if reals[1].statistics.count < 2:
        return None
    return (frechet_distance(fakes[0].statistics, reals[1].statistics) + frechet_distance(fakes[1].statistics, reals[0].statistics)) / 2


def _halves(features: FeatureSet, extractor: FeatureExtractor) -> tuple[FeatureSet, FeatureSet]:
    halves = []
    for vectors in (features.vectors[0::2], features.vectors[1::2]):
        halves.append(FeatureSet(extractor.dims, len(vectors)))
        halves[-1].add(vectors)
    return halves[0], halves[1]


class Averaged:
    """Images that add up while each is read once, by any thread. The sums are of whole numbers, so their order does not matter."""

    def __init__(self, images: ImageFiles) -> None:
        self._images, self._lock = images, Lock()
        self._total: Tensor | None = None  # of the images so far; None before the first, and once two differ in size
        self._sizes: set[torch.Size] = set()

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> Tensor:
        image = self._images[index]
        levels = (image * 255).round()
        with self._lock:
            self._sizes.add(image.shape)
            if len(self._sizes) > 1:
                self._total = None
            else:
                self._total = levels.double() if self._total is None else self._total.add_(levels)
        return image

    def mean(self) -> Tensor | None:
        """Mean image, (3, H, W) in [0, 1], rounded to 8 bits; None if the images differ in size."""
        return None if self._total is None else (self._total / len(self)).round().float() / 255
