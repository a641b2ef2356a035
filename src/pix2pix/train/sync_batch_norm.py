"""Batch normalisation over the whole batch of a team, not only over the part that one process sees."""

from typing import Any

import torch
from torch import Tensor, nn

from pix2pix.models.layers import BatchNorm
from pix2pix.train.distributed import Team


class _Sum(torch.autograd.Function):
    """Sum over the team; so is its derivative, and the derivative's."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, team: Team) -> Tensor:
        ctx.team = team
        summed = value.clone()
        team.sum_([summed])
        return summed

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return _Sum.apply(gradients[0], ctx.team), None


class SyncedBatchNorm(BatchNorm):
    """In training, mean and variance of all processes' images: Ioffe and Szegedy 2015 on the global batch. (N, C, H, W) -> the same.

    Shares weights and statistics with the layer it stands in for. PyTorch's own works on CUDA alone.
    """

    def __init__(self, layer: nn.BatchNorm2d, team: Team) -> None:
        super().__init__(layer.num_features, layer.eps, layer.momentum)
        self.weight, self.bias = layer.weight, layer.bias
        self.running_mean, self.running_var = layer.running_mean, layer.running_var
        self.num_batches_tracked = layer.num_batches_tracked
        self._team = team

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        if not self.training:
            return super().forward(x)
        with torch.autocast(x.device.type, enabled=False):
            values = x.float()
            here = values.new_full((1,), x.numel() / x.shape[1])
            sums: Tensor = _Sum.apply(torch.cat([values.sum((0, 2, 3)), here]), self._team)
            count = sums[-1]
            mean = sums[:-1] / count
            centred = values - mean[:, None, None]
            variance: Tensor = _Sum.apply(centred.square().sum((0, 2, 3)), self._team) / count
            self._remember(mean.detach(), variance.detach() * count / (count - 1))
            scale = self.weight * torch.rsqrt(variance + self.eps)
            return (centred * scale[:, None, None] + self.bias[:, None, None]).to(x.dtype)

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        momentum = 0.1 if self.momentum is None else self.momentum
        for held, new in ((self.running_mean, mean), (self.running_var, variance)):
            assert held is not None
            held.lerp_(new, momentum)


def synchronise(network: nn.Module, team: Team) -> nn.Module:
    """Put a `SyncedBatchNorm` in the place of every batch normalisation; names in the state dict stay."""
    for name, module in list(network.named_modules()):
        if isinstance(module, nn.BatchNorm2d):
            parent, _, own = name.rpartition(".")
            setattr(network.get_submodule(parent), own, SyncedBatchNorm(module, team))
    return network
