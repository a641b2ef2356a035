"""Fold a batch norm into the convolution before it: at inference the same function, with one pass over memory instead of two."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pix2pix.models.weights_file import take

BATCH_NORM_EPS = 1e-3  # of TensorFlow's networks; torch's default is 1e-5


class FoldedConv(nn.Module):
    """Weight and bias of a convolution without bias and the batch norm after it. A subclass defines `forward`."""

    def __init__(self, state: dict[str, Tensor], path: Path, conv: str, norm: str) -> None:
        """conv, norm: names of the layers in the state dict. path: its file, for messages. Raises WeightsError if a tensor is missing."""
        super().__init__()
        parts = ("weight", "bias", "running_mean", "running_var")
        scale, shift, mean, var = (take(state, f"{norm}.{part}", path).double() for part in parts)
        kernel = take(state, f"{conv}.weight", path).double()
        scale = scale / torch.sqrt(var + BATCH_NORM_EPS)
        self.weight = nn.Parameter(kernel * scale[:, None, None, None])
        self.bias = nn.Parameter(shift - mean * scale)

    def convolved(self, x: Tensor, stride: int, padding: Sequence[int], groups: int = 1) -> Tensor:
        """The convolution with `padding` = (rows, columns) on both sides.

        In float32 on the CPU it always calls oneDNN: with one thread, as each core here runs its own batch, F.conv2d chooses a kernel for
        most layers that takes up to twice as long.
        """
        if x.device.type == "cpu" and x.dtype == torch.float32 and torch.backends.mkldnn.is_available():
            return torch.mkldnn_convolution(x, self.weight, self.bias, padding, (stride, stride), (1, 1), groups)
        return F.conv2d(x, self.weight, self.bias, stride, tuple(padding), groups=groups)
