"""Sets of pictures measured against their targets, in bounded memory and on all cores."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from pix2pix.metrics.bootstrap import Interval, bootstrap_mean
from pix2pix.metrics.feature_set import FeatureSet
from pix2pix.metrics.features.extractor import FeatureExtractor
from pix2pix.metrics.l1 import l1
from pix2pix.metrics.psnr import psnr
from pix2pix.metrics.ssim import ssim

Result = TypeVar("Result")
PairMetric = Callable[[Tensor, Tensor], Tensor]
"""(fake_b, real_b), NCHW float RGB in [0, 1] -> (N,) float64, a value for each image."""

PER_IMAGE: Mapping[str, PairMetric] = {"l1": l1, "psnr": psnr, "ssim": ssim}
BATCH = 16


class Pictures(Protocol):
    """Pictures that are read when they are asked for."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: int) -> Tensor:
        """(3, H, W) float32 RGB in [0, 1]; sizes may differ."""


@dataclass(frozen=True)
class Measured:
    """A set of pictures measured: metric -> (N,) float64 in the order of the pictures, and the set as the distances see it."""

    values: dict[str, Tensor]
    features: FeatureSet

    def intervals(self) -> dict[str, Interval]:
        """The mean of each metric over the images, with its 95 % interval."""
        return {metric: bootstrap_mean(values) for metric, values in self.values.items()}


@dataclass(frozen=True)
class Measures:
    """How to measure, and where.

    Attributes:
        metrics: what is measured image by image.
        extractor: the network behind the distances between sets.
        device: where the metrics are worked out; the extractor has its own.
        batch_size: images at once; does not change what is measured beyond the last digits.
    """

    metrics: Mapping[str, PairMetric]
    extractor: FeatureExtractor
    device: torch.device
    batch_size: int = BATCH

    def measure(self, fake: Pictures, real: Pictures) -> Measured:
        """Measure each picture of `fake` against the one of `real` in the same place; the sizes of the two must agree.

        Memory grows with the number of images by a number for each metric, and by their features up to a limit (see `FeatureSet`).
        """

        def work(places: range) -> tuple[Tensor, dict[str, Tensor]]:
            batches = [
                (fake_b.to(self.device), real_b.to(self.device))
                for fake_b, real_b in zip(_batches(fake, places), _batches(real, places), strict=True)
            ]
            features = torch.cat([self.extractor(fake_b) for fake_b, _ in batches])
            return features, {metric: torch.cat([of(*pair).cpu() for pair in batches]) for metric, of in self.metrics.items()}

        return self._collected(self._in_parallel(work, len(fake)), len(fake))

    def measure_one(self, picture: Tensor, real: Pictures) -> Measured:
        """Measure one picture, (3, H, W) RGB in [0, 1], as the answer to each of `real`."""
        described = self.extractor(picture[None].to(self.device))

        def work(places: range) -> tuple[Tensor, dict[str, Tensor]]:
            batches = [real_b.to(self.device) for real_b in _batches(real, places)]
            pairs = [(picture.to(self.device).expand_as(real_b), real_b) for real_b in batches]
            values = {metric: torch.cat([of(*pair).cpu() for pair in pairs]) for metric, of in self.metrics.items()}
            return described.expand(len(places), -1), values

        return self._collected(self._in_parallel(work, len(real)), len(real))

    def describe(self, pictures: Pictures) -> FeatureSet:
        """The set as the distances see it."""

        def work(places: range) -> tuple[Tensor, dict[str, Tensor]]:
            return torch.cat([self.extractor(batch.to(self.device)) for batch in _batches(pictures, places)]), {}

        return self._collected(self._in_parallel(work, len(pictures)), len(pictures)).features

    def _collected(self, parts: Iterator[tuple[Tensor, dict[str, Tensor]]], count: int) -> Measured:
        features = FeatureSet(self.extractor.dims, count)
        columns: dict[str, list[Tensor]] = {}
        for described, values in parts:
            features.add(described)
            for metric, column in values.items():
                columns.setdefault(metric, []).append(column)
        return Measured({metric: torch.cat(column) for metric, column in columns.items()}, features)

    def _in_parallel(self, work: Callable[[range], Result], count: int) -> Iterator[Result]:
        """`work` on batch after batch of places, the results in order.

        Every core has a batch of its own, files and all, on one thread: two threads that share each small operation of one batch take
        longer than one, and what comes out would depend on their number.
        """
        torch.backends.cudnn.allow_tf32 = False  # PyTorch's default on CUDA; it keeps ten bits of the fraction
        threads = torch.get_num_threads()
        places = [range(start, min(start + self.batch_size, count)) for start in range(0, count, self.batch_size)]
        try:
            with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
                yield from pool.map(work, places)
        finally:
            torch.set_num_threads(threads)


def _batches(pictures: Pictures, places: Sequence[int]) -> list[Tensor]:
    """The pictures of these places, stacked as far as neighbours are of one size: NCHW float32."""
    read = [pictures[place] for place in places]
    return [torch.stack(list(group)) for _, group in groupby(read, key=lambda picture: picture.shape)]


def rounded(value: float) -> float:
    """Five significant digits: more than a person compares, and well above what differs between libraries and machines."""
    return float(f"{value:.5g}")


def rounded_kid(value: float) -> float:
    """Five decimals: a kernel distance is a small difference of large numbers, which has no more, and may be near 0."""
    return round(value, 5)
