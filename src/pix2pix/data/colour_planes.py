"""The colour planes of a prepared image, and their conversion to network inputs and back to RGB."""

from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from pix2pix.data.lab import lab_to_rgb

PLANES = {"rgb": 3, "L": 1, "ab": 2}
LAB_UNIT = 100  # stored Lab counts hundredths of a unit, exact to 0.005


@dataclass(frozen=True)
class ColourPlanes:
    """Input and target of a translation, each `rgb`, `L` or `ab`. A stored image holds the input's planes, then the target's.

    rgb is stored as uint8 of 0..255; L and ab as int16 hundredths of a Lab unit.
    """

    input: str
    target: str

    @classmethod
    def of(cls, kind: str, direction: str) -> "ColourPlanes":
        """ColourPlanes of a dataset: `pairs` and `folders` are rgb -> rgb; `lab` is L -> ab with direction AtoB, ab -> L with BtoA."""
        if kind != "lab":
            return cls("rgb", "rgb")
        return cls("L", "ab") if direction == "AtoB" else cls("ab", "L")

    @property
    def channels_in(self) -> int:
        """Planes of the input."""
        return PLANES[self.input]

    @property
    def channels_out(self) -> int:
        """Planes of the target."""
        return PLANES[self.target]

    @property
    def dtype(self) -> str:
        """NumPy name of the stored type."""
        return "uint8" if self.input == "rgb" else "int16"

    def as_dict(self) -> dict[str, str]:
        """For a JSON file; `ColourPlanes(**…)` reads it back."""
        return asdict(self)

    def split(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Stored images (N, planes, H, W) -> real_a, real_b, NCHW float32 in [-1, 1]."""
        planes = images.float()
        return _scale(planes[:, : self.channels_in], self.input), _scale(planes[:, self.channels_in :], self.target)

    def input_rgb(self, real_a: Tensor) -> Tensor:
        """Network input as an image: NCHW float in [-1, 1] -> NHWC uint8 RGB; L as grey, ab at middle lightness."""
        if self.input == "rgb":
            return _to_uint8(real_a)
        missing = torch.zeros_like(real_a[:, :1]).repeat(1, 3 - self.channels_in, 1, 1)
        return self._lab_rgb(torch.cat([real_a, missing] if self.input == "L" else [missing, real_a], dim=1))

    def output_rgb(self, real_a: Tensor, b: Tensor) -> Tensor:
        """Target or network output as an image: input and b, NCHW float in [-1, 1] -> NHWC uint8 RGB."""
        if self.target == "rgb":
            return _to_uint8(b)
        return self._lab_rgb(torch.cat([real_a, b] if self.input == "L" else [b, real_a], dim=1))

    def _lab_rgb(self, scaled: Tensor) -> Tensor:
        lab = torch.cat([(scaled[:, :1] + 1) * 50, scaled[:, 1:] * 110], dim=1)
        return _to_uint8(lab_to_rgb(lab) * 2 - 1)


def _scale(planes: Tensor, what: str) -> Tensor:
    """Stored numbers -> [-1, 1]: rgb as the reference's ToTensor and Normalize do, bit for bit; L/50-1 and ab/110."""
    if what == "rgb":
        return planes.div(255).sub(0.5).div(0.5)
    return planes / (50 * LAB_UNIT) - 1 if what == "L" else planes / (110 * LAB_UNIT)


def _to_uint8(image: Tensor) -> Tensor:
    """NCHW float in [-1, 1] -> NHWC uint8, rounded to the nearest level."""
    return (image.float() * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()
