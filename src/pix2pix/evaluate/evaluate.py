"""A folder of predictions measured against its targets, beside the answers that take no learning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from pix2pix.data.dataset import ImageDataset
from pix2pix.data.prediction_folders import INPUTS, TARGETS
from pix2pix.evaluate.image_files import PictureFiles
from pix2pix.evaluate.measure import PER_IMAGE, Measured, Measures, PairMetric, Pictures, rounded, rounded_kid
from pix2pix.evaluate.training_targets import TrainingTargets, mean_target
from pix2pix.metrics.colour import ColourHistogram, colour_histogram_distance, colourfulness
from pix2pix.metrics.feature_set import FeatureSet, distance_names, distances, few_images
from pix2pix.metrics.features.extractor import FeatureExtractor
from pix2pix.metrics.record_names import FLOOR, MODEL

MEAN = "mean picture"
LPIPS, COLOURFULNESS, COLOURS = "lpips", "colourfulness", "ab_distance"
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
    train: ImageDataset,
    *,
    copied: str,
    colouring: bool,
    extractor: FeatureExtractor,
    lpips: PairMetric | None,
    batch_size: int,
    device: torch.device,
) -> Evaluation:
    """Measure `folder`/<name>.png against `folder`/targets/<name>.png, in RGB.

    The trivial answers: the input copied, called `copied`, and the mean of the training targets. As a floor for the distances, real
    pictures of the training set are held against the real targets. `colouring` also measures how colourful the pictures are, and how
    far their colours are from the real ones'; `lpips` is measured where it is given. Means over images; five significant digits.
    """
    per_image: Mapping[str, PairMetric] = {**PER_IMAGE, LPIPS: lpips} if lpips else PER_IMAGE
    how = Measures({**per_image, COLOURFULNESS: _colourfulness} if colouring else per_image, extractor, device, batch_size)
    outputs, inputs, targets = (
        PictureFiles([part / f"{name}.png" for name in names]) for part in (folder, folder / INPUTS, folder / TARGETS)
    )
    height, width = targets[0].shape[1:]
    mean = mean_target(train, (height, width))
    others = TrainingTargets(train, len(names), (height, width))
    model = how.measure(outputs, targets)
    table = _Table(how.describe(targets), extractor, list(per_image))
    table.add(MODEL, model)
    table.add(copied, how.measure(inputs, targets))
    table.add(MEAN, how.measure_one(mean, targets))
    table.add(FLOOR, Measured({}, how.describe(others)))
    if colouring:
        table.add_colours({MODEL: outputs, copied: inputs, MEAN: [mean], FLOOR: others}, targets)
    images: list[dict[str, str | float]] = [
        {"name": name, **{metric: rounded(values[i].item()) for metric, values in model.values.items()}} for i, name in enumerate(names)
    ]
    caution = few_images(len(names), extractor)
    return Evaluation(distance_names(extractor)[0], extractor.resize, caution, list(table.answers.values()), table.intervals, images)


class _Table:
    """The answers as they are measured, each with its intervals."""

    def __init__(self, real: FeatureSet, extractor: FeatureExtractor, metrics: Sequence[str]) -> None:
        self.answers: dict[str, Answer] = {}
        self.intervals: dict[str, Bounds] = {}
        self._real, self._extractor, self._metrics = real, extractor, metrics

    def add(self, answer: str, found: Measured) -> None:
        """Means, distances and intervals of one answer; metrics of single images that it has not are None."""
        gap = distances(found.features, self._real)
        means = found.intervals()
        frechet, kid = distance_names(self._extractor)
        figures: Answer = {metric: rounded(means[metric].value) if metric in means else None for metric in self._metrics}
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

    def add_colours(self, sets: Mapping[str, Pictures], targets: Pictures) -> None:
        """How far the colours of each answer are from the targets', and how colourful the targets are."""
        real = _histogram(targets)
        for answer, pictures in sets.items():
            self.answers[answer][COLOURS] = rounded(colour_histogram_distance(_histogram(pictures), real))
        values = torch.cat([colourfulness(targets[i][None]) for i in range(len(targets))])
        self.answers[FLOOR][COLOURFULNESS] = rounded(values.mean().item())


def _histogram(pictures: Pictures) -> ColourHistogram:
    histogram = ColourHistogram()
    for i in range(len(pictures)):
        histogram.update(pictures[i][None])
    return histogram


def _colourfulness(fake_b: Tensor, real_b: Tensor) -> Tensor:
    return colourfulness(fake_b)
