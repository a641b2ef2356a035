"""From a trained model to a file that has been seen to draw the same."""

from dataclasses import dataclass
from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.export.check import Difference, difference
from pix2pix.export.compress import compress
from pix2pix.export.graph import graph, quiet
from pix2pix.export.onnx_file import onnx_model
from pix2pix.export.pt2_file import pt2_archive
from pix2pix.inference.backends import Engine, OnnxEngine, Pt2Engine, describe_model
from pix2pix.inference.description import Description
from pix2pix.inference.translator import Translator
from pix2pix.models.files import SavedModel
from pix2pix.system.atomic_write import atomic_path, write_errors

FORMATS = ("onnx", "pt2")
MOST_LEVELS = 2  # of 255, between a file in fp32 and the model: rounding ties, and another library's sums


@dataclass(frozen=True)
class Exported:
    """What was written. Attributes: its description, its size, and how far its outputs are from the model's own."""

    description: Description
    bytes: int
    difference: Difference


def export(
    model: SavedModel, path: Path, *, form: str, weights: str, norm: str | None = None, sha256: str, licence: str = "unknown"
) -> Exported:
    """Write `model` as one file, the same bytes on every run, after comparing its outputs with the model's own.

    Args:
        model: the trained model.
        path: the file to write, atomically.
        form: onnx or pt2.
        weights: fp32, fp16 or int8, how kernels are stored.
        norm: batch, running, or None for what fits the training.
        sha256: of the weights' file.
        licence: of the pictures it was trained on.

    Raises:
        UserError: the file cannot be written, or in fp32 draws something else than the model.
    """
    quiet()
    translator = Translator(model, norm)
    description = describe_model(model, translator, sha256, licence, weights)
    with write_errors(path), atomic_path(path) as temporary:
        temporary.write_bytes(_content(model, norm, form, weights, description))
        found = difference(translator, _engine(temporary, form), description.size, description.palette)
        if weights == "fp32" and found.worst > MOST_LEVELS:
            raise UserError(f"{path} was not written: its outputs are {found} from the model's own, more than {MOST_LEVELS}")
    return Exported(description, path.stat().st_size, found)


def _content(model: SavedModel, norm: str | None, form: str, weights: str, description: Description) -> bytes:
    translator = Translator(model, norm)
    if form == "onnx":
        return onnx_model(graph(translator), weights, description)
    compress(translator, weights)
    return pt2_archive(graph(translator), description)


def _engine(file: Path, form: str) -> Engine:
    return OnnxEngine(file) if form == "onnx" else Pt2Engine(file)
