"""torch.cat of skip connections, with gradients in the memory format of their inputs.

Measured as a part of StreamsEngine on the CPU (benchmarks/results/2026-11-28-training.md), not by itself; unused on CUDA.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx


class Concatenation(torch.autograd.Function):
    """torch.cat of (N, C, H, W) along the channels, whose gradients are contiguous in each input's memory format.

    torch.cat's are slices, which batch norm's backward pass on the CPU reads value by value.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, *inputs: Tensor) -> Tensor:
        """(N, C_i, H, W) each -> (N, sum of C_i, H, W)."""
        ctx.channels = [x.shape[1] for x in inputs]  # type: ignore[attr-defined]
        ctx.formats = [_memory_format(x) for x in inputs]  # type: ignore[attr-defined]
        return torch.cat(inputs, dim=1)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, ...]:
        """Gradients of the inputs."""
        parts = zip(gradient.split(ctx.channels, dim=1), ctx.formats, strict=True)
        return tuple(part.contiguous(memory_format=memory_format) for part, memory_format in parts)


def pays(x: Tensor) -> bool:
    """Whether `Concatenation` is faster for `x`, a feature map with gradients: on the CPU."""
    return x.device.type == "cpu" and x.dim() == 4 and x.requires_grad


def _memory_format(x: Tensor) -> torch.memory_format:
    return torch.channels_last if x.is_contiguous(memory_format=torch.channels_last) else torch.contiguous_format
