"""Sets of pictures measured against their targets, in one pass over the files and in bounded memory."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from pix2pix.metrics.bootstrap import Interval, bootstrap_mean
from pix2pix.metrics.feature_set import FeatureSet
from pix2pix.metrics.features.extractor import FeatureExtractor
from pix2pix.metrics.l1 import l1
from pix2pix.metrics.psnr import psnr
from pix2pix.metrics.ssim import ssim
from pix2pix.pictures import PictureFiles

PairMetric = Callable[[Tensor, Tensor], Tensor]
"""(fake_b, real_b), NCHW float RGB in [0, 1] -> (N,) float64, a value for each image."""

PER_IMAGE: Mapping[str, PairMetric] = {"l1": l1, "psnr": psnr, "ssim": ssim}


@dataclass(frozen=True)
class Measured:
    """A set of pictures measured: metric -> (N,) float64 in the order of the pictures, and the set as the distances see it."""

    values: dict[str, Tensor]
    features: FeatureSet

    def intervals(self) -> dict[str, Interval]:
        """The mean of each metric over the images, with its 95 % interval."""
        return {metric: bootstrap_mean(values) for metric, values in self.values.items()}


def measure(
    fake: PictureFiles, real: PictureFiles, metrics: Mapping[str, PairMetric], extractor: FeatureExtractor, device: torch.device
) -> Measured:
    """Measure each picture of `fake` against the one of `real` in the same place; the sizes of the two must agree.

    Memory grows with the number of images by a number for each metric, and by their features up to a limit (see `FeatureSet`).
    """
    _full_precision()
    features = FeatureSet(extractor.dims, len(fake))
    columns: dict[str, list[Tensor]] = {metric: [] for metric in metrics}
    for fake_b, real_b in zip(fake, real, strict=True):
        features.add(extractor(fake_b.to(device)))
        _add(columns, metrics, fake_b.to(device), real_b.to(device))
    return Measured({metric: torch.cat(parts) for metric, parts in columns.items()}, features)


def measure_picture(
    picture: Tensor, real: PictureFiles, metrics: Mapping[str, PairMetric], extractor: FeatureExtractor, device: torch.device
) -> Measured:
    """Measure one picture, (1, 3, H, W) RGB in [0, 1], as the answer to each of `real`."""
    _full_precision()
    features = FeatureSet(extractor.dims, len(real))
    columns: dict[str, list[Tensor]] = {metric: [] for metric in metrics}
    described = extractor(picture.to(device))
    for real_b in real:
        features.add(described.expand(len(real_b), -1))
        _add(columns, metrics, picture.to(device).expand_as(real_b), real_b.to(device))
    return Measured({metric: torch.cat(parts) for metric, parts in columns.items()}, features)


def describe(pictures: Iterable[Tensor], count: int, extractor: FeatureExtractor, device: torch.device) -> FeatureSet:
    """The features of `count` pictures that come in batches, NCHW float RGB in [0, 1]."""
    _full_precision()
    features = FeatureSet(extractor.dims, count)
    for batch in pictures:
        features.add(extractor(batch.to(device)))
    return features


def rounded(value: float) -> float:
    """Five significant digits: more than a person compares, and well above what differs between libraries and machines."""
    return float(f"{value:.5g}")


def rounded_kid(value: float) -> float:
    """Five decimals: a kernel distance is a small difference of large numbers, which has no more, and may be near 0."""
    return round(value, 5)


def _full_precision() -> None:
    """Convolutions on CUDA in float32 as on the CPU: TF32, PyTorch's default there, keeps ten bits of the fraction."""
    torch.backends.cudnn.allow_tf32 = False


def _add(columns: dict[str, list[Tensor]], metrics: Mapping[str, PairMetric], fake_b: Tensor, real_b: Tensor) -> None:
    for metric, function in metrics.items():
        columns[metric].append(function(fake_b, real_b).cpu())
