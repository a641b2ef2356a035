"""A folder of predictions measured against its targets, beside the answers that take no learning."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pix2pix.data.store import ImageStore
from pix2pix.metrics.features.extractor import FeatureExtractor
from pix2pix.metrics.frechet import GaussianStatistics, frechet_distance
from pix2pix.metrics.l1 import l1
from pix2pix.metrics.psnr import psnr
from pix2pix.metrics.ssim import ssim
from pix2pix.predict import INPUTS, TARGETS

MODEL, MEAN, FLOOR = "model", "mean picture", "real against real"
PER_IMAGE = {"l1": l1, "psnr": psnr, "ssim": ssim}

Answer = dict[str, str | float | None]


@dataclass(frozen=True)
class Evaluation:
    """What a set of predictions is worth."""

    distance: str  # name of the Frechet distance
    answers: list[Answer]  # model, then the trivial answers, then real against real
    images: list[dict[str, str | float]]  # name and metrics of each prediction


def evaluate(
    folder: Path, names: Sequence[str], train: ImageStore, *, copied: str, extractor: FeatureExtractor, batch_size: int, device: torch.device
) -> Evaluation:
    """Measure `folder`/<name>.png against `folder`/targets/<name>.png, in RGB.

    The trivial answers: the input copied, called `copied`, and the mean of the training targets. As a floor for the distance, real
    pictures of the training set are held against the real targets. Means over images; six significant digits.
    """
    distance = "fid" if extractor.name.startswith("inception") else f"fd_{extractor.name}"
    folders = {MODEL: folder, copied: folder / INPUTS}
    targets = _Folder(folder / TARGETS, names, batch_size)
    real = _statistics(targets, extractor, device)
    mean = _mean_target(train, targets.size()).to(device)
    rows: dict[str, dict[str, list[float]]] = {answer: {metric: [] for metric in PER_IMAGE} for answer in (*folders, MEAN)}
    for answer, path in folders.items():
        for fake_b, real_b in zip(_Folder(path, names, batch_size), targets, strict=True):
            _measure(rows[answer], fake_b.to(device), real_b.to(device))
    for real_b in targets:
        _measure(rows[MEAN], mean.expand_as(real_b), real_b.to(device))
    answers: list[Answer] = []
    for answer, columns in rows.items():
        pictures = _Folder(folders[answer], names, batch_size) if answer in folders else [mean] * len(names)
        fd = frechet_distance(_statistics(pictures, extractor, device), real)
        answers.append({"answer": answer, **{metric: rounded(_mean(values)) for metric, values in columns.items()}, distance: rounded(fd)})
    others = _train_targets(train, len(names), targets.size(), batch_size)
    floor = frechet_distance(_statistics(others, extractor, device), real)
    answers.append({"answer": FLOOR, **dict.fromkeys(PER_IMAGE), distance: rounded(floor)})
    columns = rows[MODEL]
    images: list[dict[str, str | float]] = [
        {"name": name, **{metric: rounded(columns[metric][i]) for metric in PER_IMAGE}} for i, name in enumerate(names)
    ]
    return Evaluation(distance, answers, images)


def rounded(value: float) -> float:
    """Six significant digits: further ones differ between machines."""
    return float(f"{value:.6g}")


class _Folder:
    """Pictures of a folder in batches, (n, 3, H, W) float32 in [0, 1]; can be gone through again."""

    def __init__(self, folder: Path, names: Sequence[str], batch_size: int) -> None:
        self._folder, self._names, self._batch_size = folder, names, batch_size

    def __iter__(self) -> Iterator[Tensor]:
        for start in range(0, len(self._names), self._batch_size):
            yield torch.stack([self._read(name) for name in self._names[start : start + self._batch_size]])

    def size(self) -> tuple[int, int]:
        """Height and width."""
        height, width = self._read(self._names[0]).shape[1:]
        return height, width

    def _read(self, name: str) -> Tensor:
        with Image.open(self._folder / f"{name}.png") as picture:
            return torch.from_numpy(np.asarray(picture.convert("RGB")).copy()).permute(2, 0, 1) / 255


def _measure(columns: dict[str, list[float]], fake_b: Tensor, real_b: Tensor) -> None:
    for metric, function in PER_IMAGE.items():
        columns[metric] += function(fake_b, real_b).tolist()


def _statistics(pictures: Iterator[Tensor] | _Folder | list[Tensor], extractor: FeatureExtractor, device: torch.device) -> GaussianStatistics:
    statistics = GaussianStatistics(extractor.dims)
    known: dict[int, Tensor] = {}  # the mean picture comes many times; its features are worked out once
    for batch in pictures:
        features = known.get(id(batch))
        if features is None:
            features = extractor(batch.to(device))
            if isinstance(pictures, list):
                known[id(batch)] = features
        statistics.update(features.cpu())
    return statistics


def _targets_rgb(train: ImageStore, indices: Sequence[int], size: tuple[int, int]) -> Tensor:
    """Middle of the training targets, (n, 3, *size) float32 in [0, 1]."""
    real_a, real_b = train.layout.split(train.read(indices))
    rgb = train.layout.output_rgb(real_a, real_b).permute(0, 3, 1, 2)
    top, left = (train.height - size[0]) // 2, (train.width - size[1]) // 2
    return rgb[:, :, top : top + size[0], left : left + size[1]] / 255


def _train_targets(train: ImageStore, count: int, size: tuple[int, int], batch_size: int) -> Iterator[Tensor]:
    """As many training targets as there are predictions, spread over the set."""
    count = min(count, len(train))
    spread = [i * len(train) // count for i in range(count)]
    for start in range(0, count, batch_size):
        yield _targets_rgb(train, spread[start : start + batch_size], size)


def _mean_target(train: ImageStore, size: tuple[int, int]) -> Tensor:
    """Mean of all training targets, as the 8-bit picture that a person would hand in; (1, 3, H, W) in [0, 1]."""
    total = torch.zeros(1, 3, *size, dtype=torch.float64)
    for start in range(0, len(train), 64):
        part = _targets_rgb(train, range(start, min(start + 64, len(train))), size)
        total += (part.double() * 255).round().sum(dim=0, keepdim=True)
    mean = (total / len(train)).round() / 255
    return mean.float()


def _mean(values: Sequence[float]) -> float:
    return float(sum(values)) / len(values)
