"""Networks that metrics need, loaded from their weights."""

from pathlib import Path

import torch

from pix2pix.metrics.features.efficientnet_lite0 import EfficientNetLite0Features
from pix2pix.metrics.features.extractor import FeatureExtractor
from pix2pix.metrics.features.inception_2015 import Inception2015Features
from pix2pix.metrics.lpips import Lpips


def load_extractor(inception: Path | None, device: torch.device) -> FeatureExtractor:
    """The feature network: Inception of 2015 from its weights, or EfficientNet-Lite0 without any. Raises UserError for another file."""
    return EfficientNetLite0Features(device=device) if inception is None else Inception2015Features(inception, device=device)


def load_lpips(alexnet: Path | None, device: torch.device) -> Lpips | None:
    """LPIPS from AlexNet's weights; None without them. Raises UserError for another file."""
    return None if alexnet is None else Lpips(alexnet, device=device)
