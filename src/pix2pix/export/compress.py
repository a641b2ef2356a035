"""Weights in fewer bytes. The arithmetic stays in fp32: only what is stored is rounded."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pix2pix.inference.pipeline import ImageToImage

WEIGHTS = ("fp32", "fp16", "int8")


def quantised(weight: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Kernel in fp32 -> int8 of its shape and fp32 scales, one for each channel along `axis`: weight = int8 * scale, as near as it goes.

    Symmetric, of -127..127: Jacob et al., Quantization and Training of Neural Networks, 2018, section 2.1, with the zero at 0.
    """
    others = [place for place in range(weight.ndim) if place != axis]
    scale = (weight.abs().amax(dim=others) / 127).clamp_min(torch.finfo(torch.float32).tiny)
    return (weight / _along(scale, axis, weight.ndim)).round().clamp(-127, 127).to(torch.int8), scale


def output_axis(transposed: bool) -> int:
    """Where a kernel's output channels are: first in a convolution's, second in a transposed one's."""
    return 1 if transposed else 0


def compress(pipeline: ImageToImage, weights: str) -> None:
    """Store the kernels of `pipeline`, which is changed, as fp16 or int8; fp32 leaves them."""
    if weights == "fp32":
        return
    for name, module in list(pipeline.generator.named_modules()):
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            parent, _, child = name.rpartition(".")
            setattr(pipeline.generator.get_submodule(parent), child, _Compressed(module, weights))


class _Compressed(nn.Module):
    """A convolution that unpacks its kernel each time: (N, C, H, W) -> (N, C', H', W')."""

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
        assert not isinstance(conv.padding, str)  # no network here says "same"
        self.padding = conv.padding

    def forward(self, x: Tensor) -> Tensor:
        weight = self.stored.float() * self.scale
        if self.transposed:
            return F.conv_transpose2d(x, weight, self.bias, self.stride, self.padding, self.output_padding)
        return F.conv2d(x, weight, self.bias, self.stride, self.padding)


def _along(scale: Tensor, axis: int, dimensions: int) -> Tensor:
    return scale.view([-1 if place == axis else 1 for place in range(dimensions)])
