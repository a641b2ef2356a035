"""Compress weights to fp16 or int8. The arithmetic stays in fp32: only stored weights are rounded."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pix2pix.inference.pipeline import ImageToImage

WEIGHTS = ("fp32", "fp16", "int8")


def quantised(weight: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Quantise a kernel: fp32 -> (int8 of the same shape, fp32 scales (channels along `axis`,)), with weight ≈ int8 * scale.

    Symmetric, in -127..127: Jacob et al., Quantization and Training of Neural Networks, 2018, section 2.1, with zero point 0.
    """
    others = [place for place in range(weight.ndim) if place != axis]
    scale = (weight.abs().amax(dim=others) / 127).clamp_min(torch.finfo(torch.float32).tiny)
    return (weight / _along(scale, axis, weight.ndim)).round().clamp(-127, 127).to(torch.int8), scale


def output_axis(transposed: bool) -> int:
    """Axis of a kernel's output channels: 0 for a convolution, 1 for a transposed convolution."""
    return 1 if transposed else 0


def compress(pipeline: ImageToImage, weights: str) -> None:
    """Store the kernels of `pipeline` as fp16 or int8, in place; fp32 changes nothing."""
    if weights == "fp32":
        return
    for name, module in list(pipeline.generator.named_modules()):
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            parent, _, child = name.rpartition(".")
            setattr(pipeline.generator.get_submodule(parent), child, _Compressed(module, weights))


class _Compressed(nn.Module):
    """A convolution that decompresses its kernel on each call: (N, C, H, W) -> (N, C', H', W')."""

    stored: Tensor
    scale: Tensor

    def __init__(self, conv: nn.Conv2d | nn.ConvTranspose2d, weights: str) -> None:
        super().__init__()
        self.transposed, axis = isinstance(conv, nn.ConvTranspose2d), output_axis(isinstance(conv, nn.ConvTranspose2d))
        weight = conv.weight.detach()
        stored, scale = quantised(weight, axis) if weights == "int8" else (weight.half(), torch.ones(1))
        self.register_buffer("stored", stored)
        self.register_buffer("scale", _along(scale, axis, weight.ndim))
        self.bias, self.stride, self.output_padding = conv.bias, conv.stride, conv.output_padding
        assert not isinstance(conv.padding, str)  # no network here uses padding="same"
        self.padding = conv.padding

    def forward(self, x: Tensor) -> Tensor:
        weight = self.stored.float() * self.scale
        if self.transposed:
            return F.conv_transpose2d(x, weight, self.bias, self.stride, self.padding, self.output_padding)
        return F.conv2d(x, weight, self.bias, self.stride, self.padding)


def _along(scale: Tensor, axis: int, dimensions: int) -> Tensor:
    return scale.view([-1 if place == axis else 1 for place in range(dimensions)])
