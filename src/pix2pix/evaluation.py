"""A folder of predictions measured against its targets, beside the answers that take no learning."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from pix2pix.data.store import ImageStore
from pix2pix.measuring import PER_IMAGE, Measured, PairMetric, describe, measure, measure_picture, rounded, rounded_kid
from pix2pix.metrics.colour import ColourHistogram, colour_histogram_distance, colourfulness
from pix2pix.metrics.feature_set import FeatureSet, distance_names, distances, few_images
from pix2pix.metrics.features.extractor import FeatureExtractor
from pix2pix.pictures import PictureFiles
from pix2pix.predict import INPUTS, TARGETS
from pix2pix.training_targets import TrainingTargets, mean_target

MODEL, MEAN, FLOOR = "model", "mean picture", "real against real"
COLOURFULNESS, COLOURS = "colourfulness", "ab_distance"
AS_A_SET = ("precision", "recall")

Answer = dict[str, str | float | None]
Bounds = dict[str, dict[str, float]]  # metric -> {"low": ..., "high": ...}


@dataclass(frozen=True)
class Evaluation:
    """What a set of predictions is worth.

    Attributes:
        distance: name of the Frechet distance.
        resize: the resize in front of its network, which is part of the distance.
        caution: what to know about the distance where the images are too few for it, else None.
        answers: the model, the trivial answers, and real pictures against real ones: means over images, and distances of the set.
        intervals: of each answer, the 95 % intervals of the means and of the kernel distance.
        images: name and metrics of each prediction.
    """

    distance: str
    resize: str
    caution: str | None
    answers: list[Answer]
    intervals: dict[str, Bounds]
    images: list[dict[str, str | float]]


def evaluate(
    folder: Path,
    names: Sequence[str],
    train: ImageStore,
    *,
    copied: str,
    colouring: bool,
    extractor: FeatureExtractor,
    batch_size: int,
    device: torch.device,
) -> Evaluation:
    """Measure `folder`/<name>.png against `folder`/targets/<name>.png, in RGB.

    The trivial answers: the input copied, called `copied`, and the mean of the training targets. As a floor for the distances, real
    pictures of the training set are held against the real targets. `colouring` also measures how colourful the pictures are, and how
    far their colours are from the real ones'. Means over images; five significant digits.
    """
    metrics: Mapping[str, PairMetric] = {**PER_IMAGE, COLOURFULNESS: _colourfulness} if colouring else PER_IMAGE
    outputs, inputs, targets = (
        PictureFiles([part / f"{name}.png" for name in names], batch_size) for part in (folder, folder / INPUTS, folder / TARGETS)
    )
    height, width = next(iter(targets)).shape[2:]
    mean = mean_target(train, (height, width))
    others = TrainingTargets(train, len(names), (height, width), batch_size)
    model = measure(outputs, targets, metrics, extractor, device)
    table = _Table(describe(targets, len(targets), extractor, device), extractor)
    table.add(MODEL, model)
    table.add(copied, measure(inputs, targets, metrics, extractor, device))
    table.add(MEAN, measure_picture(mean, targets, metrics, extractor, device))
    table.add(FLOOR, Measured({}, describe(others, len(others), extractor, device)))
    if colouring:
        table.add_colours({MODEL: outputs, copied: inputs, MEAN: [mean], FLOOR: others}, targets)
    images: list[dict[str, str | float]] = [
        {"name": name, **{metric: rounded(values[i].item()) for metric, values in model.values.items()}} for i, name in enumerate(names)
    ]
    caution = few_images(len(names), extractor)
    return Evaluation(distance_names(extractor)[0], extractor.resize, caution, list(table.answers.values()), table.intervals, images)


class _Table:
    """The answers as they are measured, each with its intervals."""

    def __init__(self, real: FeatureSet, extractor: FeatureExtractor) -> None:
        self.answers: dict[str, Answer] = {}
        self.intervals: dict[str, Bounds] = {}
        self._real, self._extractor = real, extractor

    def add(self, answer: str, found: Measured) -> None:
        """Means, distances and intervals of one answer; metrics of single images that it has not are None."""
        gap = distances(found.features, self._real)
        means = found.intervals()
        frechet, kid = distance_names(self._extractor)
        figures: Answer = {metric: rounded(means[metric].value) if metric in means else None for metric in PER_IMAGE}
        if COLOURFULNESS in means:
            figures[COLOURFULNESS] = rounded(means[COLOURFULNESS].value)
        apart: Answer = {kid: rounded_kid(gap.kid.value), frechet: rounded(gap.frechet)}
        if few_images(self._real.statistics.count, self._extractor) is None:
            apart = dict(reversed(apart.items()))
        as_a_set = zip(AS_A_SET, (gap.precision, gap.recall), strict=True)
        self.answers[answer] = {
            "answer": answer,
            **figures,
            **apart,
            **{key: None if value is None else rounded(value) for key, value in as_a_set},
        }
        self.intervals[answer] = {
            **{metric: {"low": rounded(mean.low), "high": rounded(mean.high)} for metric, mean in means.items()},
            kid: {"low": rounded_kid(gap.kid.low), "high": rounded_kid(gap.kid.high)},
        }

    def add_colours(self, pictures: Mapping[str, Iterable[Tensor]], targets: Iterable[Tensor]) -> None:
        """How far the colours of each answer are from the targets', and how colourful the targets are."""
        real = _histogram(targets)
        for answer, batches in pictures.items():
            self.answers[answer][COLOURS] = rounded(colour_histogram_distance(_histogram(batches), real))
        values = torch.cat([colourfulness(batch) for batch in targets])
        self.answers[FLOOR][COLOURFULNESS] = rounded(values.mean().item())


def _histogram(batches: Iterable[Tensor]) -> ColourHistogram:
    histogram = ColourHistogram()
    for batch in batches:
        histogram.update(batch)
    return histogram


def _colourfulness(fake_b: Tensor, real_b: Tensor) -> Tensor:
    return colourfulness(fake_b)
