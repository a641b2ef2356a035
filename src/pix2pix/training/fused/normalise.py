"""Batch normalisation, both activations of a U-Net's skip, dropout and the place beside the skip, as one operation with one gradient."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx, once_differentiable

from pix2pix.training.fused import normalise_kernels as kernels

_AT_ONCE = 1024  # rows of a group that one program holds in registers, with few channels of them
_TILE = 4096  # values that a program works on at a time
_PARTS = 64  # at most, of a group's rows: each program of the second kernel reads what the first found in each
_PROGRAMS = 1024  # of the second kernel, about: more would only merge the parts more often


@dataclass(frozen=True)
class Layer:
    """What happens between two convolutions."""

    norm: nn.BatchNorm2d | None
    slope: float = 0.2  # of the leaky ReLU
    leaky: bool = False  # give leaky ReLU of y
    relu: bool = False  # give ReLU of y, after dropout
    joined: bool = False  # the ReLU's picture has room for as many channels behind its own
    dropout: float = 0.0
    number: int = 0  # which of the seeds is its own
    groups: int = 1  # parts of the batch that are normalised each by itself


def between(x: Tensor, layer: Layer, seeds: Tensor | None = None, skip: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Output of a convolution, (N, C, H, W) in channels_last -> leaky ReLU and ReLU of it, normalised; one that is not asked for is empty.

    With `skip`, a ReLU picture made with `joined` of as many channels, the second is (N, 2C, H, W), the skip's channels in front. Running
    statistics are brought up to date. `seeds`: (layers,) int64, from which dropout is drawn.
    """
    if skip is not None and skip.shape != x.shape:
        raise ValueError(f"a skip of {tuple(skip.shape)} cannot stand beside {tuple(x.shape)}")
    weight, bias = (layer.norm.weight, layer.norm.bias) if layer.norm is not None else (None, None)
    leaky, relu = _Between.apply(x, weight, bias, skip, layer, seeds)
    return leaky, relu


class _Between(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: FunctionCtx, x: Tensor, weight: Tensor | None, bias: Tensor | None, skip: Tensor | None, layer: Layer, seeds: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        x = _laid_out(x)
        leaky = torch.empty_like(x) if layer.leaky else x.new_empty(0)
        joined = relu = x.new_empty(0)
        if layer.relu:
            joined, relu = _room(x, layer.joined, skip)
        saved = torch.empty((layer.groups, 2, x.shape[1]), dtype=torch.float32, device=x.device)
        _forward(x, weight, bias, layer, seeds, saved, leaky, relu)
        ctx.save_for_backward(x, saved, weight, bias, seeds)  # type: ignore[arg-type]  # None is kept as None
        ctx.layer, ctx.skipped = layer, skip is not None  # type: ignore[attr-defined]
        ctx.set_materialize_grads(False)
        return leaky, relu if skip is None else joined

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_leaky: Tensor | None, of_relu: Tensor | None) -> tuple[Tensor | None, ...]:
        x, saved, weight, bias, seeds = ctx.saved_tensors
        of_skip = None
        if ctx.skipped and of_relu is not None:
            of_skip, of_relu = of_relu.chunk(2, dim=1)
        of_weight, of_bias = (None, None) if weight is None else (torch.empty_like(weight), torch.empty_like(bias))
        layer: Layer = ctx.layer
        asked = [gradient if wanted else None for gradient, wanted in ((of_leaky, layer.leaky), (of_relu, layer.relu))]
        dx = _backward(x, weight, bias, layer, seeds, saved, asked[0], asked[1], of_weight, of_bias)
        return dx, of_weight, of_bias, of_skip, None, None


def _room(x: Tensor, joined: bool, skip: Tensor | None) -> tuple[Tensor, Tensor]:
    """The picture that a convolution reads, and this layer's channels of it."""
    n, channels, h, w = x.shape
    if skip is None and not joined:
        relu = torch.empty_like(x)
        return relu, relu
    where = x.new_empty(2 * x.numel()) if skip is None else skip
    stride = (2 * channels * h * w, 1, 2 * channels * w, 2 * channels)
    # no views in autograd's sense: the second half is written when the first has been given away
    both = x.new_empty(0).set_(where.untyped_storage(), 0, (n, 2 * channels, h, w), stride)
    own = x.new_empty(0).set_(where.untyped_storage(), 0 if skip is None else channels, x.shape, stride)
    return both, own


