"""Image-to-image translation with conditional GANs: pix2pix on image pairs, and colourisation in CIE Lab.

The Python API is `pix2pix.load(model)`, which returns a `pix2pix.Model`, and `pix2pix.UserError`. `import pix2pix` imports nothing else:
torch takes seconds, and comes with the first `load`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.errors import UserError

if TYPE_CHECKING:
    from pix2pix.predict.model import Model

__version__ = "0.1.0"
__all__ = ["Model", "UserError", "__version__", "load"]


def load(model: "str | Path", *, norm: str | None = None) -> "Model":
    """Load a trained model, which maps images to images: `pix2pix.load("data/models/facades")(image)`.

    Where torch is not imported yet, this sets the environment variables with which `pix2pix predict` computes, so that outputs are the
    same to the bit; where it is, they rarely differ, and then by one level of 255.

    Args:
        model: a folder like data/models/facades, a file of `pix2pix export`, an address of MLflow (`models:/pix2pix-food@champion`,
            `runs:/<run id>/model`), or an MLflow run (its id or name). MLflow is that of MLFLOW_TRACKING_URI, else of the repository
            around the current folder.
        norm: normalisation statistics: `batch`, of each image by itself; `running`, of the training; None, as trained.

    Raises:
        UserError: there is no such model, it is damaged, or a library for it is not installed.
    """
    import sys

    from pix2pix.system.runtime import fix_arithmetic

    if "torch" not in sys.modules:
        fix_arithmetic()
    from pix2pix.predict.model import load_backend

    return load_backend(model, norm)


if not TYPE_CHECKING:  # a type checker would accept any name

    def __getattr__(name: str) -> object:
        if name == "Model":
            from pix2pix.predict.model import Model

            return Model
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
