"""The generator as MLflow loads and serves it. MLflow copies this file beside the weights and runs it where the model is loaded.

Input, MLflow's `inputs`: one picture each, as base64 text or bytes of a PNG or JPEG of any size (an array of objects), or network input
itself, (N, C, H, W) float32 in [-1, 1] with H and W multiples of the training size. Pictures are answered with PNGs of their size,
which the server writes as base64; network input with (N, C', H, W) float32 in [-1, 1].
"""

import base64
import binascii
import io
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
from mlflow.pyfunc.model import PythonModel, PythonModelContext


class Generator(PythonModel):
    """Loads `artifacts["model"]`, a folder as the stage train writes it."""

    def load_context(self, context: PythonModelContext) -> None:
        """Called once by MLflow, with exactly this name of the parameter."""
        from pix2pix.models.files import load_model
        from pix2pix.models.inference_mode import ready

        self._model = load_model(Path(context.artifacts["model"]))
        self._generator = ready(self._model.generator, self._model.norm)

    def predict(self, context: PythonModelContext, model_input: np.ndarray, params: dict[str, Any] | None = None) -> Any:
        """Answers as the module says. Raises MlflowException, which the server answers with status 400, for what is no such input."""
        if model_input.ndim != 1:  # numbers posted to the server come as an array of objects too
            return self._translated(model_input)
        answers = np.empty(len(model_input), dtype=object)
        for place, picture in enumerate(model_input):
            answers[place] = self._answered(picture)
        return answers

    def _translated(self, real_a: np.ndarray) -> np.ndarray:
        import torch

        channels, side = self._model.planes.channels_in, self._model.settings.crop_size
        if real_a.ndim != 4 or real_a.shape[1] != channels or real_a.shape[2] % side or real_a.shape[3] % side:
            raise _refused(f"network input is (N, {channels}, H, W) with H and W multiples of {side}, this has the shape {real_a.shape}")
        with torch.no_grad():
            answer: np.ndarray = self._generator(torch.from_numpy(real_a.astype(np.float32))).numpy()
        return answer

    def _answered(self, picture: Any) -> bytes:
        """PNG of what the generator makes of one picture, whose edges are repeated up to a size that the network can take."""
        import torch
        import torch.nn.functional as F
        from PIL import Image

        from pix2pix.data.images import BadImage, decode
        from pix2pix.data.lab import rgb_to_lab

        try:
            rgb = np.asarray(decode(base64.b64decode(picture, validate=True) if isinstance(picture, str) else bytes(picture)))
        except (BadImage, binascii.Error, TypeError, ValueError) as problem:
            raise _refused(f"each input is a picture, as base64 text or bytes of a PNG or JPEG: {problem}") from None
        planes = torch.from_numpy(rgb.copy()).permute(2, 0, 1)[None] / 255
        colours, side = self._model.planes, self._model.settings.crop_size
        if colours.input == "rgb":
            real_a = planes * 2 - 1
        else:
            lab = rgb_to_lab(planes)
            real_a = lab[:, :1] / 50 - 1 if colours.input == "L" else lab[:, 1:] / 110
        height, width = real_a.shape[2:]
        padded = F.pad(real_a, (0, -width % side, 0, -height % side), mode="replicate")
        with torch.no_grad():
            shown = colours.output_rgb(padded, self._generator(padded))[0, :height, :width]
        png = io.BytesIO()
        Image.fromarray(shown.contiguous().numpy()).save(png, "PNG")
        return png.getvalue()


def _refused(message: str) -> Exception:
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE

    return MlflowException(message, error_code=INVALID_PARAMETER_VALUE)


mlflow.models.set_model(Generator())
