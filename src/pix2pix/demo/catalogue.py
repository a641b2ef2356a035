"""The models of the demo, with their descriptions and example inputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pix2pix.data.natural_order import natural_key
from pix2pix.errors import UserError
from pix2pix.models.description import Description

SAMPLES = 24  # example inputs of each model, evenly spread over the folder


@dataclass(frozen=True)
class Sample:
    """An example input, and its target if there is one."""

    input: Path
    target: Path | None


@dataclass(frozen=True)
class DemoModel:
    """An exported model and its samples."""

    file: Path
    description: Description
    samples: Sequence[Sample]

    def as_dict(self) -> dict[str, object]:
        """Entry of models.json, without file paths."""
        names = ("dataset", "kind", "direction", "size", "noise", "epochs", "weights")
        palette = [{"name": name, "rgb": rgb} for name, rgb in self.description.palette.items()]
        return {**{name: getattr(self.description, name) for name in names}, "palette": palette}


def find_models(folder: Path, samples: Path) -> list[DemoModel]:
    """Find the models `folder/*.onnx` and `folder/*/*.onnx`, in natural order of their paths, those with a palette first.

    samples: folder of predictions; example inputs come from `samples/<dataset>/inputs`, if it exists, targets from `targets` beside it.
    Raises UserError if there is no model, or a file is not a model of `pix2pix export`.
    """
    files = sorted({*folder.glob("*.onnx"), *folder.glob("*/*.onnx")}, key=lambda file: natural_key(str(file)))
    if not files:
        raise UserError(
            f"{folder} holds no exported model (*.onnx): `make repro` trains and exports the sample's, "
            f"`pix2pix export --model data/models/facades --format onnx --output {folder / 'facades' / 'model.onnx'}` exports one, "
            "and --models names another folder"
        )
    models = [read_model(file, samples) for file in files]
    return sorted(models, key=lambda model: not model.description.palette)  # models whose inputs the user can draw come first


def read_model(file: Path, samples: Path) -> DemoModel:
    """Read a model's metadata. Raises UserError for a file that `pix2pix export` did not write."""
    import onnx  # slow to import

    try:
        properties = onnx.load(file, load_external_data=False).metadata_props
    except Exception as error:  # protobuf's and OS errors: the same message for all
        raise UserError(f"{file} cannot be read as a model ({type(error).__name__}): export it again, or remove it") from None
    description = Description.from_metadata({entry.key: entry.value for entry in properties}, str(file))
    return DemoModel(file, description, _spread(samples / description.dataset))


def _spread(predictions: Path) -> list[Sample]:
    """At most SAMPLES of a dataset's inputs, evenly spread over their natural order, each with the target of its name."""
    inputs = sorted((predictions / "inputs").glob("*.png"), key=lambda path: natural_key(path.name))
    count = min(SAMPLES, len(inputs))
    chosen = [inputs[place * len(inputs) // count] for place in range(count)]
    targets = [predictions / "targets" / file.name for file in chosen]
    return [Sample(file, target if target.is_file() else None) for file, target in zip(chosen, targets, strict=True)]
