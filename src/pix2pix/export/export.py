"""Export a trained model to a file, and compare the file's outputs with the model's."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from pix2pix.data.palettes import Palette
from pix2pix.errors import UserError
from pix2pix.export.onnx_file import graph, onnx_model, quiet
from pix2pix.inference.backends import Backend, OnnxBackend
from pix2pix.inference.pipeline import NO_NOISE, ImageToImage
from pix2pix.models.description import Description
from pix2pix.models.files import SavedModel
from pix2pix.system.atomic_write import atomic_path, write_errors

Pixels = NDArray[np.uint8]

SEEDS = (1, 2)


@dataclass(frozen=True)
class Difference:
    """Absolute difference between two sets of 8-bit images, in levels of 255: the maximum and the mean over all values."""

    worst: int
    mean: float

    def __str__(self) -> str:
        return f"at most {self.worst} of 255 levels apart on the images tried, {self.mean:.3f} on average"


def difference(pipeline: ImageToImage, backend: Backend) -> Difference:
    """Difference of the outputs for synthetic images of two sizes, with two seeds each, and if the model has noise also without it."""
    gaps, about = [], pipeline.description
    size = about.size
    for height, width in ((size, size), (size + size // 2 - 3, 2 * size - 5)):
        image = drawn(height, width, about.palette)
        for seed in (NO_NOISE, *SEEDS) if about.noise else SEEDS:
            with torch.inference_mode():
                expected = pipeline(torch.from_numpy(image), torch.tensor([seed])).numpy()
            gaps.append(np.abs(backend(image, seed).astype(np.int16) - expected).ravel())
    found = np.concatenate(gaps)
    return Difference(int(found.max()), round(float(found.mean()), 6))


def drawn(height: int, width: int, palette: Palette) -> Pixels:
    """A synthetic image, (1, height, width, 3) uint8 RGB: rectangles in palette colours, or in random ones on a grey gradient."""
    draw = np.random.default_rng(0)
    colours = np.array(list(palette.values()) or draw.integers(0, 256, (12, 3)), dtype=np.uint8)
    image = np.empty((1, height, width, 3), dtype=np.uint8)
    image[:] = colours[0] if palette else np.linspace(0, 255, width).astype(np.uint8)[None, None, :, None]
    for number in range(24):
        top, left = int(draw.integers(0, height)), int(draw.integers(0, width))
        image[0, top : top + height // 4 + 1, left : left + width // 4 + 1] = colours[number % len(colours)]
    return image


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
