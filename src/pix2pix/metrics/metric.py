"""Description of a metric, used by every program that shows or compares metrics.

This module does not import torch: only loading a metric's function does.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from torch import Tensor


class PairMetric(Protocol):
    """Function of outputs and their targets, with a value for each image."""

    def __call__(self, fake_b: Tensor, real_b: Tensor, /) -> Tensor:
        """fake_b, real_b: NCHW float RGB in [0, 1]. Returns (N,) float64."""


class Images(Protocol):
    """A sequence of images, each read when it is indexed."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Tensor:
        """(3, H, W) float32 RGB in [0, 1]; sizes may differ."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric of the model's outputs.

    Attributes:
        name: its key in data/metrics/<dataset>.json, in MLflow (`test/<label>`) and in `tracking.register_if` and `champion_by`.
        label: column heading in tables.
        direction: whether a lower or higher value is better; None if it should be close to the real images' value.
        range: (lowest, highest) possible value.
        description: a one-sentence explanation for readers without a background in the field.
        headline: whether every table shows it; if not, only the report's table of set metrics does.
        recorded: whether it is written to data/metrics/<dataset>.json and to MLflow.
        colouring_only: whether it is measured only if the input has no colours.
        function: "module:name" in this package, imported by `load`; None if it needs weights, as LPIPS.
        decimals: number of decimals it is rounded to; None for five significant digits.
    """

    name: str
    label: str
    direction: Literal["lower", "higher"] | None
    range: tuple[float, float]
    description: str
    function: str | None
    headline: bool = True
    recorded: bool = True
    colouring_only: bool = False
    decimals: int | None = None

    @property
    def per(self) -> Literal["image", "set"]:
        """`image`: each image has a value, and tables show the mean; `set`: one value for the whole set."""
        return "image" if isinstance(self, ImageMetric) else "set"

    def key(self, network: str) -> str | None:
        """Key of the metric with features of `network`; None if it is not defined on that network."""
        return self.name

    def matches(self, key: str) -> bool:
        """Whether a key, such as `fd_efficientnet_lite0`, belongs to this metric."""
        return key == self.name

    def load(self) -> Callable[..., Any]:
        """Import its function."""
        assert self.function, f"{self.name} needs weights"
        function: Callable[..., Any] = pkgutil.resolve_name(f"pix2pix.metrics.{self.function}")
        return function

    def rounded(self, value: float) -> float:
        """The value rounded to digits that agree between machines and library versions."""
        return float(f"{value:.5g}") if self.decimals is None else round(value, self.decimals)


@dataclass(frozen=True, kw_only=True)
class ImageMetric(Metric):
    """A metric of each image and its target; its function is a `PairMetric`."""


@dataclass(frozen=True, kw_only=True)
class FeatureMetric(Metric):
    """A metric of two sets of images, computed from features of a network.

    Its function maps `FeatureSet`s (fake, real) to an `Interval` or a float, or to None if a set is too small.

    Attributes:
        biased: whether few images bias it upward.
        network_in_key: whether the key contains the network, as in `fd_efficientnet_lite0`, unless it is the 2015 Inception.
        inception: True: only defined on the 2015 Inception; False: only on other networks; None: on all.
    """

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
    """A metric of two sets of images, computed from pixels; its function maps `Images` (fake, real) to a float."""
