"""What the page can show: exported models as their files describe themselves, and images to try them on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pix2pix.data.natural_order import natural_key
from pix2pix.errors import UserError
from pix2pix.models.description import Description

SAMPLES = 24  # images to try for each model, spread over the folder


@dataclass(frozen=True)
class DemoModel:
    """An exported model, with images to try it on."""

    file: Path
    description: Description
    samples: Sequence[Path]

    def as_dict(self) -> dict[str, object]:
        """For the page, without where the files are."""
        names = ("dataset", "kind", "direction", "size", "noise", "epochs", "weights")
        palette = [{"name": name, "rgb": rgb} for name, rgb in self.description.palette.items()]
        return {**{name: getattr(self.description, name) for name in names}, "palette": palette}


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
    return sorted(models, key=lambda model: not model.description.palette)  # what can be drawn comes first


def read_model(file: Path, samples: Path) -> DemoModel:
    """One model by the metadata in its file. Raises UserError for a file that `pix2pix export` did not write."""
    import onnx  # takes a while to import

    try:
        properties = onnx.load(file, load_external_data=False).metadata_props
    except Exception as error:  # protobuf has its own exceptions for a cut file, a folder, an image: all mean the same here
        raise UserError(f"{file} cannot be read as a model ({type(error).__name__}): export it again, or take it away") from None
    description = Description.from_metadata({entry.key: entry.value for entry in properties}, str(file))
    return DemoModel(file, description, _spread(samples / description.dataset / "inputs"))


def _spread(folder: Path) -> list[Path]:
    """At most SAMPLES images of a folder, evenly spread in their natural order."""
    images = sorted(folder.glob("*.png"), key=lambda path: natural_key(path.name))
    count = min(SAMPLES, len(images))
    return [images[place * len(images) // count] for place in range(count)]
