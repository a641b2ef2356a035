"""Backends that run a model: PyTorch for a trained model, ONNX Runtime for an exported file."""

from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from pix2pix.errors import UserError
from pix2pix.inference.faster import Bfloat16, faster
from pix2pix.inference.pipeline import ImageToImage
from pix2pix.models.description import Description
from pix2pix.system.runtime import has_bf16

Pixels = NDArray[np.uint8]


class Backend(Protocol):
    """A model ready to run.

    Attributes:
        description: the model's description.
        runtime: torch or onnx.
    """

    description: Description
    runtime: str

    def __call__(self, images: Pixels, seed: int) -> Pixels:
        """Generate: images (N, H, W, 3) uint8 RGB -> (N, H, W, 3) uint8 RGB. seed: of the noise; below 0, no noise."""


class TorchBackend:
    """Runs an `ImageToImage` in PyTorch, on a GPU if there is one.

    With `exact`, outputs are bit for bit those of the stage infer, one image at a time. Without it, a CPU uses the faster arithmetic of
    `inference.faster`; outputs rarely differ, and then by one level of 255.
    """

    runtime = "torch"

    def __init__(self, pipeline: ImageToImage, *, device: torch.device | None = None, precision: str = "fp32", exact: bool = False) -> None:
        """precision: fp32, or bf16, which ignores `exact`. Raises UserError for bf16 if the device has no instructions for it."""
        self.description, self.exact = pipeline.description, exact and precision == "fp32"
        self.device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._pipeline = faster(pipeline) if self.device.type == "cpu" and not self.exact else pipeline.to(self.device)
        if precision == "bf16":
            if not has_bf16(self.device):
                raise UserError(
                    "--precision bf16: this processor has no instructions for bfloat16, and would be slower with it; leave it out"
                )
            self._pipeline.generator = Bfloat16(self._pipeline.generator)

    @torch.inference_mode()
    def __call__(self, images: Pixels, seed: int) -> Pixels:
        """Generate, as `Backend`: (N, H, W, 3) uint8 RGB -> (N, H, W, 3) uint8 RGB."""
        given, at_once = torch.from_numpy(images).to(self.device), 1 if self.exact else len(images)
        outputs = [self._pipeline(part, torch.tensor([seed], device=self.device)) for part in given.split(at_once)]
        return torch.cat(outputs).cpu().numpy()


class OnnxBackend:
    """Runs a file of `pix2pix export` in ONNX Runtime on the CPU."""

    runtime = "onnx"

    def __init__(self, file: Path) -> None:
        """Raises UserError for a file that is no such model."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # fatal only: errors are raised, and must not be logged too
        options.enable_cpu_mem_arena = False  # the arena never frees the memory of the largest image
        try:
            self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        except Exception as problem:  # ONNX Runtime's exception classes are not public
            raise UserError(f"{file} is no ONNX model that can be run ({_first_line(problem)}): export it again") from None
        self.description, self._file = Description.from_metadata(self._session.get_modelmeta().custom_metadata_map, str(file)), file

    def __call__(self, images: Pixels, seed: int) -> Pixels:
        """Generate, as `Backend`, one image at a time: the file accepts one. Raises UserError for a file that does something else."""
        return np.concatenate([self._run(image[None], np.array([seed], dtype=np.int64)) for image in images])

    def _run(self, image: Pixels, seed: NDArray[np.int64]) -> Pixels:
        try:
            output: Pixels = self._session.run(["output"], {"image": image, "seed": seed})[0]
        except Exception as problem:
            raise UserError(f"{self._file} cannot be run ({_first_line(problem)}): export it again") from None
        if getattr(output, "dtype", None) != np.uint8 or output.shape != image.shape:
            raise UserError(f"{self._file} does not give images of the input's size: export it again")
        return output


def _first_line(problem: Exception) -> str:
    return str(problem).partition("\n")[0][:200] or type(problem).__name__
