"""Start a training from the weights of another model."""

import re
from pathlib import Path

import torch
from torch import nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.errors import UserError
from pix2pix.models.generator import Generator
from pix2pix.models.unet import UNet

_UP = re.compile(r"ups\.(\d+)\.")


@torch.no_grad()
def start_from(generator: nn.Module, settings: ModelSettings, folder: Path) -> list[str]:
    """Copy the weights of the model in `folder` to `generator`, in place, and return the names of tensors that keep their own.

    Between U-Nets of different crop_size, levels are matched from the outside; the innermost ones, of another shape, keep their own.
    Raises UserError if the folder is no model, or one of another generator, normalisation, width or colour planes.
    """
    from pix2pix.models.files import load_model  # with safetensors, which a training from random weights does not need

    start = load_model(folder)
    different = [
        f"{key} is {getattr(start.settings, key)} there and {getattr(settings, key)} here"
        for key in ("generator", "ngf", "norm", "upsample", "bottleneck_norm")
        if getattr(start.settings, key) != getattr(settings, key)
    ]
    if different:
        raise UserError(
            f"train.start_from={folder} does not fit: {', '.join(f'model.{it}' for it in different)}; set the same, or start from noise"
        )
    deeper = UNet.levels(start.settings) - UNet.levels(settings)
    theirs, own = start.generator.state_dict(), generator.state_dict()
    kept = []
    for name, value in own.items():
        # the decoder is counted from the inside, the encoder from the outside
        found = theirs.get(_UP.sub(lambda it: f"ups.{int(it[1]) + deeper}.", name) if settings.generator == "unet" else name)
        if found is not None and found.shape == value.shape:
            value.copy_(found)
        else:
            kept.append(name)
    wrong = [name for name in kept if name.startswith(("downs.0.", "last.")) or settings.generator != "unet"]
    if wrong:
        raise UserError(f"train.start_from={folder} does not fit: {wrong[0]} has another shape, or is missing there")
    return kept


def freeze(generator: Generator, part: str) -> None:
    """Exclude a part of the generator from training: none or encoder."""
    if part == "encoder":
        for module in generator.encoder():
            module.requires_grad_(False)
