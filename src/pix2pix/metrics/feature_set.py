"""A set of images as the distances see it: the features of each image are worked out once and serve all of them."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pix2pix.metrics.bootstrap import Interval
from pix2pix.metrics.features.extractor import FeatureExtractor
from pix2pix.metrics.frechet import GaussianStatistics, frechet_distance
from pix2pix.metrics.kid import kid_interval
from pix2pix.metrics.precision_recall import NEIGHBOURS, precision_recall

KEPT = 5000  # feature vectors kept of a set for the distances between single vectors, which cost the square of their number


class FeatureSet:
    """Features of a stream of images in bounded memory: their Gaussian statistics, and at most KEPT of the vectors themselves."""

    def __init__(self, dims: int, expected: int) -> None:
        """expected: how many images will come; past KEPT of them, the vectors kept are spread evenly over the stream."""
        self.statistics = GaussianStatistics(dims)
        self._expected = expected
        self._kept: list[Tensor] = []

    def add(self, features: Tensor) -> None:
        """The next (n, dims) vectors of the stream."""
        first = self.statistics.count
        self.statistics.update(features)
        wanted = [i for i in range(len(features)) if self._is_kept(first + i)]
        self._kept.append(features[wanted].detach().cpu())

    @property
    def vectors(self) -> Tensor:
        """(n, dims), in the order of the stream; n <= KEPT where no more than `expected` images came."""
        return torch.cat(self._kept)

    def _is_kept(self, place: int) -> bool:
        if self._expected <= KEPT:
            return True
        return place * KEPT // self._expected != (place - 1) * KEPT // self._expected


@dataclass(frozen=True)
class Distances:
    """How far two sets of images lie apart.

    Attributes:
        frechet: Frechet distance of all images; biased upward, the more so the fewer they are.
        kid: unbiased kernel distance with its 95 % interval, of at most KEPT images a side.
        precision, recall: see `precision_recall`; None where a side has no neighbours enough.
    """

    frechet: float
    kid: Interval
    precision: float | None
    recall: float | None


def distances(fake: FeatureSet, real: FeatureSet) -> Distances:
    """All distances between two sets. Raises ValueError when the dimensions differ or a side has fewer than two images."""
    vectors = fake.vectors, real.vectors
    enough = min(map(len, vectors)) > NEIGHBOURS
    precision, recall = precision_recall(*vectors) if enough else (None, None)
    return Distances(frechet_distance(fake.statistics, real.statistics), kid_interval(*vectors), precision, recall)


def distance_names(extractor: FeatureExtractor) -> tuple[str, str]:
    """Names of the Frechet and of the kernel distance: fid and kid on the 2015 Inception only, else with the network behind."""
    return ("fid", "kid") if extractor.name.startswith("inception") else (f"fd_{extractor.name}", f"kid_{extractor.name}")


def few_images(images: int, extractor: FeatureExtractor) -> str | None:
    """The line to show where there are too few images for the Frechet distance, None where there are enough.

    With no more images than features the covariance is singular, and the distance says more about the number of images than about them.
    """
    if images > extractor.dims:
        return None
    frechet, kid = distance_names(extractor)
    return (
        f"{images} images are too few for {frechet}, which compares {extractor.dims:,} features and is biased upward with so few images: "
        f"read {kid} first, and {frechet} only beside its floor"
    )
