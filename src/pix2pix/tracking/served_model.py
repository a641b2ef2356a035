"""The generator as MLflow loads and serves it. MLflow copies this file beside the weights and runs it where the model is loaded.

Inputs (MLflow's `inputs`), one of:
- images: an array of objects, each a PNG or JPEG of any size, as bytes or base64 text;
- network input: (N, C, H, W) float32 in [-1, 1], with H and W multiples of the description's `multiple`.

An image is resized as in training; its output is a PNG of the image's own size, which the server encodes as base64. The output for network
input is (N, C', H, W) float32 in [-1, 1].
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
    """Serves `artifacts["model"]`, a folder that the stage train writes."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the model. MLflow calls this once and requires the parameter's name."""
        from pix2pix.inference.backends import TorchBackend
        from pix2pix.inference.pipeline import ImageToImage
        from pix2pix.inference.sizing import Sizing
        from pix2pix.models.files import load_model

        self._pipeline = ImageToImage(load_model(Path(context.artifacts["model"])))
        self._backend = TorchBackend(self._pipeline, exact=True)
        self._sizing = Sizing.as_trained(self._pipeline.description)

    def predict(self, context: PythonModelContext, model_input: np.ndarray, params: dict[str, Any] | None = None) -> Any:
        """Generate outputs, see the module. Raises MlflowException (HTTP status 400 of the server) for any other input."""
        if model_input.ndim != 1:  # the server also passes nested lists of numbers as an array of objects
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

        from pix2pix.data.bad_image import BadImage
        from pix2pix.data.images import decode
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
