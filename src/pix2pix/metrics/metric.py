"""What a metric says of itself, so that every program that shows or compares it needs no list of its own.

Tables are made of this alone: torch is imported only when a metric's function is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    from pix2pix.metrics.bootstrap import Interval
    from pix2pix.metrics.feature_set import FeatureSet


class PairMetric(Protocol):
    """A metric of images against their targets."""

    def __call__(self, fake_b: Tensor, real_b: Tensor, /) -> Tensor:
        """NCHW float RGB in [0, 1], twice -> (N,) float64, a value for each image."""


class Images(Protocol):
    """Images that are read when they are indexed."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Tensor:
        """(3, H, W) float32 RGB in [0, 1]; sizes may differ."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A number that the model's outputs are measured with.

    Attributes:
        name: its key in data/metrics/<dataset>.json, in MLflow (`test.<name>`) and in `tracking.register_if` and `champion_by`.
        label: the heading of its column.
        direction: which value is better; None for a metric that should come near the real images' value.
        range: the lowest and the highest value that it can have.
        description: what it means, in one sentence for a person without a background.
        headline: shown in every table; otherwise only in the report's table of whole sets.
        recorded: in data/metrics/<dataset>.json and in MLflow.
        colouring_only: measured only where the input has no colours.
        decimals: what it is rounded to; None for five significant digits.
    """

    name: str
    label: str
    direction: Literal["lower", "higher"] | None
    range: tuple[float, float]
    description: str
    headline: bool = True
    recorded: bool = True
    colouring_only: bool = False
    decimals: int | None = None

    @property
    def per(self) -> Literal["image", "set"]:
        """Whether each image has a value, of which the mean is shown, or the set as a whole."""
        return "image" if isinstance(self, ImageMetric) else "set"

    def key(self, network: str) -> str | None:
        """Its key where the features come from `network`; None where it is not defined on that network."""
        return self.name

    def matches(self, key: str) -> bool:
        """Whether a key, such as `fd_efficientnet_lite0`, means this metric."""
        return key == self.name

    def rounded(self, value: float) -> float:
        """The value with as many digits as agree between machines and library versions, and no more."""
        return float(f"{value:.5g}") if self.decimals is None else round(value, self.decimals)


@dataclass(frozen=True, kw_only=True)
class ImageMetric(Metric):
    """A metric of each image against its target; `load` gives its function, and is None where weights are needed, as for LPIPS."""

    load: Callable[[], PairMetric] | None


@dataclass(frozen=True, kw_only=True)
class FeatureMetric(Metric):
    """A metric of two sets of images as a feature network describes them.

    Attributes:
        load: gives its function of (fake, real), whose value is None where a set is too small.
        biased: few images bias it upward.
        network_in_key: on another network than the 2015 Inception the key names the network, as in `fd_efficientnet_lite0`.
        inception: True for a metric that exists on the 2015 Inception alone, False for one of the other networks, None for both.
    """

    load: Callable[[], Callable[[FeatureSet, FeatureSet], Interval | float | None]]
    biased: bool = False
    network_in_key: bool = False
    inception: bool | None = None

    def key(self, network: str) -> str | None:
        is_inception = network.startswith("inception")
        if self.inception not in (None, is_inception):
            return None
        return f"{self.name}_{network}" if self.network_in_key and not is_inception else self.name

    def matches(self, key: str) -> bool:
        return key == self.name or (self.network_in_key and key.startswith(f"{self.name}_"))


@dataclass(frozen=True, kw_only=True)
class PixelSetMetric(Metric):
    """A metric of two sets of images from their pixels; `load` gives its function of (fake, real)."""

    load: Callable[[], Callable[[Images, Images], float]]
