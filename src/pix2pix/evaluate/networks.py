"""Networks that metrics need, with their published weights."""

from pathlib import Path

import torch

from pix2pix.download.weights import ALEXNET, INCEPTION, published
from pix2pix.metrics.features.efficientnet_lite0 import EfficientNetLite0Features
from pix2pix.metrics.features.extractor import FeatureExtractor
from pix2pix.metrics.features.inception_2015 import Inception2015Features
from pix2pix.metrics.lpips import Lpips


def load_extractor(name: str, inception_weights: str | None, *, weights: Path, root: Path, device: torch.device) -> FeatureExtractor:
    """The feature network that `evaluate.features` names.

    Args:
        name: of one of `pix2pix.metrics.features.registry.NETWORKS`.
        inception_weights: path of the Inception's weights, relative to `root`; None: the published ones, fetched once into `weights`.

    Raises UserError where the weights cannot be had.
    """
    if name == "efficientnet_lite0":
        return EfficientNetLite0Features(device=device)
    return Inception2015Features(
        published(INCEPTION, inception_weights, weights, root, option="-S evaluate.inception_weights="), device=device
    )


def load_lpips(
    given: str | None, *, weights: Path, root: Path, device: torch.device, option: str = "-S evaluate.lpips_weights="
) -> Lpips | None:
    """LPIPS with AlexNet's weights, a path relative to `root` or the word `fetch`; None where none are given.

    Fetched weights are kept in `weights`; `option` is how a person names a file, for the messages. Raises UserError where the weights
    cannot be had.
    """
    return None if given is None else Lpips(published(ALEXNET, given, weights, root, option=option), device=device)
