"""Batch norm folded into the convolution in front of it: one pass over memory instead of two, and the same function at inference."""

from pathlib import Path

import torch
from torch import Tensor, nn

from pix2pix.metrics.features.weights import take

BATCH_NORM_EPS = 1e-3  # of TensorFlow's networks; torch's default is 1e-5


class FoldedConv(nn.Module):
    """Weight and bias of a convolution without bias followed by a batch norm in inference. The subclass says how to convolve."""

    def __init__(self, state: dict[str, Tensor], path: Path, conv: str, norm: str) -> None:
        """conv, norm: the names of the two layers in the state dict; path: its file. Raises WeightsError when a tensor is missing."""
        super().__init__()
        parts = ("weight", "bias", "running_mean", "running_var")
        scale, shift, mean, var = (take(state, f"{norm}.{part}", path).double() for part in parts)
        kernel = take(state, f"{conv}.weight", path).double()
        scale = scale / torch.sqrt(var + BATCH_NORM_EPS)
        self.weight = nn.Parameter(kernel * scale[:, None, None, None])
        self.bias = nn.Parameter(shift - mean * scale)
