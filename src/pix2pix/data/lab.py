"""CIE Lab as in scikit-image: sRGB (IEC 61966-2-1), D65 white point, 2 degree observer. Batched, on any device."""

import torch
from torch import Tensor

_RGB_TO_XYZ = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))
_XYZ_TO_RGB = torch.linalg.inv(torch.tensor(_RGB_TO_XYZ, dtype=torch.float64))  # not in the exported graph, which could not invert it
_WHITE = (0.95047, 1.0, 1.08883)


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """(N, 3, H, W) sRGB in [0, 1] -> (N, 3, H, W) Lab of the same dtype, float32 or float64. L in [0, 100], a and b within [-110, 110]."""
    return _linear_to_lab(_linear(rgb))


def rgb8_to_lab(rgb: Tensor, dtype: torch.dtype = torch.float64) -> Tensor:
    """`rgb_to_lab` for 8 bits, faster by a table of 256 linear values: (N, 3, H, W) uint8 sRGB -> (N, 3, H, W) Lab of `dtype`."""
    linear = _linear(torch.arange(256, dtype=torch.float64, device=rgb.device) / 255).to(dtype)
    return _linear_to_lab(linear.index_select(0, rgb.reshape(-1).int()).view(rgb.shape))


def lab_to_rgb(lab: Tensor) -> Tensor:
    """(N, 3, H, W) Lab -> (N, 3, H, W) sRGB, clipped to [0, 1]."""
    lightness, a, b = lab.unbind(1)
    y = (lightness + 16) / 116
    f = torch.stack([y + a / 500, y, (y - b / 200).clamp_min(0)], dim=1)
    xyz = torch.where(f > 0.2068966, f.clamp_min(0) ** 3, (f - 16 / 116) / 7.787) * lab.new_tensor(_WHITE).view(1, 3, 1, 1)
    linear = _mix(xyz, _XYZ_TO_RGB.to(lab))
    rgb = torch.where(linear > 0.0031308, 1.055 * linear.clamp_min(0.0031308) ** (1 / 2.4) - 0.055, linear * 12.92)
    return rgb.clamp(0, 1)


def _linear(rgb: Tensor) -> Tensor:
    # torch.where computes both branches, and a power of a negative number is NaN
    return torch.where(rgb > 0.04045, ((rgb.clamp_min(0) + 0.055) / 1.055) ** 2.4, rgb / 12.92)


def _linear_to_lab(linear: Tensor) -> Tensor:
    white = linear.new_tensor(_WHITE).view(1, 3, 1, 1)
    xyz = _mix(linear, linear.new_tensor(_RGB_TO_XYZ)) / white
    f = torch.where(xyz > 0.008856, xyz.clamp_min(0) ** (1 / 3), 7.787 * xyz + 16 / 116)
    x, y, z = f.unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


def _mix(image: Tensor, matrix: Tensor) -> Tensor:
    """Apply a 3x3 matrix to the channels of (N, 3, H, W), as plain sums: a matrix product rounds differently with each BLAS library."""
    r, g, b = image.unbind(1)
    return torch.stack([row[0] * r + row[1] * g + row[2] * b for row in matrix], dim=1)
