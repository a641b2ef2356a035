"""Start a training from another model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import NOISE
from pix2pix.config.validate import as_yaml
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.errors import UserError
from pix2pix.models.description import DISCRIMINATOR, OPTIMIZERS, WEIGHTS
from pix2pix.models.generator import Generator
from pix2pix.models.unet import UNet
from pix2pix.models.weights_file import sha256
from pix2pix.system.terminal import counted
from pix2pix.train.step import TrainingStep

if TYPE_CHECKING:
    from pix2pix.models.files import SavedModel

_UP = re.compile(r"ups\.(\d+)\.")


@dataclass(frozen=True)
class Start:
    """A model folder that a training starts from, and the SHA-256 of the files in it that decide the result, the generator's first."""

    folder: Path
    digests: tuple[str, ...]

    @classmethod
    def of(cls, folder: Path) -> "Start":
        """The model as it is now. Raises UserError if the folder is no model."""
        if not (folder / WEIGHTS).is_file():
            raise UserError(f"train.start_from={folder} is no model: name a folder with {WEIGHTS} in it, like a copy of data/models/food")
        return cls(folder, tuple(sha256(folder / name) for name in (WEIGHTS, DISCRIMINATOR, OPTIMIZERS) if (folder / name).exists()))


def start_from(step: TrainingStep, settings: ModelSettings, start: Start) -> str:
    """Copy the weights of a model to both networks, in place, and return a line that says what was taken and what is new.

    The discriminator is taken where it was kept and is of the same architecture; Adam's state where it was kept and both networks are taken
    whole. Raises UserError if the folder is no model, was changed since `start` was made, or its generator does not fit.
    """
    # with safetensors, which a start from random weights does not need
    from pix2pix.models.files import load_kept, load_model

    folder = start.folder
    model, kept, moments = load_model(folder), load_kept(folder, DISCRIMINATOR), load_kept(folder, OPTIMIZERS)
    if Start.of(folder) != start:
        raise UserError(f"train.start_from={folder} was changed while the training began: run the same command again")
    _must_be_alike(model, settings, step.planes, folder)
    state = model.generator.state_dict()
    if settings.generator == "unet":
        state = _renumbered(state, UNet.levels(settings) - UNet.levels(model.settings))
    new = _copy(state, step.generator)
    if wrong := [name for name in new if name.startswith(("downs.0.", "last.")) or settings.generator != "unet"]:
        raise UserError(f"train.start_from={folder} does not fit: {wrong[0]} has another shape, or is missing there")
    but = f" but for {counted(len(new), 'tensor')} of another shape or missing there: {', '.join(new)}" if new else ""
    if not kept:
        fate = f"is new: there is no {DISCRIMINATOR}"
    elif _shapes(kept) != _shapes(step.discriminator.state_dict()):
        fate = "is new: the one kept there has another architecture"
    else:
        fate = "is taken over"
        _copy(kept, step.discriminator)
    if moments:
        whole = not new and fate == "is taken over" and step.load_moments(moments)
        fate += "; the optimisers' state is " + ("taken over" if whole else "new: the one kept there is of other weights")
    return f"train.start_from={folder}: the generator is taken over{but}; the discriminator {fate}"


def _must_be_alike(start: "SavedModel", settings: ModelSettings, planes: ColourPlanes, folder: Path) -> None:
    keys = ["generator", "ngf", "norm", "upsample", "bottleneck_norm"]
    if settings.generator != "unet" and bool(start.settings.dropout) != bool(settings.dropout):
        keys.append("dropout")  # a layer of a residual block: those behind it have other names
    values = {key: (as_yaml(getattr(start.settings, key)).strip("'"), as_yaml(getattr(settings, key)).strip("'")) for key in keys}
    values = {key: (there, here) for key, (there, here) in values.items() if there != here}
    different = [f"model.{key} is {there} there and {here} here" for key, (there, here) in values.items()]
    way = "set " + " ".join(f"-S model.{key}={there}" for key, (there, _) in values.items())
    if start.planes != planes:
        there, here = (f"{of.input} to {of.target}" for of in (start.planes, planes))
        different.append(f"the dataset's kind makes it map {there} there and {here} here")
        way = "name another model"
    if different:
        raise UserError(f"train.start_from={folder} does not fit: {', '.join(different)}; {way}, or start from {NOISE}")


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
