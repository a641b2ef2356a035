"""Measure a folder of predictions against its targets, beside baselines and the reference."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from pix2pix.data.dataset import ImageDataset
from pix2pix.data.prediction_folders import INPUTS, TARGETS
from pix2pix.evaluate.evaluator import Evaluator, Measured
from pix2pix.evaluate.images import ImageFiles, ReferenceImages, mean_training_image
from pix2pix.metrics.bootstrap import Interval, Resampled, paired_difference, resampled_difference
from pix2pix.metrics.feature_set import FeatureSet
from pix2pix.metrics.features.extractor import FeatureExtractor
from pix2pix.metrics.labels import IDENTITY, MEAN, MODEL, REFERENCE
from pix2pix.metrics.metric import FeatureMetric, ImageMetric, Images, PairMetric, PixelSetMetric
from pix2pix.metrics.registry import METRICS, find
from pix2pix.metrics.verdict import difference_as_json
from pix2pix.system.atomic_write import write_csv, write_json

Number = float | int | None
Row = dict[str, str | float | None]
Bounds = dict[str, dict[str, float]]  # metric -> {"low": ..., "high": ...}
Values = dict[str, Interval | float | None]
Differences = dict[str, dict[str, float | str | None]]  # metric -> see `difference_as_json`


@dataclass(frozen=True)
class Evaluation:
    """Measurements of a set of predictions.

    Attributes:
        resize: the resize before the feature network; distances depend on it.
        caution: warning if there are too few images for the Frechet distance, else None.
        rows: model, baselines and reference, by `name`: means over images and distances of the set; None if a metric is not defined.
        intervals: row name -> metric -> 95 % interval, of the means and of the kernel distance.
        differences: baseline -> metric -> how far the model is from it, of metrics of single images and of the kernel distance.
        images: name and metrics of each prediction.
    """

    resize: str
    caution: str | None
    rows: list[Row]
    intervals: dict[str, Bounds]
    differences: dict[str, Differences]
    images: list[dict[str, str | float]]

    @property
    def metrics(self) -> dict[str, Number]:
        """The model's metrics as in data/metrics/<dataset>.json, with the number of images."""
        model = {key: value for key, value in self.rows[0].items() if (metric := find(key)) and metric.recorded}
        return {**{key: value for key, value in model.items() if not isinstance(value, str)}, "images": len(self.images)}

    def write(self, metrics: Path, images: Path, evaluation: Path, *, dataset: str, epochs: int) -> None:
        """Write the metrics (JSON), the metrics of each image (CSV) and the whole evaluation (JSON) to these files, atomically."""
        figures = {**self.metrics, "epochs": epochs}
        write_json(metrics, {dataset: figures})
        # repeats the metrics, because the report must not read data/metrics: Git restores that file and DVC does not remove it
        write_json(evaluation, {"metrics": figures, **asdict(self)})
        write_csv(images, self.images)

    def summary(self, dataset: str) -> str:
        """Text to print: the metrics, the caution, and a line if LPIPS is off."""
        lines = [", ".join(f"{key} {value}" for key, value in self.metrics.items() if key != "images")]
        if self.caution:
            lines.append(self.caution)
        if "lpips" not in self.rows[0]:
            lines.append("LPIPS is off, as it needs AlexNet's weights: evaluate.lpips_weights is a path, or the word fetch")
        return "\n".join(f"{dataset}: {line}" for line in lines)


def evaluate_dataset(
    prepared: Path,
    predictions: Path,
    split: str,
    extractor: FeatureExtractor,
    lpips: PairMetric | None,
    *,
    batch_size: int,
    device: torch.device,
) -> Evaluation:
    """Evaluate the predictions of `split` of a prepared dataset. `lpips`: None leaves LPIPS out.

    Raises UserError if a file is missing or damaged.
    """
    dataset, train = ImageDataset(prepared / split), ImageDataset(prepared / "train")
    colouring = dataset.planes.input != "rgb"
    metrics = image_metrics({"lpips": lpips} if lpips else {}, colouring=colouring)
    return evaluate(predictions, dataset.names, train, colouring=colouring, evaluator=Evaluator(metrics, extractor, device, batch_size))


def image_metrics(loaded: Mapping[str, PairMetric], *, colouring: bool) -> dict[str, PairMetric]:
    """Metrics of single images, by name in the registry's order: those without weights, and those in `loaded`."""
    found = {}
    for metric in METRICS:
        if isinstance(metric, ImageMetric) and (colouring or not metric.colouring_only):
            if metric.name in loaded:
                found[metric.name] = loaded[metric.name]
            elif metric.function:
                found[metric.name] = metric.load()
    return found