def _laid_out(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def _row_stride(x: Tensor) -> int | None:
    """From one place of a picture to the next, where all of a batch's lie evenly with their channels together; None where they do not."""
    n, _, h, w = x.shape
    stride = next((x.stride(dim) for dim, size in ((3, w), (2, h), (0, n)) if size > 1), x.shape[1])
    even = all(size == 1 or x.stride(dim) == stride * step for dim, size, step in ((3, w, 1), (2, h, w), (0, n, h * w)))
    return stride if even and (x.stride(1) == 1 or x.shape[1] == 1) else None


def _spread(x: Tensor) -> tuple[Tensor, int]:
    stride = _row_stride(x)
    return (x, stride) if stride is not None else (_laid_out(x), x.shape[1])


@dataclass(frozen=True)
class _Plan:
    """How (groups * rows, channels) are worked."""

    rows: int
    channels: int
    block_channels: int
    block_rows: int
    rows_each: int  # of a part
    rows_here: int  # of a program of the second kernel
    at_once: bool

    @property
    def warps(self) -> int:
        """Of a program: each thread's part of the tile is to fit its registers, 255 of them."""
        return 8 if self.block_rows * self.block_channels > _TILE else 4

    @classmethod
    def of(cls, x: Tensor, groups: int, *, norm: bool) -> "_Plan":
        n, channels, h, w = x.shape
        rows = n * h * w // groups
        if norm and groups == 1 and rows <= _AT_ONCE:
            block_rows = next(size for size in (16, 64, 256, _AT_ONCE) if rows <= size)
            return cls(rows, channels, 16 if block_rows == 16 else 8, block_rows, 0, 0, True)
        block_channels = 32
        block_rows = _TILE // block_channels
        each = -(-rows // min(_PARTS, -(-rows // block_rows)))
        programs = -(-channels // block_channels) * groups
        here = -(-rows // max(1, _PROGRAMS // programs))
        return cls(rows, channels, block_channels, block_rows, each, -(-here // block_rows) * block_rows, False)

    @property
    def parts(self) -> int:
        return -(-self.rows // self.rows_each)

    @property
    def channel_blocks(self) -> int:
        return -(-self.channels // self.block_channels)

    @property
    def row_blocks(self) -> int:
        return -(-self.rows // self.rows_here)


def _forward(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, layer: Layer, seeds: Tensor | None, saved: Tensor, leaky: Tensor, relu: Tensor
) -> None:
    plan, norm = _Plan.of(x, layer.groups, norm=weight is not None), layer.norm
    momentum, eps = (0.1 if norm is None or norm.momentum is None else norm.momentum), (1e-5 if norm is None else norm.eps)
    running = (x, x) if norm is None else (norm.running_mean, norm.running_var)  # x: something to point at that is not read
    weight, bias, seeds = (x if given is None else given for given in (weight, bias, seeds))
    relu_stride = _row_stride(relu) if layer.relu else 0
    common = {"LEAKY": layer.leaky, "RELU": layer.relu, "DROP": layer.dropout > 0}
    blocks = {"BLOCK_ROWS": plan.block_rows, "BLOCK_CHANNELS": plan.block_channels, "num_warps": plan.warps}
    last = (plan.channels, relu_stride, momentum, eps, layer.slope, layer.dropout, layer.number)
    if plan.at_once:
        kernels.forward_at_once[(plan.channel_blocks,)](
            x, weight, bias, *running, saved, leaky, relu, seeds, plan.rows, *last, **common, **blocks
        )
        return
    means = squares = saved
    if norm is not None:
        means, squares = torch.empty((2, layer.groups, plan.parts, plan.channels), dtype=torch.float32, device=x.device)
        grid = plan.channel_blocks, plan.parts, layer.groups
        kernels.moments[grid](x, means, squares, plan.rows, plan.rows_each, plan.channels, **blocks)
    grid = plan.channel_blocks, plan.row_blocks, layer.groups
    kernels.forward[grid](
        x, means, squares, weight, bias, *running, saved, leaky, relu, seeds,
        plan.rows, plan.rows_each, plan.parts, plan.rows_here, *last,
        **common, **blocks, NORM=norm is not None, GROUPS=layer.groups, BLOCK_PARTS=_PARTS,
    )  # fmt: skip


def _backward(
    x: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    layer: Layer,
    seeds: Tensor | None,
    saved: Tensor,
    of_leaky: Tensor | None,
    of_relu: Tensor | None,
    of_weight: Tensor | None,
    of_bias: Tensor | None,
) -> Tensor:
    plan, norm = _Plan.of(x, layer.groups, norm=weight is not None), weight is not None
    dx = torch.empty_like(x)
    leaky, leaky_stride = (x, 0) if of_leaky is None else _spread(of_leaky)
    relu, relu_stride = (x, 0) if of_relu is None else _spread(of_relu)
    weight, bias, seeds, of_weight, of_bias = (x if given is None else given for given in (weight, bias, seeds, of_weight, of_bias))
    common = {"LEAKY": of_leaky is not None, "RELU": of_relu is not None, "DROP": layer.dropout > 0}
    blocks = {"BLOCK_ROWS": plan.block_rows, "BLOCK_CHANNELS": plan.block_channels, "num_warps": plan.warps}
    last = (plan.channels, leaky_stride, relu_stride, layer.slope, layer.dropout, layer.number)
    read = (x, saved, weight, bias, leaky, relu, seeds)
    if plan.at_once:
        kernels.backward_at_once[(plan.channel_blocks,)](*read, dx, of_weight, of_bias, plan.rows, *last, **common, **blocks)
        return dx
    sums = saved
    if norm:
        sums = torch.empty((layer.groups, plan.parts, 2, plan.channels), dtype=torch.float32, device=x.device)
        grid = plan.channel_blocks, plan.parts, layer.groups
        kernels.backward_sums[grid](*read, sums, plan.rows, plan.rows_each, *last, **common, **blocks)
    grid = plan.channel_blocks, plan.row_blocks, layer.groups
    kernels.backward[grid](
        *read, sums, dx, of_weight, of_bias, plan.rows, plan.parts, plan.rows_here, *last,
        **common, **blocks, NORM=norm, GROUPS=layer.groups, BLOCK_PARTS=_PARTS,
    )  # fmt: skip
    return dx
