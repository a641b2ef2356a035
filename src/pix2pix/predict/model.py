"""The Python API: a trained model as an object that maps images in memory to images, on the path of `pix2pix predict`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar, cast, overload

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from pix2pix.data.bad_image import BadImage
from pix2pix.data.palettes import snapped
from pix2pix.data.pixels import AS_STORED, Frame, Notes, to_frame
from pix2pix.errors import UserError
from pix2pix.inference.backends import Backend
from pix2pix.inference.pipeline import NO_NOISE
from pix2pix.inference.sizing import Sizing
from pix2pix.models.description import Description
from pix2pix.predict.find_model import find_backend
from pix2pix.predict.memory import enough_memory
from pix2pix.predict.predict import Options, generate, refusal
from pix2pix.repository.root import repository
from pix2pix.system.extras import extras_named

Pixels = NDArray[np.uint8]
ImageT = TypeVar("ImageT", Image.Image, NDArray[Any], Tensor)
AnyImage = Image.Image | NDArray[Any] | Tensor


class Model:
    """A trained model, made by `pix2pix.load`.

    Attributes:
        description: what the model says of itself: dataset, kind, direction, training size, …
    """

    description: Description

    def __init__(self, backend: Backend) -> None:
        """backend: runs the model."""
        self._backend, self.description = backend, backend.description

    @overload
    def __call__(self, images: ImageT, *, size: int | None = None, seed: int | None = None, snap: bool = False) -> ImageT: ...

    @overload
    def __call__(
        self, images: Sequence[ImageT], *, size: int | None = None, seed: int | None = None, snap: bool = False
    ) -> list[ImageT]: ...

    def __call__(
        self, images: AnyImage | Sequence[AnyImage], *, size: int | None = None, seed: int | None = None, snap: bool = False
    ) -> AnyImage | list[Any]:
        """Generate an output for each image, of the image's own size and type.

        Without options, outputs have the bytes that `pix2pix predict` writes.

        Args:
            images: one image or a list of them, each one of
                - a Pillow image of any mode; its output is RGB, or RGBA where the image has transparent pixels;
                - an array (H, W, 3) or (H, W) uint8; (N, H, W, 3) is a batch. Outputs are (…, H, W, 3) uint8;
                - a tensor (3, H, W) or (1, H, W), uint8 or floating-point in [0, 1]; (N, 3, H, W) is a batch. Outputs are (…, 3, H, W), of
                  the tensor's dtype, on its device.
            size: scale the shorter side to this many pixels for the generator; None: as in the training.
            seed: switches the model's noise (dropout) on, from 0; None: no noise.
            snap: first replace each pixel of a label map by the nearest palette colour.

        Raises:
            UserError: an image or option that the model cannot use, or not enough memory.
        """
        if isinstance(images, np.ndarray | Tensor) and images.ndim == 4:
            outputs = self._outputs(list(images), size, seed, snap)
            return torch.stack(outputs) if isinstance(images, Tensor) else np.stack(outputs)
        if isinstance(images, Image.Image | np.ndarray | Tensor):
            return self._outputs([images], size, seed, snap)[0]
        return self._outputs(images, size, seed, snap)

    def _outputs(self, images: Sequence[AnyImage], size: int | None, seed: int | None, snap: bool) -> list[Any]:
        options = self._options(size, seed)
        frames = [self._frame(image, number, options, snap) for number, image in enumerate(images)]
        with enough_memory():
            outputs = generate(self._backend, [[frame] for frame in frames], options.seeds[0], options)
        return [_like(image, output) for image, (output,) in zip(images, outputs, strict=True)]

    def _options(self, size: int | None, seed: int | None) -> Options:
        for name, value, least in (("size", size, 1), ("seed", seed, 0)):
            if value is not None and value < least:
                raise UserError(f"{name} = {value}: a whole number from {least} on is needed")
        sizing = Sizing.as_trained(self.description) if size is None else Sizing.chosen(self.description, size)
        return Options(sizing, seeds=[NO_NOISE if seed is None or not self.description.noise else seed])

    def _frame(self, image: AnyImage, number: int, options: Options, snap: bool) -> Pixels:
        """(H, W, 3) uint8 RGB of an image. Raises UserError, which names the image by its number, where the model cannot use it."""
        try:
            frame = _pixels(image)
        except BadImage as problem:
            raise UserError(f"image {number}: {problem}") from None
        if snap and self.description.palette:
            frame = snapped(frame, self.description.palette)
        if reason := refusal(self._backend, [frame], options):
            raise UserError(f"image {number}: {reason}")
        return frame


def load_backend(model: str | Path, norm: str | None) -> Model:
    """Load a model, see `pix2pix.load`."""
    with extras_named():
        return Model(find_backend(str(model), norm, repository(), exact=True))


def _pixels(image: AnyImage) -> Pixels:
    """Image of any supported type -> (H, W, 3) uint8 RGB. Raises BadImage for others."""
    if isinstance(image, Image.Image):
        return np.asarray(_read(image).rgb)
    if isinstance(image, Tensor):
        return _of_tensor(image)
    if not isinstance(image, np.ndarray):
        raise BadImage(f"a Pillow image, an array or a tensor is needed, this is of type {type(image).__name__}")
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or 0 in image.shape or (image.ndim == 3 and image.shape[2] != 3):
        raise BadImage(f"an array is (H, W, 3) or (H, W) uint8, this is {image.shape} {image.dtype}")
    return np.ascontiguousarray(image if image.ndim == 3 else np.stack([image] * 3, axis=2))


def _of_tensor(image: Tensor) -> Pixels:
    """(3, H, W) or (1, H, W), uint8 or floating-point in [0, 1] -> (H, W, 3) uint8."""
    if image.ndim != 3 or image.shape[0] not in (1, 3) or 0 in image.shape or not (image.dtype == torch.uint8 or image.is_floating_point()):
        shape = tuple(image.shape)
        raise BadImage(f"a tensor is (3, H, W) or (1, H, W), uint8 or floating-point in [0, 1], this is {shape} {image.dtype}")
    if image.is_floating_point():
        if not bool(((image >= 0) & (image <= 1)).all()):
            raise BadImage("a floating-point tensor has values in [0, 1], this has others")
        image = (image.detach().float() * 255).round().to(torch.uint8)
    return cast(Pixels, image.expand(3, -1, -1).permute(1, 2, 0).contiguous().cpu().numpy())


def _like(image: AnyImage, output: Pixels) -> AnyImage:
    """Output (H, W, 3) uint8 RGB as an image of the input's type."""
    if isinstance(image, np.ndarray):
        return output
    if isinstance(image, Tensor):
        planes = torch.tensor(output).permute(2, 0, 1).contiguous()
        return planes.to(image.device) if image.dtype == torch.uint8 else (planes.to(image.device).float() / 255).to(image.dtype)
    alpha = _read(image).alpha
    return Image.fromarray(output if alpha is None else np.dstack([output, alpha]))


def _read(image: Image.Image) -> Frame:
    """Convert an image as `pix2pix predict` reads a file of it."""
    return to_frame(image.copy(), AS_STORED, Notes())
