"""The size at which a generator sees an image, and the way of its output back to the image's own."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from pix2pix.data.images import FILTERS, require_room, to_square
from pix2pix.data.lab import lab_to_rgb, rgb_to_lab
from pix2pix.models.description import Description

Pixels = NDArray[np.uint8]

_SMOOTH = Image.Resampling.BICUBIC  # of an output that is enlarged, where `area` would leave blocks
_ROWS = 256  # at once, so that a large image's Lab needs little memory


@dataclass(frozen=True)
class Sizing:
    """How an image is brought to a generator's size.

    Attributes:
        size: pixels of the shorter side, or of a square's side; None: the image's own size.
        fit: squash or pad to a square, as `data.images.to_square`; crop keeps the image's proportions, as an output must show all of it.
        resize: bicubic, area or bilinear.
        keeps_lightness: whether the output has the image's lightness, which is then taken from the image at its own size.
    """

    size: int | None
    fit: str = "crop"
    resize: str = "bicubic"
    keeps_lightness: bool = False

    @classmethod
    def as_trained(cls, about: Description) -> "Sizing":
        """As the stage prepare showed the evaluation split to the model: `prepare.fit`, `prepare.resize`, `prepare.crop_size`."""
        return cls(about.size, about.fit, about.resize, _colours_lightness(about))

    @classmethod
    def chosen(cls, about: Description, size: int | None) -> "Sizing":
        """The shorter side at `size` pixels in the image's own proportions; None: the image's own size."""
        return cls(size, "crop", about.resize, _colours_lightness(about))

    def shape(self, height: int, width: int) -> tuple[int, int]:
        """Height and width that an image of `height` and `width` gets. Raises BadImage for one too narrow to be padded."""
        if self.size is None:
            return height, width
        if self.fit != "crop":
            require_room(width, height, self.fit)
            return self.size, self.size
        least = min(height, width)
        return max(1, round(height * self.size / least)), max(1, round(width * self.size / least))

    def apply(self, image: Pixels) -> Pixels:
        """(H, W, 3) uint8 RGB -> (*shape(H, W), 3). Raises BadImage as `shape`."""
        if self.size is not None and self.fit != "crop":
            return np.asarray(to_square(Image.fromarray(image), self.size, resize=self.resize, fit=self.fit))
        return _resized(image, self.shape(*image.shape[:2]), FILTERS[self.resize])

    def undo(self, output: Pixels, image: Pixels) -> Pixels:
        """The output for `apply(image)` -> (H, W, 3) uint8 RGB, of the image's own size."""
        if output.shape == image.shape:
            return output
        height, width, _ = image.shape
        if self.size is not None and self.fit == "pad":
            side = max(height, width)
            top, left = (side - height) // 2, (side - width) // 2
            restored = _resized(output, (side, side), _SMOOTH)[top : top + height, left : left + width]
        else:
            restored = _resized(output, (height, width), _SMOOTH)
        return _with_lightness(image, restored) if self.keeps_lightness else restored


def _resized(image: Pixels, shape: tuple[int, int], resample: Image.Resampling) -> Pixels:
    if image.shape[:2] == shape:
        return image
    return np.asarray(Image.fromarray(image).resize((shape[1], shape[0]), resample))


def _colours_lightness(about: Description) -> bool:
    return (about.kind, about.direction) == ("lab", "AtoB")


def _with_lightness(image: Pixels, output: Pixels) -> Pixels:
    """The lightness of `image` with the colours of `output`, both (H, W, 3) uint8 RGB: a colouring at a smaller size loses no detail."""
    strips = [slice(top, top + _ROWS) for top in range(0, image.shape[0], _ROWS)]
    return np.concatenate([_mixed(image[rows], output[rows]) for rows in strips])


def _mixed(image: Pixels, output: Pixels) -> Pixels:
    own, drawn = (rgb_to_lab(torch.from_numpy(np.array(part)).permute(2, 0, 1)[None].float() / 255) for part in (image, output))
    rgb = lab_to_rgb(torch.cat([own[:, :1], drawn[:, 1:]], dim=1))
    return (rgb[0].permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
