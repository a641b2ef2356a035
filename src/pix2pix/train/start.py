"""Start a training from another model."""

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.errors import UserError
from pix2pix.models.description import DISCRIMINATOR
from pix2pix.models.generator import Generator
from pix2pix.models.unet import UNet

_UP = re.compile(r"ups\.(\d+)\.")


def start_from(generator: nn.Module, discriminator: nn.Module, settings: ModelSettings, folder: Path) -> str:
    """Copy the weights of the model in `folder` to both networks, in place, and return a line that says what was taken and what is new.

    The discriminator is taken where it was kept and is of the same architecture. Raises UserError if the folder is no model, or its
    generator does not fit.
    """
    from pix2pix.models.files import load_discriminator, load_model  # with safetensors, which a start from random weights does not need

    start, kept = load_model(folder), load_discriminator(folder)
    _must_be_alike(start.settings, settings, folder)
    state = start.generator.state_dict()
    if settings.generator == "unet":
        state = _renumbered(state, UNet.levels(settings) - UNet.levels(start.settings))
    new = _copy(state, generator)
    if wrong := [name for name in new if name.startswith(("downs.0.", "last.")) or settings.generator != "unet"]:
        raise UserError(f"train.start_from={folder} does not fit: {wrong[0]} has another shape, or is missing there")
    but = f", but {len(new)} tensors of another shape are new: {', '.join(new)}" if new else ""
    if kept is None:
        fate = f"is new: there is no {DISCRIMINATOR}"
    elif _shapes(kept) != _shapes(discriminator.state_dict()):
        fate = "is new: the one kept there has another architecture"
    else:
        fate = "is taken over"
        _copy(kept, discriminator)
    return f"train.start_from={folder}: the generator is taken over{but}; the discriminator {fate}"


def _must_be_alike(start: ModelSettings, settings: ModelSettings, folder: Path) -> None:
    different = [
        f"model.{key} is {getattr(start, key)} there and {getattr(settings, key)} here"
        for key in ("generator", "ngf", "norm", "upsample", "bottleneck_norm")
        if getattr(start, key) != getattr(settings, key)
    ]
    if different:
        raise UserError(f"train.start_from={folder} does not fit: {', '.join(different)}; set the same, or start from noise")


def _renumbered(state: Mapping[str, Tensor], deeper: int) -> dict[str, Tensor]:
    """A U-Net's tensors by the names that they have in one of `deeper` more levels, whose outer levels are the same.

    The decoder is counted from the inside, the encoder from the outside.
    """
    return {_UP.sub(lambda it: f"ups.{int(it[1]) + deeper}.", name): value for name, value in state.items()}


@torch.no_grad()
def _copy(state: Mapping[str, Tensor], network: nn.Module) -> list[str]:
    """Copy the tensors that have their place in `network`; returns the names of its others."""
    own = network.state_dict()
    fits = {name for name, value in own.items() if name in state and state[name].shape == value.shape}
    for name in fits:
        own[name].copy_(state[name])
    return [name for name in own if name not in fits]


def _shapes(state: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in state.items()}


def freeze(generator: Generator, part: str) -> None:
    """Exclude a part of the generator from training: none or encoder."""
    if part == "encoder":
        for module in generator.encoder():
            module.requires_grad_(False)
