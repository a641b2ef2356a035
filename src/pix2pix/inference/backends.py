"""One way to run a model, wherever it comes from: a trained folder or an exported file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from pix2pix.errors import UserError
from pix2pix.inference.description import Description
from pix2pix.inference.faster import Halved, faster
from pix2pix.inference.palette import palette_of
from pix2pix.inference.translator import Translator
from pix2pix.models.files import SavedModel
from pix2pix.system.runtime import has_bf16

Pixels = NDArray[np.uint8]

METADATA_FILE = "pix2pix.json"  # in a PT2 archive


class Engine(Protocol):
    """A model ready for use.

    Attributes:
        description: what it is.
        runtime: torch or onnx.
    """

    description: Description
    runtime: str

    def __call__(self, images: Pixels, seed: int) -> Pixels:
        """(N, H, W, 3) uint8 RGB and a seed, below 0 for no noise -> (N, H, W, 3) uint8 RGB."""


def describe_model(model: SavedModel, translator: Translator, sha256: str, licence: str = "unknown", weights: str = "fp32") -> Description:
    """What a trained model in use says of itself; `sha256`: of its weights' file."""
    settings = model.settings
    return Description(
        dataset=model.dataset,
        kind=model.kind,
        direction=model.direction,
        size=settings.crop_size,
        levels=settings.crop_size.bit_length() - 1 if settings.generator == "unet" else 2,
        multiple=translator.multiple,
        ngf=settings.ngf,
        norm=translator.norm,
        noise=translator.noisy,
        palette=palette_of(model.dataset, model.direction),
        epochs=model.epochs,
        weights=weights,
        model_sha256=sha256,
        licence=licence,
    )


class TorchEngine:
    """A trained generator, on a GPU where there is one."""

    runtime = "torch"

    def __init__(
        self, model: SavedModel, norm: str | None, sha256: str, device: torch.device | None = None, precision: str = "fp32"
    ) -> None:
        """precision: fp32 or bf16. Raises UserError for bf16 where the processor has no instructions for it."""
        translator = Translator(model, norm)
        self.description = describe_model(model, translator, sha256)
        self.device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._translator = faster(translator) if self.device.type == "cpu" else translator.to(self.device)
        if precision == "bf16":
            if not has_bf16(self.device):
                raise UserError(
                    "--precision bf16: this processor has no instructions for bfloat16, and would be slower with it; leave it out"
                )
            self._translator.generator = Halved(self._translator.generator)

    @torch.inference_mode()
    def __call__(self, images: Pixels, seed: int) -> Pixels:
        """(N, H, W, 3) uint8 RGB -> the same."""
        return self._translator(torch.from_numpy(images).to(self.device), torch.tensor([seed], device=self.device)).cpu().numpy()


class OnnxEngine:
    """A file of `pix2pix export --format onnx`, in ONNX Runtime on the CPU."""

    runtime = "onnx"

    def __init__(self, file: Path, content: bytes | None = None) -> None:
        """content: the model itself, where it is no file yet. Raises UserError for a file that is no such model."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # what goes wrong is raised, and told once
        options.enable_cpu_mem_arena = False  # it keeps the largest picture's memory for good
        try:
            model = content if content is not None else str(file)
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as problem:  # ONNX Runtime has a class for each way to fail, none of them public
            raise UserError(f"{file} is no ONNX model that can be run ({_first_line(problem)}): export it again") from None
        self.description = Description.from_metadata(self._session.get_modelmeta().custom_metadata_map, str(file))

    def __call__(self, images: Pixels, seed: int) -> Pixels:
        """(N, H, W, 3) uint8 RGB -> the same, one at a time as the file takes them."""
        given = np.array([seed], dtype=np.int64)
        return np.concatenate([self._session.run(["output"], {"image": image[None], "seed": given})[0] for image in images])


class Pt2Engine:
    """A file of `pix2pix export --format pt2`, in PyTorch on the CPU."""

    runtime = "torch"

    def __init__(self, file: Path) -> None:
        """Raises UserError for a file that is no such model."""
        extra: dict[str, str] = {METADATA_FILE: ""}
        try:
            self._run = torch.export.load(file, extra_files=extra).module()
        except Exception as problem:  # a cut or foreign archive fails in any of its readers
            raise UserError(f"{file} is no PT2 model that can be run ({_first_line(problem)}): export it again") from None
        self.description = Description.from_metadata(_texts(extra[METADATA_FILE]), str(file))

    @torch.inference_mode()
    def __call__(self, images: Pixels, seed: int) -> Pixels:
        """(N, H, W, 3) uint8 RGB -> the same, one at a time as the file takes them."""
        given = torch.tensor([seed])
        return np.concatenate([self._run(torch.from_numpy(image[None]), given).numpy() for image in images])


def _texts(content: str | bytes) -> Mapping[str, str]:
    found: dict[str, str] = json.loads(content) if content else {}
    return found


def _first_line(problem: Exception) -> str:
    return str(problem).partition("\n")[0][:200] or type(problem).__name__
