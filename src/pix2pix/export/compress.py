"""Storage of the weights. The arithmetic stays in fp32: only stored weights are rounded."""

import torch
from torch import Tensor

WEIGHTS = ("fp32", "fp16", "int8")


def quantised(weight: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Quantise a kernel: fp32 -> (int8 of the same shape, fp32 scales (channels along `axis`,)), with weight ≈ int8 * scale.

    Symmetric, in -127..127: Jacob et al., Quantization and Training of Neural Networks, 2018, section 2.1, with zero point 0.
    """
    others = [place for place in range(weight.ndim) if place != axis]
    scale = (weight.abs().amax(dim=others) / 127).clamp_min(torch.finfo(torch.float32).tiny)
    return (weight / scale.view([-1 if place == axis else 1 for place in range(weight.ndim)])).round().clamp(-127, 127).to(
        torch.int8
    ), scale


def output_axis(transposed: bool) -> int:
    """Axis of a kernel's output channels: 0 for a convolution, 1 for a transposed convolution."""
    return 1 if transposed else 0