def evaluate(folder: Path, names: Sequence[str], train: ImageDataset, *, colouring: bool, evaluator: Evaluator) -> Evaluation:
    """Measure `folder`/<name>.png against `folder`/targets/<name>.png, in RGB.

    The baselines are the input itself and the mean training image. The reference is the distance between training targets and these
    targets. A model comes below it only if its outputs copy parts of their targets, as colouring copies the lightness.

    Args:
        folder: predictions, with `inputs/` and `targets/`.
        names: file names without `.png`.
        train: the training split.
        colouring: whether the inputs are grey; if so, colour distances are measured too.
        evaluator: with the metrics of `image_metrics`.

    Raises UserError if a file is missing or damaged.
    """
    outputs, inputs, targets = (
        ImageFiles([part / f"{name}.png" for name in names]) for part in (folder, folder / INPUTS, folder / TARGETS)
    )
    height, width = targets[0].shape[1:]
    mean = mean_training_image(train, (height, width))
    reference = ReferenceImages(train, len(names), (height, width))
    real, caution = evaluator.features(targets), evaluator.caution(len(names))
    model = evaluator.measure(outputs, targets)
    measured: dict[str, tuple[Measured, Images]] = {
        MODEL: (model, outputs),
        IDENTITY: (evaluator.measure(inputs, targets), inputs),
        MEAN: (evaluator.measure_constant(mean, targets), [mean]),
        REFERENCE: (Measured({}, evaluator.features(reference)), reference),
    }
    rows: list[Row] = []
    intervals: dict[str, Bounds] = {}
    measurements: dict[str, Values] = {}
    for name, (found, images) in measured.items():
        values: Values = dict.fromkeys(evaluator.metrics)
        values |= found.intervals() if found.values else _of_real_images(evaluator, targets)
        values |= _distances(found.features, real, evaluator.extractor.name, unbiased_first=caution is not None)
        if colouring:
            values |= {metric.name: metric.load()(images, targets) for metric in METRICS if isinstance(metric, PixelSetMetric)}
        measurements[name] = values
        rows.append({"name": name, **{key: _rounded(key, value) for key, value in values.items()}})
        intervals[name] = {key: _bounds(key, value) for key, value in values.items() if isinstance(value, Interval)}
    each = {key: values.tolist() for key, values in model.values.items()}
    per_image: list[dict[str, str | float]] = [
        {"name": name, **{key: _round(key, values[place]) for key, values in each.items()}} for place, name in enumerate(names)
    ]
    differences = {
        baseline: _differences(model.values, measured[baseline][0].values, measurements[MODEL], measurements[baseline])
        for baseline in (IDENTITY, MEAN)
    }
    return Evaluation(evaluator.extractor.resize, caution, rows, intervals, differences, per_image)


def _differences(model: Mapping[str, Tensor], baseline: Mapping[str, Tensor], of_model: Values, of_baseline: Values) -> Differences:
    """How far the model is from a baseline, of metrics with a direction. model, baseline: values of each image; the others: of the sets."""
    found = {}
    for key, value in of_model.items():
        metric, other = find(key), of_baseline[key]
        if metric is None or metric.direction is None or not isinstance(value, Interval):
            continue
        if isinstance(value, Resampled) and isinstance(other, Resampled):
            gap = resampled_difference(value, other)
        else:
            gap = paired_difference(model[key], baseline[key])
        found[key] = difference_as_json(metric, value.value, gap)
    return found


def _of_real_images(evaluator: Evaluator, targets: Images) -> dict[str, float]:
    """Means over the targets of metrics without a better direction, whose value should be near that of real images."""
    found = {}
    for metric in METRICS:
        if metric.direction is None and (compute := evaluator.metrics.get(metric.name)):
            found[metric.name] = torch.cat([compute(targets[i][None], targets[i][None]) for i in range(len(targets))]).mean().item()
    return found


def _distances(fake: FeatureSet, real: FeatureSet, network: str, *, unbiased_first: bool) -> Values:
    metrics = [metric for metric in METRICS if isinstance(metric, FeatureMetric)]
    if unbiased_first:
        metrics.sort(key=lambda metric: metric.biased)
    return {key: metric.load()(fake, real) for metric in metrics if (key := metric.key(network))}


def _round(key: str, value: float) -> float:
    metric = find(key)
    assert metric, f"{key} is no metric of the registry"
    return metric.rounded(value)


def _rounded(key: str, value: Interval | float | None) -> float | None:
    return None if value is None else _round(key, value.value if isinstance(value, Interval) else value)


def _bounds(key: str, interval: Interval) -> dict[str, float]:
    return {"low": _round(key, interval.low), "high": _round(key, interval.high)}
