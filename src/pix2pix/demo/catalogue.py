"""What the page can show: exported models as their files describe themselves, and pictures to try them on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pix2pix.data.natural_order import natural_key
from pix2pix.errors import UserError

SAMPLES = 24  # pictures to try for each model, spread over the folder
PREFIX = "pix2pix."  # of the keys that `pix2pix export` writes into a file


@dataclass(frozen=True)
class DemoModel:
    """An exported model with what the page needs to know of it."""

    file: Path
    dataset: str
    kind: str  # pairs or lab
    direction: str  # AtoB or BtoA
    size: int  # pixels; what it was trained at
    noise: bool  # whether the seed makes a difference
    palette: Sequence[Mapping[str, Any]]  # {"name", "rgb"}; empty where the input is no label map
    epochs: int
    weights: str  # fp32, fp16 or int8
    samples: Sequence[Path]

    def as_dict(self) -> dict[str, object]:
        """For the page, without where the files are."""
        names = ("dataset", "kind", "direction", "size", "noise", "palette", "epochs", "weights")
        return {name: getattr(self, name) for name in names}


def find_models(folder: Path, samples: Path) -> list[DemoModel]:
    """The models `folder/<name>/<any>.onnx` and `folder/<any>.onnx`, in the natural order of their paths, those with
    a palette first; with inputs of the evaluation split from `samples/<dataset>/inputs`, where there are any.

    Raises UserError where there is no model, or a file that is none.
    """
    files = sorted({*folder.glob("*.onnx"), *folder.glob("*/*.onnx")}, key=lambda file: natural_key(str(file)))
    if not files:
        raise UserError(
            f"{folder} holds no exported model (*.onnx): `make repro` trains and exports the sample's, "
            f"`pix2pix export --model data/models/facades --format onnx --output {folder / 'facades' / 'model.onnx'}` exports one, "
            "and --models names another folder"
        )
    models = [read_model(file, samples) for file in files]
    return sorted(models, key=lambda model: not model.palette)  # what can be drawn comes first


def read_model(file: Path, samples: Path) -> DemoModel:
    """One model by the metadata in its file. Raises UserError for a file that `pix2pix export` did not write."""
    import onnx  # takes a while to import

    try:
        properties = onnx.load(file, load_external_data=False).metadata_props
    except Exception as error:  # protobuf has its own exceptions for a cut file, a folder, a picture: all mean the same here
        raise UserError(f"{file} cannot be read as a model ({type(error).__name__}): export it again, or take it away") from None
    known = {entry.key.removeprefix(PREFIX): entry.value for entry in properties if entry.key.startswith(PREFIX)}
    try:
        return DemoModel(
            file=file,
            dataset=known["dataset"],
            kind=known["kind"],
            direction=known["direction"],
            size=int(known["size"]),
            noise=known["noise"] == "1",
            palette=json.loads(known["palette"] or "[]"),
            epochs=int(known["epochs"]),
            weights=known["weights"],
            samples=_spread(samples / known["dataset"] / "inputs"),
        )
    except (KeyError, ValueError) as error:
        raise UserError(f"{file} does not say what it is ({error}): only models that `pix2pix export` wrote can be shown") from None


def _spread(folder: Path) -> list[Path]:
    """At most SAMPLES pictures of a folder, evenly spread in their natural order."""
    pictures = sorted(folder.glob("*.png"), key=lambda path: natural_key(path.name))
    count = min(SAMPLES, len(pictures))
    return [pictures[place * len(pictures) // count] for place in range(count)]
