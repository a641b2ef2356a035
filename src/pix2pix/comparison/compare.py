"""Sets of pictures measured against the same targets, and each against the first, image by image."""

from dataclasses import dataclass

import torch
from torch import Tensor
from tqdm import tqdm

from pix2pix.comparison.match import Matched
from pix2pix.comparison.source import Files
from pix2pix.evaluation.measuring import Measured, Measures
from pix2pix.evaluation.pictures import PictureFiles
from pix2pix.metrics.bootstrap import PairedDifference, paired_difference
from pix2pix.metrics.feature_set import FeatureSet, distance_names, distances, few_images
from pix2pix.metrics.features.extractor import FeatureExtractor

SOURCE, TRIVIAL, FLOOR = "source", "trivial", "floor"
COPIED, MEAN, HALVES = "input copied", "mean of the targets", "real against real"


@dataclass(frozen=True)
class Figure:
    """A measurement with its 95 % interval, where it has one, and its difference to the first set's, image by image."""

    value: float
    low: float | None = None
    high: float | None = None
    difference: PairedDifference | None = None


@dataclass(frozen=True)
class Entry:
    """One set of pictures: a source, a trivial answer, or the floor of the distances.

    Attributes:
        figures: metric -> its figure; what was not measured is missing.
        values: metric -> (N,) float64 of each image; empty for the floor.
    """

    name: str
    origin: str
    role: str
    figures: dict[str, Figure]
    values: dict[str, Tensor]


@dataclass(frozen=True)
class Comparison:
    """What there is to tell about the sets.

    Attributes:
        entries: the sources in their order, the trivial answers, the floor.
        caution: what to know about the Frechet distance where the images are too few for it, else None.
        resize: the resize in front of the network of the distances.
        notes: sentences about what could not be compared or measured.
    """

    matched: Matched
    entries: list[Entry]
    caution: str | None
    resize: str
    notes: list[str]

    @property
    def sources(self) -> list[Entry]:
        """The entries that were asked for."""
        return [entry for entry in self.entries if entry.role == SOURCE]


def compare(matched: Matched, how: Measures, notes: list[str]) -> Comparison:
    """Measure every set image by image and by its distances to the targets, beside trivial answers and the floor.

    The trivial answers are the inputs as they are, where a set has them, and the mean of the targets, where these are of one size. The
    floor holds every other target against the rest: no set should be expected to come below it.
    """
    targets, extractor = _files(matched.targets, matched.stems), how.extractor
    real = how.describe(targets)
    entries: list[Entry] = []

    def add(name: str, origin: str, role: str, found: Measured, against: FeatureSet = real) -> None:
        first = entries[0].values if entries and role == SOURCE else None
        entries.append(_entry(name, origin, role, found, first, against, extractor))

    for source in tqdm(matched.sources, desc="compare", unit="set", disable=None):
        add(source.name, source.origin, SOURCE, how.measure(_files(source.outputs, matched.stems), targets))
    if matched.inputs:
        add(COPIED, "the input as the answer", TRIVIAL, how.measure(_files(matched.inputs, matched.stems), targets))
    mean = _mean(targets)
    if mean is not None:
        add(MEAN, "their mean as the answer to each", TRIVIAL, how.measure_one(mean, targets))
    half, other = (_set(part, extractor) for part in (real.vectors[0::2], real.vectors[1::2]))
    add(HALVES, "every other target against the rest", FLOOR, Measured({}, half), other)
    caution = few_images(len(targets), extractor)
    return Comparison(matched, [entry for entry in entries if entry.figures], caution, extractor.resize, [*matched.left_out, *notes])


def _files(files: Files, stems: list[str]) -> PictureFiles:
    return PictureFiles([files[stem] for stem in stems])


def _entry(
    name: str, origin: str, role: str, found: Measured, first: dict[str, Tensor] | None, real: FeatureSet, extractor: FeatureExtractor
) -> Entry:
    figures = {}
    for metric, mean in found.intervals().items():
        difference = paired_difference(found.values[metric], first[metric]) if first else None
        figures[metric] = Figure(mean.value, mean.low, mean.high, difference)
    if min(found.features.statistics.count, real.statistics.count) >= 2:  # one picture has no spread
        gap = distances(found.features, real)
        frechet, kid = distance_names(extractor)
        figures[frechet] = Figure(gap.frechet)
        figures[kid] = Figure(gap.kid.value, gap.kid.low, gap.kid.high)
    return Entry(name, origin, role, figures, found.values)


def _set(vectors: Tensor, extractor: FeatureExtractor) -> FeatureSet:
    found = FeatureSet(extractor.dims, len(vectors))
    found.add(vectors)
    return found


def _mean(pictures: PictureFiles) -> Tensor | None:
    """(3, H, W) mean in [0, 1], rounded to 8 bits; None where the pictures are of several sizes."""
    total = torch.zeros(pictures[0].shape, dtype=torch.int64)
    for i in range(len(pictures)):
        picture = pictures[i]
        if picture.shape != total.shape:
            return None
        total += (picture * 255).round().long()
    return (total.double() / len(pictures)).round().float() / 255
