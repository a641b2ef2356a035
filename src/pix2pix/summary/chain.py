"""The files of one dataset's stages that its summary reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pix2pix.errors import UserError
from pix2pix.metrics.evaluation_file import read_evaluation
from pix2pix.models.description import describe
from pix2pix.repository.digests import model_sha256


@dataclass(frozen=True)
class Chain:
    """One trained and evaluated dataset.

    Attributes:
        dataset: its name; unique in the report.
        kind: `pairs`, `folders` or `lab`.
        direction: `AtoB` or `BtoA`; None if the kind has none.
        evaluation: content of data/evaluation/<dataset>.json (see `read_evaluation`).
        history: CSV file, one row per epoch (see `training_curves`).
        predictions: folder with `<name>.png`, `inputs/<name>.png`, `targets/<name>.png`.
        samples: folder with `epoch-<number>.png`; may be missing or empty.
        model_sha256: of the model's weights, by which `pix2pix runs show` finds its training.
        settings: main settings of the model, in display order.
        gallery: address of the page with all images, relative to the report; "" for no link.
    """

    dataset: str
    kind: str
    direction: str | None
    evaluation: Mapping[str, Any]
    history: Path
    predictions: Path
    samples: Path
    model_sha256: str
    settings: Mapping[str, object] = field(default_factory=dict)
    gallery: str = ""


def read_chain(
    dataset: str, kind: str, direction: str | None, *, model: Path, evaluation: Path, history: Path, predictions: Path, samples: Path
) -> Chain:
    """Read the model and the evaluation into a `Chain`. Raises UserError if one is missing or damaged."""
    description = describe(model)
    architecture = description["architecture"]
    try:
        measured = read_evaluation(evaluation)
    except (OSError, ValueError) as problem:
        raise UserError(f"{evaluation} cannot be read ({problem}): run the stage evaluate again") from None
    settings = {
        "epochs": description["epochs"],
        "size in pixels": architecture["crop_size"],
        "generator": architecture["generator"],
        "width of its first layer": architecture["ngf"],
    }
    gallery = f"../gallery/{dataset}.html"
    return Chain(dataset, kind, direction, measured, history, predictions, samples, model_sha256(model), settings, gallery)
