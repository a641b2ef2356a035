"""Resize images for the generator, and outputs back to the size of the image."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from pix2pix.data.fit import FILTERS, require_room, to_square
from pix2pix.data.lab import lab_to_rgb, rgb_to_lab
from pix2pix.models.description import Description

Pixels = NDArray[np.uint8]

_SMOOTH = Image.Resampling.BICUBIC  # for outputs that are enlarged, where `area` gives blocks
_ROWS = 256  # rows at once: bounds the memory of Lab


@dataclass(frozen=True)
class Sizing:
    """How an image is resized for the generator, and the output back.

    Attributes:
        size: pixels of the shorter side (fit crop), or of the square's side; None: the image is not resized.
        fit: squash and pad make a square as `data.images.to_square`; crop keeps the aspect ratio, and does not crop.
        resize: bicubic, area or bilinear.
        keeps_lightness: whether `undo` takes the lightness from the image in full size (colourisation).
    """

    size: int | None
    fit: str = "crop"
    resize: str = "bicubic"
    keeps_lightness: bool = False

    @classmethod
    def as_trained(cls, about: Description) -> "Sizing":
        """As the stage prepare resizes the evaluation split, by `prepare.fit`, `resize` and `crop_size`; but fit crop does not crop."""
        return cls(about.size, about.fit, about.resize, _colours_lightness(about))

    @classmethod
    def chosen(cls, about: Description, size: int | None) -> "Sizing":
        """`size` pixels for the shorter side, with the image's aspect ratio; None: the image's own size."""
        return cls(size, "crop", about.resize, _colours_lightness(about))

    def shape(self, height: int, width: int) -> tuple[int, int]:
        """(height, width) after `apply` of an image of this height and width. Raises BadImage if padding would make it too large."""
        if self.size is None:
            return height, width
        if self.fit != "crop":
            require_room(width, height, self.fit)
            return self.size, self.size
        least = min(height, width)
        return max(1, round(height * self.size / least)), max(1, round(width * self.size / least))

    def apply(self, image: Pixels) -> Pixels:
        """Resize for the generator: (H, W, 3) uint8 RGB -> (*shape(H, W), 3) uint8 RGB. Raises BadImage as `shape`."""
        if self.size is not None and self.fit != "crop":
            return np.asarray(to_square(Image.fromarray(image), self.size, resize=self.resize, fit=self.fit))
        return _resized(image, self.shape(*image.shape[:2]), FILTERS[self.resize])

    def undo(self, output: Pixels, image: Pixels) -> Pixels:
        """Resize the output for `apply(image)` back to the image's size: -> (H, W, 3) uint8 RGB. Padding is cut off."""
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
    """L of `image` with a and b of `output`, both (H, W, 3) uint8 RGB: generating at a smaller size then loses no detail."""
    strips = [slice(top, top + _ROWS) for top in range(0, image.shape[0], _ROWS)]
    return np.concatenate([_mixed(image[rows], output[rows]) for rows in strips])


def _mixed(image: Pixels, output: Pixels) -> Pixels:
    own, drawn = (rgb_to_lab(torch.from_numpy(np.array(part)).permute(2, 0, 1)[None].float() / 255) for part in (image, output))
    rgb = lab_to_rgb(torch.cat([own[:, :1], drawn[:, 1:]], dim=1))
    return (rgb[0].permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
