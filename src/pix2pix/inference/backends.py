"""What runs a model, wherever it comes from: PyTorch for a trained folder, ONNX Runtime or PyTorch for an exported file."""

import json
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from pix2pix.errors import UserError
from pix2pix.inference.faster import Halved, faster
from pix2pix.inference.pipeline import ImageToImage
from pix2pix.models.description import Description
from pix2pix.system.runtime import has_bf16

Pixels = NDArray[np.uint8]

METADATA_FILE = "pix2pix.json"  # in a PT2 archive


class Backend(Protocol):
    """A model ready for use.

    Attributes:
        description: what it is.
        runtime: torch or onnx.
    """

    description: Description
    runtime: str

    def __call__(self, images: Pixels, seed: int) -> Pixels:
        """(N, H, W, 3) uint8 RGB and a seed, below 0 for no noise -> (N, H, W, 3) uint8 RGB."""


class TorchBackend:
    """An `ImageToImage`, on a GPU where there is one.

    exact: the arithmetic of the stage infer, image by image, to the last bit; else in an order that is faster on a CPU, whose outputs are
    at most one level apart, and rarely.
    """

    runtime = "torch"

    def __init__(self, pipeline: ImageToImage, *, device: torch.device | None = None, precision: str = "fp32", exact: bool = False) -> None:
        """precision: fp32 or bf16. Raises UserError for bf16 where the processor has no instructions for it."""
        self.description, self.exact = pipeline.description, exact and precision == "fp32"
        self.device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._pipeline = faster(pipeline) if self.device.type == "cpu" and not self.exact else pipeline.to(self.device)
        if precision == "bf16":
            if not has_bf16(self.device):
                raise UserError(
                    "--precision bf16: this processor has no instructions for bfloat16, and would be slower with it; leave it out"
                )
            self._pipeline.generator = Halved(self._pipeline.generator)

    @torch.inference_mode()
    def __call__(self, images: Pixels, seed: int) -> Pixels:
        """(N, H, W, 3) uint8 RGB -> the same."""
        given, at_once = torch.from_numpy(images).to(self.device), 1 if self.exact else len(images)
        outputs = [self._pipeline(part, torch.tensor([seed], device=self.device)) for part in given.split(at_once)]
        return torch.cat(outputs).cpu().numpy()


class OnnxBackend:
    """A file of `pix2pix export --format onnx`, in ONNX Runtime on the CPU."""

    runtime = "onnx"

    def __init__(self, file: Path) -> None:
        """Raises UserError for a file that is no such model."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # what goes wrong is raised, and reported once
        options.enable_cpu_mem_arena = False  # it keeps the largest image's memory for good
        try:
            self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        except Exception as problem:  # ONNX Runtime has a class for each way to fail, none of them public
            raise UserError(f"{file} is no ONNX model that can be run ({_first_line(problem)}): export it again") from None
        self.description = Description.from_metadata(self._session.get_modelmeta().custom_metadata_map, str(file))

    def __call__(self, images: Pixels, seed: int) -> Pixels:
        """(N, H, W, 3) uint8 RGB -> the same, one at a time as the file takes them."""
        given = np.array([seed], dtype=np.int64)
        return np.concatenate([self._session.run(["output"], {"image": image[None], "seed": given})[0] for image in images])


class Pt2Backend:
    """A file of `pix2pix export --format pt2`, in PyTorch on the CPU."""

    runtime = "torch"

    def __init__(self, file: Path) -> None:
        """Raises UserError for a file that is no such model."""
        extra: dict[str, str] = {METADATA_FILE: ""}
        try:
            self._run = torch.export.load(file, extra_files=extra).module()
            metadata = json.loads(extra[METADATA_FILE] or "{}")
        except Exception as problem:  # a cut or foreign archive fails in any of its readers
            raise UserError(f"{file} is no PT2 model that can be run ({_first_line(problem)}): export it again") from None
        self.description = Description.from_metadata(metadata, str(file))

    @torch.inference_mode()
    def __call__(self, images: Pixels, seed: int) -> Pixels:
        """(N, H, W, 3) uint8 RGB -> the same, one at a time as the file takes them."""
        given = torch.tensor([seed])
        return np.concatenate([self._run(torch.from_numpy(image[None]), given).numpy() for image in images])


def _first_line(problem: Exception) -> str:
    return str(problem).partition("\n")[0][:200] or type(problem).__name__
