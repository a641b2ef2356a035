"""Small models with weights that let differences show, for the tests of prediction and export."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.palettes import Palette
from pix2pix.models.build import build_networks
from pix2pix.models.files import SavedModel, save_model

SMALL = ModelSettings(ngf=4, ndf=4, crop_size=32, dropout_at=(2, 4))


def model(
    kind: str = "pairs",
    direction: str = "AtoB",
    dataset: str = "things",
    norm: str = "running",
    palette: Palette | None = None,
    **settings: Any,
) -> SavedModel:
    """A generator whose statistics of the training are those of no picture, and whose outputs are no grey."""
    layout, chosen = ColourPlanes.of(kind, direction), replace(SMALL, **settings)
    generator, _ = build_networks(layout.channels_in, layout.channels_out, chosen, 0)
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for module in generator.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                module.weight *= 4
            if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None and module.running_var is not None:
                module.running_mean.normal_(0, 0.1, generator=draw)
                module.running_var.uniform_(0.5, 2, generator=draw)
    return SavedModel(generator, dataset, kind, direction, layout, chosen, norm, epochs=3, palette=palette or {})


def folder(path: Path, saved: SavedModel) -> Path:
    save_model(path, saved)
    return path


def noise_image(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """(height, width, 3) uint8."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
