"""The generator as MLflow loads and serves it. MLflow copies this file beside the weights and runs it where the model is loaded.

Input, MLflow's `inputs`: one image each, as base64 text or bytes of a PNG or JPEG of any size (an array of objects), or network input
itself, (N, C, H, W) float32 in [-1, 1] with H and W multiples of what the generator can take. An image is shown to the generator as its
training showed it images, and answered with a PNG of its size, which the server writes as base64; network input is answered with
(N, C', H, W) float32 in [-1, 1].
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
        from pix2pix.inference.backends import TorchBackend
        from pix2pix.inference.pipeline import ImageToImage
        from pix2pix.inference.sizing import Sizing
        from pix2pix.models.files import load_model

        self._pipeline = ImageToImage(load_model(Path(context.artifacts["model"])))
        self._backend = TorchBackend(self._pipeline, exact=True)
        self._sizing = Sizing.as_trained(self._pipeline.description)

    def predict(self, context: PythonModelContext, model_input: np.ndarray, params: dict[str, Any] | None = None) -> Any:
        """Outputs as the module says. Raises MlflowException, which the server answers with status 400, for what is no such input."""
        if model_input.ndim != 1:  # numbers posted to the server come as an array of objects too
            return self._generate(model_input)
        outputs = np.empty(len(model_input), dtype=object)
        for place, image in enumerate(model_input):
            outputs[place] = self._png(image)
        return outputs

    def _generate(self, real_a: np.ndarray) -> np.ndarray:
        import torch

        channels, multiple = self._pipeline.planes.channels_in, self._pipeline.description.multiple
        if real_a.ndim != 4 or real_a.shape[1] != channels or real_a.shape[2] % multiple or real_a.shape[3] % multiple:
            shape = f"(N, {channels}, H, W) with H and W multiples of {multiple}"
            raise _refused(f"network input is {shape}, this has the shape {real_a.shape}")
        with torch.inference_mode():
            fake_b = self._pipeline.generate(torch.from_numpy(real_a.astype(np.float32)).to(self._backend.device))
        output: np.ndarray = fake_b.cpu().numpy()
        return output

    def _png(self, image: Any) -> bytes:
        """PNG of the output for one image."""
        from PIL import Image

        from pix2pix.data.images import BadImage, decode
        from pix2pix.inference.pipeline import NO_NOISE

        try:
            rgb = np.asarray(decode(base64.b64decode(image, validate=True) if isinstance(image, str) else bytes(image)))
            seen = self._sizing.apply(rgb)
        except (BadImage, binascii.Error, TypeError, ValueError) as problem:
            raise _refused(f"each input is an image, as base64 text or bytes of a PNG or JPEG: {problem}") from None
        output = self._sizing.undo(self._backend(np.stack([seen]), NO_NOISE)[0], rgb)
        png = io.BytesIO()
        Image.fromarray(output).save(png, "PNG")
        return png.getvalue()


def _refused(message: str) -> Exception:
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE

    return MlflowException(message, error_code=INVALID_PARAMETER_VALUE)


mlflow.models.set_model(Generator())
