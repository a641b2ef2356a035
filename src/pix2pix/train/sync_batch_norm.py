"""Sync batch norm: statistics over the whole batch of all processes, on any device. PyTorch's SyncBatchNorm supports CUDA only."""

from typing import Any

import torch
from torch import Tensor, nn

from pix2pix.models.layers import BatchNorm
from pix2pix.train.distributed import Distributed


class _AllReduceSum(torch.autograd.Function):
    """All-reduce sum; its backward pass is again an all-reduce sum, so it can be differentiated twice."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, distributed: Distributed) -> Tensor:
        ctx.distributed = distributed
        summed = value.clone()
        distributed.all_reduce_sum_([summed])
        return summed

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return _AllReduceSum.apply(gradients[0], ctx.distributed), None


class SyncBatchNorm(BatchNorm):
    """Batch normalisation (Ioffe and Szegedy 2015) with mean and variance over the images of all processes: (N, C, H, W) -> the same.

    Shares its parameters and running statistics with the layer that it replaces. In eval mode it uses the running statistics.
    """

    def __init__(self, layer: nn.BatchNorm2d, distributed: Distributed) -> None:
        super().__init__(layer.num_features, layer.eps, layer.momentum)
        self.weight, self.bias = layer.weight, layer.bias
        self.running_mean, self.running_var = layer.running_mean, layer.running_var
        self.num_batches_tracked = layer.num_batches_tracked
        self._distributed = distributed

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W), of the input's type; computed in float32."""
        if not self.training:
            return super().forward(x)
        with torch.autocast(x.device.type, enabled=False):
            values = x.float()
            here = values.new_full((1,), x.numel() / x.shape[1])
            sums: Tensor = _AllReduceSum.apply(torch.cat([values.sum((0, 2, 3)), here]), self._distributed)
            count = sums[-1]
            mean = sums[:-1] / count
            centred = values - mean[:, None, None]
            variance: Tensor = _AllReduceSum.apply(centred.square().sum((0, 2, 3)), self._distributed) / count
            self._update_statistics(mean.detach(), variance.detach() * count / (count - 1))
            scale = self.weight * torch.rsqrt(variance + self.eps)
            return (centred * scale[:, None, None] + self.bias[:, None, None]).to(x.dtype)

    @torch.no_grad()
    def _update_statistics(self, mean: Tensor, variance: Tensor) -> None:
        momentum = 0.1 if self.momentum is None else self.momentum
        for held, new in ((self.running_mean, mean), (self.running_var, variance)):
            assert held is not None
            held.lerp_(new, momentum)


def convert_sync_batch_norm(network: nn.Module, distributed: Distributed) -> nn.Module:
    """Replace, in place, every batch norm of `network` by a `SyncBatchNorm` and return it. State-dict names do not change."""
    for name, module in list(network.named_modules()):
        if isinstance(module, nn.BatchNorm2d):
            parent, _, own = name.rpartition(".")
            setattr(network.get_submodule(parent), own, SyncBatchNorm(module, distributed))
    return network
