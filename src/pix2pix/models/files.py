"""Save and load a trained generator: a folder with `generator.safetensors` and `model.json`, the description to rebuild and use it.

`discriminator.safetensors` and `optimizers.safetensors` may lie beside them, for a training that starts from the model.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.palettes import Palette
from pix2pix.errors import UserError
from pix2pix.models.build import build_generator, discriminator_class
from pix2pix.models.description import DESCRIPTION, DISCRIMINATOR, FORMAT, OPTIMIZERS, WEIGHTS, describe
from pix2pix.system.atomic_write import atomic_folder, write_errors


@dataclass(frozen=True)
class SavedModel:
    """A trained generator with the description needed to use it."""

    generator: nn.Module
    dataset: str
    kind: str  # pairs, lab or folders
    direction: str  # AtoB or BtoA
    planes: ColourPlanes  # colour planes of input and output
    settings: ModelSettings
    norm: str  # default normalisation statistics at inference: batch or running
    epochs: int
    fit: str = "squash"  # how training images were made square: squash, crop or pad
    resize: str = "bicubic"  # filter that resized them: bicubic, area or bilinear
    load_size: int | None = None  # pixels of a side before the random crop to settings.crop_size; None if not known
    palette: Palette = field(default_factory=dict)  # class -> RGB of the label maps that are its inputs; empty if they are none
    origin: str = ""  # where its weights were imported from, and their SHA-256; "" for a model that this project trained


_KEYS = {"planes": "layout", "settings": "architecture"}  # fields of SavedModel -> their keys in model.json, where these differ


def save_model(
    folder: Path, model: SavedModel, discriminator: nn.Module | None = None, moments: Mapping[str, Tensor] | None = None
) -> None:
    """Write `folder` atomically; the same networks give the same bytes. Raises UserError if it cannot be written.

    discriminator, moments: None or empty for none; see `TrainingStep.moments`.
    """
    described = {_KEYS.get(field.name, field.name): getattr(model, field.name) for field in fields(model) if field.name != "generator"}
    with write_errors(folder), atomic_folder(folder) as temporary:
        _save_weights(temporary / WEIGHTS, model.generator.state_dict())
        if discriminator is not None:
            _save_weights(temporary / DISCRIMINATOR, discriminator.state_dict())
        if moments:
            _save_weights(temporary / OPTIMIZERS, moments)
        (temporary / DESCRIPTION).write_text(json.dumps({"format": FORMAT, **described}, indent=1, default=asdict) + "\n", encoding="utf-8")


def load_model(folder: Path) -> SavedModel:
    """Load a folder that `save_model` wrote. Raises UserError if the folder is no model, or is damaged.

    The names and shapes in the weights file are checked before memory for the network is allocated.
    """
    said = describe(folder)
    architecture: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in said["architecture"].items()}
    settings, planes = ModelSettings(**architecture), ColourPlanes(**said["layout"])
    known: dict[str, Any] = {field.name: said[field.name] for field in fields(SavedModel) if field.name not in ("generator", *_KEYS)}
    try:
        if planes != ColourPlanes.of(said["kind"], said["direction"]):
            raise ValueError(f"layout is not that of {said['kind']} {said['direction']}")
        discriminator_class(settings)  # raises if the name is unknown: its weights are not saved, but the model card names it
        with torch.device("meta"):
            expected = {name: list(value.shape) for name, value in _network(planes, settings).state_dict().items()}
        with safe_open(folder / WEIGHTS, "pt") as file:
            found = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118  # safe_open is not iterable
        if different := [name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)]:
            name = min(different)
            raise ValueError(f"{WEIGHTS} has {found.get(name, 'no')} where {name} of the network is {expected.get(name, 'not there')}")
        generator = _network(planes, settings)
        generator.load_state_dict(load_file(folder / WEIGHTS))
    except FileNotFoundError:
        raise UserError(f"{folder} is no trained model: {WEIGHTS} is missing, which the stage train writes") from None
    except Exception as error:  # a truncated file, tensors of another network, impossible settings: the same message for all
        raise UserError(f"{folder} is damaged, or of another version ({type(error).__name__}: {error}); train it again") from None
    return SavedModel(generator, planes=planes, settings=settings, **known)


def load_kept(folder: Path, name: str) -> dict[str, Tensor]:
    """The tensors in DISCRIMINATOR or OPTIMIZERS of `folder`; empty if they were not kept. Raises UserError if the file is damaged."""
    path = folder / name
    if not path.exists():
        return {}
    try:
        return load_file(path)
    except Exception as error:  # safetensors raises its own errors, and those of the file system
        raise UserError(f"{path} is damaged ({type(error).__name__}: {error}): remove it, or train the model again") from None


def _save_weights(path: Path, state: Mapping[str, Tensor]) -> None:
    tensors = {name: value.detach().cpu().contiguous() for name, value in state.items()}
    path.write_bytes(save(tensors))  # safetensors' save_file ignores the umask: only the owner could read the file


def _network(planes: ColourPlanes, settings: ModelSettings) -> nn.Module:
    return build_generator(planes.channels_in, planes.channels_out, settings)
