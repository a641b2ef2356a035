"""The Inception-v3 of December 2015 on which FID and KID are defined: pooled features (pool_3) of TensorFlow's published graph.

Its weights are not those of torchvision, and its graph differs from the paper (Szegedy et al. 2015): average pooling excludes the padding,
and the last block has max pooling instead of average pooling. Layer names are those of pytorch-fid and torch-fidelity, whose file
pt_inception-2015-12-05-6726825d.pth it reads (Apache-2.0, converted from TensorFlow's inception-2015-12-05).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pix2pix.metrics.features.extractor import FoldedConv, in_pieces, tensorflow1_bilinear
from pix2pix.metrics.images import check_images
from pix2pix.models.weights_file import load_state

SIZE = 299  # pixels, side of the network's input
SHA256_PREFIX = "6726825d"
WHAT = (
    "the 2015 Inception-v3 weights pt_inception-2015-12-05-6726825d.pth "
    "(https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth)"
)


class Inception2015Features:
    """`FeatureExtractor`: 2048 features for each image, averaged over the last 8x8 map. The Frechet distance on them is the FID.

    Images are rounded to 8 bits, resized to 299x299 as by TensorFlow 1 (torch-fidelity's convention; clean-fid's antialiased bicubic
    gives other values), then normalised as (x - 128) / 128 with x in [0, 255].
    """

    name = "inception_2015"
    resize = "TensorFlow 1 bilinear to 299 px, as torch-fidelity resizes"
    dims = 2048

    def __init__(self, weights: Path, device: torch.device | str = "cpu", sha256_prefix: str = SHA256_PREFIX) -> None:
        """weights: the .pth file. sha256_prefix: "" accepts any file with the right tensors; distances are then not the FID.

        Raises WeightsError if the file is missing, has another SHA-256, or lacks a tensor.
        """
        self._net = Inception2015(load_state(weights, WHAT, sha256_prefix), weights).to(device, torch.float32)
        self._net.to(memory_format=torch.channels_last)
        self._device = torch.device(device)

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """NCHW float RGB in [0, 1], any size -> (N, 2048) float32 on the CPU."""
        check_images(images)
        pixels = tensorflow1_bilinear(images.to(self._device), SIZE)
        return in_pieces(self._net, ((pixels - 128) / 128).contiguous(memory_format=torch.channels_last), 2).cpu()


Step = str | Callable[[Tensor], Tensor] | tuple["Chain", ...]
"""A convolution's name, a pool, or branches side by side whose channels are joined."""
Chain = tuple[Step, ...]
"""Steps one after the other."""


def max_half(x: Tensor) -> Tensor:
    """3x3 max pooling of stride 2, without padding."""
    return F.max_pool2d(x, 3, 2)


def max_same(x: Tensor) -> Tensor:
    """3x3 max pooling that keeps the size: in TensorFlow's graph only in the last block, instead of average pooling."""
    return F.max_pool2d(x, 3, 1, 1)


def average_same(x: Tensor) -> Tensor:
    """3x3 average pooling that keeps the size; padding does not count in the mean."""
    return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


def numbered(name: str, count: int) -> tuple[str, ...]:
    """("name_1", ..., "name_count")."""
    return tuple(f"{name}_{i}" for i in range(1, count + 1))


def last_block(pool: Step) -> Step:
    """Branches of a block on 8x8 maps: its 3x3 branches end in a 1x3 and a 3x1 convolution side by side."""
    fork: Step = (("branch3x3_2a",), ("branch3x3_2b",))
    long_fork: Step = (("branch3x3dbl_3a",), ("branch3x3dbl_3b",))
    return (("branch1x1",), ("branch3x3_1", fork), (*numbered("branch3x3dbl", 2), long_fork), (pool, "branch_pool"))


STEM: Chain = ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", max_half, "Conv2d_3b_1x1", "Conv2d_4a_3x3", max_half)
ON_35: Step = (("branch1x1",), numbered("branch5x5", 2), numbered("branch3x3dbl", 3), (average_same, "branch_pool"))
TO_17: Step = (("branch3x3",), numbered("branch3x3dbl", 3), (max_half,))
ON_17: Step = (("branch1x1",), numbered("branch7x7", 3), numbered("branch7x7dbl", 5), (average_same, "branch_pool"))
TO_8: Step = (numbered("branch3x3", 2), numbered("branch7x7x3", 4), (max_half,))
BLOCKS: dict[str, Step] = {
    **dict.fromkeys(("Mixed_5b", "Mixed_5c", "Mixed_5d"), ON_35),
    "Mixed_6a": TO_17,
    **dict.fromkeys(("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"), ON_17),
    "Mixed_7a": TO_8,
    "Mixed_7b": last_block(average_same),
    "Mixed_7c": last_block(max_same),
}
HALVING = {"Conv2d_1a_3x3", "Mixed_6a.branch3x3", "Mixed_6a.branch3x3dbl_3", "Mixed_7a.branch3x3_2", "Mixed_7a.branch7x7x3_4"}
UNPADDED = HALVING | {"Conv2d_2a_3x3", "Conv2d_4a_3x3"}


class Inception2015(nn.Module):
    """The network up to the pooled features, for inference only: each batch norm is folded into its convolution."""

    def __init__(self, state: dict[str, Tensor], path: Path) -> None:
        """state: the published state dict; path: its file, for messages. Raises WeightsError if a tensor is missing."""
        super().__init__()
        self.layers = nn.Sequential(*(Layer(step, "", state, path) for step in STEM))
        self.layers.extend(Layer(step, f"{name}.", state, path) for name, step in BLOCKS.items())
        self.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, 299, 299), normalised -> (N, 2048)."""
        features: Tensor = self.layers(x)
        return features.mean((2, 3))


class Layer(nn.Module):
    """One `Step` with its weights: a convolution, a pooling, or parallel branches whose outputs are concatenated."""

    def __init__(self, step: Step, prefix: str, state: dict[str, Tensor], path: Path) -> None:
        super().__init__()
        self.pool = step if callable(step) else None
        self.conv = Conv(state, path, prefix + step) if isinstance(step, str) else None
        branches = step if isinstance(step, tuple) else ()
        self.branches = nn.ModuleList(nn.Sequential(*(Layer(inner, prefix, state, path) for inner in branch)) for branch in branches)

    def forward(self, x: Tensor) -> Tensor:
        if self.pool:
            return self.pool(x)
        if self.conv:
            out: Tensor = self.conv(x)
            return out
        return torch.cat([branch(x) for branch in self.branches], 1)


class Conv(FoldedConv):
    """Convolution with its batch norm folded in, then ReLU."""

    def __init__(self, state: dict[str, Tensor], path: Path, name: str) -> None:
        super().__init__(state, path, f"{name}.conv", f"{name}.bn", math.inf)
        self.stride = 2 if name in HALVING else 1
        rows, columns = (0 if name in UNPADDED else side // 2 for side in self.weight.shape[2:])
        self.padding = rows, columns
