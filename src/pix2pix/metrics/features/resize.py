"""Resize before a feature network. It is part of the metric: another filter gives other distances."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def pillow_bicubic(images: Tensor, side: int) -> Tensor:
    """Round to 8 bits and resize to a square with Pillow's BICUBIC (antialiased, a = -0.5): integer arithmetic, the same bytes everywhere.

    images: NCHW float RGB in [0, 1]. Returns NHWC uint8 on the CPU, (N, side, side, 3).
    """
    pixels = to_8_bits(images).to("cpu", torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
    resized = [np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)) for image in pixels]
    return torch.from_numpy(np.stack(resized))


def tensorflow1_bilinear(images: Tensor, side: int) -> Tensor:
    """Round to 8 bits and resize to a square as TensorFlow 1's resize_bilinear(align_corners=False), and as torch-fidelity.

    Output pixel i reads input position i * size / side, without the half-pixel offset and the antialiasing of bilinear in Pillow and
    TensorFlow 2.
    images: NCHW float RGB in [0, 1]. Returns (N, 3, side, side) float32 in [0, 255] on the same device.
    """
    pixels = to_8_bits(images)
    for dim in (3, 2):
        size = pixels.shape[dim]
        positions = torch.arange(side, dtype=torch.float32, device=pixels.device) * (size / side)
        before = positions.long()
        share = (positions - before).view(-1, *(1,) * (3 - dim))
        pixels = torch.lerp(pixels.index_select(dim, before), pixels.index_select(dim, (before + 1).clamp(max=size - 1)), share)
    return pixels


def to_8_bits(images: Tensor) -> Tensor:
    """Float values in [0, 1] -> float32, rounded to whole numbers in [0, 255]; values outside are clamped."""
    return (images.detach().float() * 255).round().clamp(0, 255)
