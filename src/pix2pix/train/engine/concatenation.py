"""Pictures joined by their channels, as skip connections do, with gradients that PyTorch's layers are fast with on the CPU."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx


class Concatenation(torch.autograd.Function):
    """torch.cat of (N, C, H, W) along the channels, with gradients that lie as their pictures do.

    torch.cat gives slices, which the normalisation in front works through value by value.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, *pictures: Tensor) -> Tensor:
        """Pictures of one N, H and W -> (N, all channels, H, W)."""
        ctx.channels = [picture.shape[1] for picture in pictures]  # type: ignore[attr-defined]
        ctx.lie = [_lies(picture) for picture in pictures]  # type: ignore[attr-defined]
        return torch.cat(pictures, dim=1)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, ...]:
        """Of each picture."""
        parts = zip(gradient.split(ctx.channels, dim=1), ctx.lie, strict=True)
        return tuple(part.contiguous(memory_format=memory_format) for part, memory_format in parts)


def gains(x: Tensor) -> bool:
    """Whether `x` is a picture whose gradient had better come from `Concatenation`: on the CPU; on CUDA nobody has measured it."""
    return x.device.type == "cpu" and x.dim() == 4 and x.requires_grad


def _lies(x: Tensor) -> torch.memory_format:
    return torch.channels_last if x.is_contiguous(memory_format=torch.channels_last) else torch.contiguous_format
