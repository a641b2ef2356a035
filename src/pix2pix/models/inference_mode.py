"""Prepare a trained generator for inference: no dropout, and normalisation that does not depend on the other images of a batch."""

import copy

import torch
from torch import Tensor, nn


class InstanceStatistics(nn.Module):
    """Batch normalisation with the statistics of each image by itself, as in training at batch size 1.

    Uses the learnt scale and shift of `trained`. (N, C, H, W) -> (N, C, H, W).
    """

    def __init__(self, trained: nn.BatchNorm2d) -> None:
        super().__init__()
        self.weight, self.bias, self.eps = trained.weight, trained.bias, trained.eps

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        # a single pixel minus its mean is 0: only the shift is left. An exported graph cannot branch on the size, and comes close without
        if not torch.compiler.is_exporting() and x.shape[2] * x.shape[3] == 1:
            return self.bias.view(1, -1, 1, 1).expand_as(x).to(x.dtype, copy=True)  # a copy, as the next layer works in place
        return torch.instance_norm(x, self.weight, self.bias, None, None, True, 0.0, self.eps, torch.backends.cudnn.enabled)


def prepare_for_inference(generator: nn.Module, norm: str) -> nn.Module:
    """A copy of `generator` for inference, without dropout and gradients; the output for an image does not depend on the rest of its batch.

    norm: `batch` normalises with the statistics of each image by itself, `running` with the running averages of the training.
    """
    copied = copy.deepcopy(generator).eval()
    if norm == "batch":
        for name, module in list(copied.named_modules()):
            if isinstance(module, nn.BatchNorm2d):
                parent = copied.get_submodule(name.rpartition(".")[0])
                setattr(parent, name.rpartition(".")[2], InstanceStatistics(module))
    return copied.requires_grad_(False)


@torch.no_grad()
def generate(generator: nn.Module, real_a: Tensor, batch_size: int) -> Tensor:
    """Run a generator prepared for inference in batches: (N, C, H, W) -> (N, C', H, W), the same for any `batch_size` up to rounding."""
    return torch.cat([generator(part) for part in torch.split(real_a, batch_size)])
