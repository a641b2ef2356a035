"""A trained generator prepared for inference: no dropout, and normalisation that does not look at the other images of a batch."""

import copy

import torch
from torch import Tensor, nn


class InstanceStatistics(nn.Module):
    """Batch normalisation with the statistics of each image by itself: what training mode does at batch size 1.

    Keeps the learnt scale and shift. (N, C, H, W) -> the same.
    """

    def __init__(self, trained: nn.BatchNorm2d) -> None:
        super().__init__()
        self.weight, self.bias, self.eps = trained.weight, trained.bias, trained.eps

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        # one pixel less its own mean leaves the shift; a graph for every size must not look at this one's, and comes near without
        if not torch.compiler.is_exporting() and x.shape[2] * x.shape[3] == 1:
            return self.bias.view(1, -1, 1, 1).expand_as(x).to(x.dtype, copy=True)  # of its own, as the next layer works in place
        return torch.instance_norm(x, self.weight, self.bias, None, None, True, 0.0, self.eps, torch.backends.cudnn.enabled)


def prepare_for_inference(generator: nn.Module, norm: str) -> nn.Module:
    """A copy for use: dropout off; `batch` normalises each image by its own statistics, `running` by those of the training.

    The output for an image depends on nothing else in its batch, with either.
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
    """Outputs of a generator prepared for inference, the same for any batch size up to rounding; (N, C, H, W) -> (N, C', H, W)."""
    return torch.cat([generator(part) for part in torch.split(real_a, batch_size)])
