"""A trained generator as a folder: `generator.safetensors` and `model.json`, which says everything needed to rebuild and use it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save
from torch import nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.errors import UserError
from pix2pix.models.build import build_generator
from pix2pix.models.description import DESCRIPTION, describe
from pix2pix.system.atomic_write import atomic_folder, write_errors

WEIGHTS = "generator.safetensors"


@dataclass(frozen=True)
class SavedModel:
    """A generator with what is needed to use it."""

    generator: nn.Module
    dataset: str
    kind: str  # pairs or lab
    direction: str  # AtoB or BtoA
    planes: ColourPlanes  # what input and output are
    settings: ModelSettings
    norm: str  # statistics at use that fit the training: batch or running
    epochs: int


def save_model(folder: Path, model: SavedModel) -> None:
    """Write `folder` atomically; the same model gives the same bytes."""
    tensors = {name: value.detach().cpu().contiguous() for name, value in model.generator.state_dict().items()}
    description = {
        "format": 1,
        "dataset": model.dataset,
        "kind": model.kind,
        "direction": model.direction,
        "layout": model.planes.as_dict(),
        "architecture": asdict(model.settings),
        "norm": model.norm,
        "epochs": model.epochs,
    }
    with write_errors(folder), atomic_folder(folder) as temporary:
        (temporary / WEIGHTS).write_bytes(save(tensors))  # save_file would let nobody else read it, whatever the umask
        (temporary / DESCRIPTION).write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")


def load_model(folder: Path) -> SavedModel:
    """Read what `save_model` wrote. Raises UserError for a folder that is no model, or a damaged one."""
    try:
        description = describe(folder)
        architecture: dict[str, Any] = description["architecture"]
        architecture["dropout_at"] = tuple(architecture["dropout_at"])
        settings, planes = ModelSettings(**architecture), ColourPlanes(**description["layout"])
        generator = build_generator(planes.channels_in, planes.channels_out, settings)
        generator.load_state_dict(load_file(folder / WEIGHTS))
        known: dict[str, Any] = {key: description[key] for key in ("dataset", "kind", "direction", "norm", "epochs")}
    except UserError:
        raise
    except FileNotFoundError:
        raise UserError(f"{folder} is no trained model: {WEIGHTS} is missing, which the stage train writes") from None
    except Exception as error:  # JSON, missing keys, tensors of another shape, a cut file: each means the same to the user
        raise UserError(f"{folder} is damaged, or of another version ({type(error).__name__}: {error}); train it again") from None
    return SavedModel(generator, planes=planes, settings=settings, **known)
