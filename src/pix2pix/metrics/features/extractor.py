"""What the feature networks share: interface, resize (a part of the metric), folded batch norms, and how one runs on a batch."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from pix2pix.models.weights_file import take


class FeatureExtractor(Protocol):
    """A frozen network that computes a feature vector for each image."""

    @property
    def name(self) -> str:
        """Name in the keys of metrics: `fd_<name>`, `kid_<name>`."""

    @property
    def resize(self) -> str:
        """The resize before the network, in words. It is part of the metric, and is reported with its values."""

    @property
    def dims(self) -> int:
        """Length of the vector."""

    def __call__(self, images: Tensor) -> Tensor:
        """NCHW float RGB in [0, 1], any size -> (N, dims) floating point on the CPU. Resizes and normalises for the network."""


def in_pieces(layers: Callable[[Tensor], Tensor], images: Tensor, count: int) -> Tensor:
    """layers(images), (N, ...) -> (N, ...), for layers that treat each image by itself: on the CPU `count` images at once.

    A piece stays in the cache, while a whole batch waits for memory, and above 32 MiB glibc's malloc maps it anew on every call. On a GPU
    the batch is not split.
    """
    if images.device.type != "cpu":
        return layers(images)
    return torch.cat([layers(piece) for piece in images.split(count)])


BATCH_NORM_EPS = 1e-3  # of TensorFlow's networks; torch's default is 1e-5


class FoldedConv(nn.Module):
    """A convolution without bias, the batch norm after it, and a clip of what comes out: one pass over memory instead of three.

    A subclass sets `stride`, `padding` = (rows, columns) on both sides, and `groups`.
    """

    stride: int
    padding: tuple[int, int]
    groups: int = 1

    def __init__(self, state: dict[str, Tensor], path: Path, conv: str, norm: str, highest: float | None) -> None:
        """conv, norm: names of the layers in the state dict. path: its file, for messages. highest: clips to [0, highest]; None does not.

        Raises WeightsError if a tensor is missing.
        """
        super().__init__()
        parts = ("weight", "bias", "running_mean", "running_var")
        scale, shift, mean, var = (take(state, f"{norm}.{part}", path).double() for part in parts)
        kernel = take(state, f"{conv}.weight", path).double()
        scale = scale / torch.sqrt(var + BATCH_NORM_EPS)
        self.weight = nn.Parameter(kernel * scale[:, None, None, None])
        self.bias = nn.Parameter(shift - mean * scale)
        self.highest = highest
        self._packed: Tensor | None = None  # the weight as oneDNN lays it out

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C', H', W').

        In float32 on the CPU it always calls oneDNN: with one thread, as each core here runs its own batch, F.conv2d chooses a kernel for
        most layers that takes up to twice as long, and clips in a second pass. These are the operators that torch.compile calls.
        """
        if x.device.type == "cpu" and x.dtype == torch.float32 and torch.backends.mkldnn.is_available():
            place = self.padding, (self.stride, self.stride), (1, 1), self.groups
            if self._packed is None:
                self._packed = torch.ops.mkldnn._reorder_convolution_weight(self.weight, *place, x.shape)
            clip = ("none", ()) if self.highest is None else ("hardtanh", (0.0, self.highest))
            return torch.ops.mkldnn._convolution_pointwise(x, self._packed, self.bias, *place, *clip, "")
        x = F.conv2d(x, self.weight, self.bias, self.stride, self.padding, groups=self.groups)
        return x if self.highest is None else x.clamp_(0, self.highest)


def pillow_bicubic(images: Tensor, side: int) -> Tensor:
    """Round to 8 bits and resize to a square with Pillow's BICUBIC (antialiased, a = -0.5): integer arithmetic, the same bytes everywhere.

    images: NCHW float RGB in [0, 1]. Returns NHWC uint8 on the CPU, (N, side, side, 3).
    """
    pixels = to_8_bits(images).to("cpu", torch.uint8).contiguous().numpy()
    pictures = [Image.merge("RGB", [Image.fromarray(channel) for channel in image]) for image in pixels]
    resized = [np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC)) for picture in pictures]
    return torch.from_numpy(np.stack(resized))


def tensorflow1_bilinear(images: Tensor, side: int) -> Tensor:
    """Round to 8 bits and resize to a square as TensorFlow 1's resize_bilinear(align_corners=False), and as torch-fidelity.

    Output pixel i reads input position i * size / side, without the half-pixel offset and the antialiasing of bilinear in Pillow and
    TensorFlow 2.
    images: NCHW float RGB in [0, 1]. Returns (N, 3, side, side) float32 in [0, 255] on the same device.
    """
    pixels = to_8_bits(images)
    for dim in (3, 2):
        size = pixels.shape[dim]
        positions = torch.arange(side, dtype=torch.float32, device=pixels.device) * (size / side)
        before = positions.long()
        share = (positions - before).view(-1, *(1,) * (3 - dim))
        pixels = torch.lerp(pixels.index_select(dim, before), pixels.index_select(dim, (before + 1).clamp(max=size - 1)), share)
    return pixels


def to_8_bits(images: Tensor) -> Tensor:
    """Float values in [0, 1] -> float32, rounded to whole numbers in [0, 255]; values outside are clamped."""
    return (images.detach().float() * 255).round_().clamp_(0, 255)
