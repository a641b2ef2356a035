"""Export a trained model to a file, and compare the file's outputs with the model's."""

from dataclasses import dataclass, replace
from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.export.check import Difference, difference
from pix2pix.export.onnx_file import graph, onnx_model, quiet
from pix2pix.inference.backends import OnnxBackend
from pix2pix.inference.pipeline import ImageToImage
from pix2pix.models.description import Description
from pix2pix.models.files import SavedModel
from pix2pix.system.atomic_write import atomic_path, write_errors

MOST_LEVELS = 2  # of 255, allowed between an fp32 file and the model: rounding ties, another order of sums


@dataclass(frozen=True)
class Exported:
    """Result of `export`.

    Attributes:
        description: of the exported model.
        bytes: size of the file.
        difference: between the file's outputs and the model's."""

    description: Description
    bytes: int
    difference: Difference


def export(model: SavedModel, path: Path, *, weights: str, norm: str | None = None, sha256: str, licence: str = "unknown") -> Exported:
    """Export `model` to one ONNX file, the same bytes on every run, and compare its outputs with the model's.

    Args:
        model: the trained model.
        path: the file to write, atomically.
        weights: storage of the kernels: fp32, fp16 or int8.
        norm: batch, running, or None for `model.norm`.
        sha256: of the weights file.
        licence: of the training images.

    Raises:
        UserError: the file cannot be written, or an fp32 file's outputs differ from the model's by more than `MOST_LEVELS`.
    """
    quiet()
    pipeline = ImageToImage(model, norm, sha256, licence)
    description = replace(pipeline.description, weights=weights)
    with write_errors(path), atomic_path(path) as temporary:
        temporary.write_bytes(onnx_model(graph(pipeline), description))
        found = difference(pipeline, OnnxBackend(temporary))
        if weights == "fp32" and found.worst > MOST_LEVELS:
            raise UserError(f"{path} was not written: its outputs are {found} from the model's own, more than {MOST_LEVELS}")
    return Exported(description, path.stat().st_size, found)
