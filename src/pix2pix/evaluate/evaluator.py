"""Measure sets of images against their targets, in bounded memory and on all cores."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from pix2pix.metrics.bootstrap import Interval, bootstrap_mean
from pix2pix.metrics.feature_set import FeatureSet
from pix2pix.metrics.features.efficientnet_lite0 import EfficientNetLite0Features
from pix2pix.metrics.features.extractor import FeatureExtractor
from pix2pix.metrics.features.inception_2015 import Inception2015Features
from pix2pix.metrics.lpips import Lpips
from pix2pix.metrics.metric import FeatureMetric, Images, PairMetric
from pix2pix.metrics.registry import METRICS

Result = TypeVar("Result")
BATCH = 16


@dataclass(frozen=True)
class Measured:
    """Measurements of a set of images.

    Attributes:
        values: metric -> (N,) float64, in the order of the images.
        features: features of the set, for the distances between sets.
    """

    values: dict[str, Tensor]
    features: FeatureSet

    def intervals(self) -> dict[str, Interval]:
        """Mean of each metric over the images, with its 95 % interval."""
        return {metric: bootstrap_mean(values) for metric, values in self.values.items()}


@dataclass(frozen=True)
class Evaluator:
    """Metrics, feature network and device of a measurement.

    Attributes:
        metrics: metrics of single images, by name.
        extractor: feature network for the distances between sets.
        device: where images and metrics are computed; the extractor has its own device.
        batch_size: images per batch; changes results by rounding only.
        progress: called with the number of images of each batch that is done.
    """

    metrics: Mapping[str, PairMetric]
    extractor: FeatureExtractor
    device: torch.device
    batch_size: int = BATCH
    progress: Callable[[int], object] | None = None

    def measure(self, fake: Images, real: Images, real_features: FeatureSet | None = None) -> Measured:
        """Measure each image of `fake` against the image of `real` with the same index and the same size in pixels.

        real_features: the features of `real` are added to it, as by `features`, but each image is read only once.

        Memory use: one number per image and metric, and a bounded number of feature vectors (see `FeatureSet`).
        """

        def work(indices: range) -> tuple[list[Tensor], dict[str, Tensor]]:
            batches = [
                (fake_b.to(self.device), real_b.to(self.device))
                for fake_b, real_b in zip(_batches(fake, indices), _batches(real, indices), strict=True)
            ]
            sides = list(zip(*batches, strict=True))[: 1 if real_features is None else 2]
            features = [torch.cat([self.extractor(images) for images in side]) for side in sides]
            return features, {metric: torch.cat([of(*pair).cpu() for pair in batches]) for metric, of in self.metrics.items()}

        return self._collected(self._in_parallel(work, len(fake)), len(fake), real_features)

    def measure_constant(self, image: Tensor, real: Images) -> Measured:
        """Measure one image, (3, H, W) RGB in [0, 1], as the output for each image of `real`."""
        features = self.extractor(image[None].to(self.device))

        def work(indices: range) -> tuple[list[Tensor], dict[str, Tensor]]:
            batches = [real_b.to(self.device) for real_b in _batches(real, indices)]
            pairs = [(image.to(self.device).expand_as(real_b), real_b) for real_b in batches]
            values = {metric: torch.cat([of(*pair).cpu() for pair in pairs]) for metric, of in self.metrics.items()}
            return [features.expand(len(indices), -1)], values

        return self._collected(self._in_parallel(work, len(real)), len(real))

    def features(self, images: Images) -> FeatureSet:
        """Compute the features of a set of images, for the distances between sets."""

        def work(indices: range) -> tuple[list[Tensor], dict[str, Tensor]]:
            return [torch.cat([self.extractor(batch.to(self.device)) for batch in _batches(images, indices)])], {}

        return self._collected(self._in_parallel(work, len(images)), len(images)).features

    def caution(self, images: int, *, reference: bool = True) -> str | None:
        """Return a warning if `images` are too few for a biased distance, else None; also None for one image, which has no distances.

        With no more images than feature dimensions the covariance is singular. The Frechet distance then depends more on the number of
        images than on their content. reference: whether that of the distance is measured.
        """
        if images > self.extractor.dims or images < 2:
            return None
        metrics = [metric for metric in METRICS if isinstance(metric, FeatureMetric) and metric.headline]
        biased, unbiased = (
            next(key for metric in metrics if metric.biased == bias and (key := metric.key(self.extractor.name))) for bias in (True, False)
        )
        beside = f", and {biased} only beside its reference" if reference else f"; {biased} has no reference with fewer than 4"
        return (
            f"{images} images are too few for {biased}, which compares {self.extractor.dims:,} features and is biased upward with so few "
            f"images: read {unbiased} first{beside}"
        )

    def _collected(
        self, parts: Iterator[tuple[list[Tensor], dict[str, Tensor]]], count: int, real_features: FeatureSet | None = None
    ) -> Measured:
        features = FeatureSet(self.extractor.dims, count)
        columns: dict[str, list[Tensor]] = {}
        for vectors, values in parts:
            features.add(vectors[0])
            if real_features is not None:
                real_features.add(vectors[1])
            for metric, column in values.items():
                columns.setdefault(metric, []).append(column)
        return Measured({metric: torch.cat(column) for metric, column in columns.items()}, features)

    def _in_parallel(self, work: Callable[[range], Result], count: int) -> Iterator[Result]:
        """Run `work` on batches of indices in parallel and yield the results in order.

        Each worker reads and measures a batch of its own with one PyTorch thread: splitting the small operations of one batch over
        threads is slower, and the result would depend on their number.
        """
        torch.backends.cudnn.allow_tf32 = False  # TF32 is PyTorch's default for convolutions on CUDA; its mantissa has ten bits
        threads = torch.get_num_threads()
        batches = [range(start, min(start + self.batch_size, count)) for start in range(0, count, self.batch_size)]
        try:
            with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
                for batch, result in zip(batches, pool.map(torch.inference_mode()(work), batches), strict=True):
                    yield result
                    if self.progress:
                        self.progress(len(batch))
        finally:
            torch.set_num_threads(threads)


def _batches(images: Images, indices: Sequence[int]) -> list[Tensor]:
    """Images of these indices as NCHW float32 tensors; consecutive images of one size are stacked."""
    read = [images[index] for index in indices]
    return [torch.stack(list(group)) for _, group in groupby(read, key=lambda image: image.shape)]


def load_extractor(inception: Path | None, device: torch.device) -> FeatureExtractor:
    """The feature network: Inception of 2015 from its weights, or EfficientNet-Lite0 without any. Raises UserError for another file."""
    return EfficientNetLite0Features(device=device) if inception is None else Inception2015Features(inception, device=device)


def load_lpips(alexnet: Path | None, device: torch.device) -> Lpips | None:
    """LPIPS from AlexNet's weights; None without them. Raises UserError for another file."""
    return None if alexnet is None else Lpips(alexnet, device=device)
