"""Networks that metrics need, with their published weights."""

from pathlib import Path

import torch

from pix2pix.download.weights import ALEXNET, INCEPTION, published
from pix2pix.metrics.features.efficientnet_lite0 import EfficientNetLite0Features
from pix2pix.metrics.features.extractor import FeatureExtractor
from pix2pix.metrics.features.inception_2015 import Inception2015Features
from pix2pix.metrics.lpips import Lpips


def load_extractor(name: str, inception_weights: str | None, *, weights: Path, root: Path, device: torch.device) -> FeatureExtractor:
    """Load the feature network `evaluate.features`.

    Args:
        name: the name of a network in `pix2pix.metrics.features.registry.NETWORKS`.
        inception_weights: path of the Inception weights, relative to `root`; None fetches the published ones once, into `weights`.

    Raises UserError if the weights cannot be read or fetched.
    """
    if name == "efficientnet_lite0":
        return EfficientNetLite0Features(device=device)
    return Inception2015Features(
        published(INCEPTION, inception_weights, weights, root, option="-S evaluate.inception_weights="), device=device
    )


def load_lpips(
    given: str | None, *, weights: Path, root: Path, device: torch.device, option: str = "-S evaluate.lpips_weights="
) -> Lpips | None:
    """Load LPIPS with AlexNet's weights; None if `given` is None.

    Args:
        given: path of the weights, relative to `root`, or `fetch`.
        weights: folder for fetched weights.
        option: the command-line option that sets `given`, for messages.

    Raises UserError if the weights cannot be read or fetched.
    """
    return None if given is None else Lpips(published(ALEXNET, given, weights, root, option=option), device=device)
