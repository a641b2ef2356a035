"""Colour planes of a prepared image, and their conversion to network inputs and back to RGB."""

from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from pix2pix.data.lab import lab_to_rgb

PLANES = {"rgb": 3, "L": 1, "ab": 2}
LAB_UNIT = 100  # stored Lab counts hundredths of a unit, exact to 0.005


@dataclass(frozen=True)
class ColourPlanes:
    """Colour planes of input and target, each `rgb`, `L` or `ab`. A stored image has the input's planes, then the target's.

    rgb is stored as uint8 in 0..255; L and ab as int16, in hundredths of a CIE Lab unit.
    """

    input: str
    target: str

    @classmethod
    def of(cls, kind: str, direction: str) -> "ColourPlanes":
        """Colour planes of a dataset's kind and direction: `pairs` and `folders`: rgb -> rgb; `lab`: L -> ab (AtoB) or ab -> L (BtoA)."""
        if kind != "lab":
            return cls("rgb", "rgb")
        return cls("L", "ab") if direction == "AtoB" else cls("ab", "L")

    @property
    def channels_in(self) -> int:
        """Number of planes of the input."""
        return PLANES[self.input]

    @property
    def channels_out(self) -> int:
        """Number of planes of the target."""
        return PLANES[self.target]

    @property
    def dtype(self) -> str:
        """NumPy dtype of stored images: uint8 or int16."""
        return "uint8" if self.input == "rgb" else "int16"

    def as_dict(self) -> dict[str, str]:
        """As a dict for JSON; `ColourPlanes(**…)` restores it."""
        return asdict(self)

    def split(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Stored images (N, planes, H, W) -> real_a, real_b, NCHW float32 in [-1, 1]."""
        planes = images.float()
        return _scale(planes[:, : self.channels_in], self.input), _scale(planes[:, self.channels_in :], self.target)

    def input_rgb(self, real_a: Tensor) -> Tensor:
        """Network input as an image: NCHW float in [-1, 1] -> NHWC uint8 RGB. L is shown as grey, ab at L = 50."""
        if self.input == "rgb":
            return _to_uint8(real_a)
        missing = torch.zeros_like(real_a[:, :1]).repeat(1, 3 - self.channels_in, 1, 1)
        return self._lab_rgb(torch.cat([real_a, missing] if self.input == "L" else [missing, real_a], dim=1))

    def output_rgb(self, real_a: Tensor, b: Tensor) -> Tensor:
        """Target or network output `b` as an image: real_a and b, NCHW float in [-1, 1] -> NHWC uint8 RGB."""
        if self.target == "rgb":
            return _to_uint8(b)
        return self._lab_rgb(torch.cat([real_a, b] if self.input == "L" else [b, real_a], dim=1))

    def _lab_rgb(self, scaled: Tensor) -> Tensor:
        lab = torch.cat([(scaled[:, :1] + 1) * 50, scaled[:, 1:] * 110], dim=1)
        return _to_uint8(lab_to_rgb(lab) * 2 - 1)


def _scale(planes: Tensor, what: str) -> Tensor:
    """Stored values -> [-1, 1]: rgb bit for bit as torchvision's ToTensor and Normalize(0.5, 0.5); L / 50 - 1; ab / 110."""
    if what == "rgb":
        return planes.div(255).sub(0.5).div(0.5)
    return planes / (50 * LAB_UNIT) - 1 if what == "L" else planes / (110 * LAB_UNIT)


def _to_uint8(image: Tensor) -> Tensor:
    """NCHW float in [-1, 1] -> NHWC uint8, rounded to the nearest level."""
    return (image.float() * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()
