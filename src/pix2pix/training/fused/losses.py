"""What D and G pay, as pix2pix.training.losses has it, each in one operation that gives its gradient too."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from pix2pix.training.fused import loss_kernels as kernels

MODES = ("vanilla", "lsgan", "hinge")
_FAKE, _WANTED = -1, 2  # targets, as the kernel has them
_BLOCK = 1024


def adversarial_d(mode: str, logits: Tensor, weight: float) -> tuple[Tensor, Tensor, Tensor]:
    """Logits of as many fakes as real pairs, in this order -> `weight` times the sum of both losses, and the losses."""
    total, losses = _Adversarial.apply(logits, mode, _FAKE, 2, weight)
    return total, losses[0], losses[1]


def adversarial_g(mode: str, logits: Tensor, weight: float) -> tuple[Tensor, Tensor]:
    """D's logits of G's fakes -> `weight` times what G pays for them, and what it pays."""
    total, losses = _Adversarial.apply(logits, mode, _WANTED, 1, weight)
    return total, losses[0]


def l1_loss(fake_b: Tensor, real_b: Tensor, weight: float) -> tuple[Tensor, Tensor]:
    """`weight` times the mean absolute difference, and the difference. Both lie alike in memory."""
    total, loss = _Absolute.apply(fake_b, real_b, weight)
    return total, loss


class _Adversarial(torch.autograd.Function):
    @staticmethod
    def forward(ctx: FunctionCtx, logits: Tensor, mode: str, first_target: int, groups: int, weight: float) -> tuple[Tensor, Tensor]:
        given = logits.contiguous()
        count = given.numel() // groups
        blocks = -(-count // _BLOCK)
        sums = torch.empty((groups, blocks), dtype=torch.float32, device=logits.device)
        gradients = torch.empty_like(given)
        kernels.adversarial[(groups, blocks)](given, sums, gradients, count, first_target, weight, MODE=mode, BLOCK=_BLOCK)
        losses = sums.sum(1) if blocks > 1 else sums.view(groups)
        ctx.save_for_backward(gradients)
        ctx.mark_non_differentiable(losses)
        ctx.set_materialize_grads(False)
        return losses.sum() * weight, losses

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_total: Tensor, _: None) -> tuple[Tensor | None, ...]:
        return ctx.saved_tensors[0] * of_total, None, None, None, None


class _Absolute(torch.autograd.Function):
    @staticmethod
    def forward(ctx: FunctionCtx, fake_b: Tensor, real_b: Tensor, weight: float) -> tuple[Tensor, Tensor]:
        fake_b = fake_b.contiguous(memory_format=torch.channels_last)
        real_b = real_b.contiguous(memory_format=torch.channels_last)
        blocks = -(-fake_b.numel() // _BLOCK)
        sums = torch.empty(blocks, dtype=torch.float32, device=fake_b.device)
        gradient = torch.empty_like(fake_b)
        kernels.absolute[(blocks,)](fake_b, real_b, sums, gradient, fake_b.numel(), weight / fake_b.numel(), BLOCK=_BLOCK)
        ctx.save_for_backward(gradient)
        loss = sums.sum() / fake_b.numel()
        ctx.mark_non_differentiable(loss)
        ctx.set_materialize_grads(False)
        return loss * weight, loss

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_total: Tensor, _: None) -> tuple[Tensor | None, ...]:
        return ctx.saved_tensors[0] * of_total, None, None
