"""im2col: the generator's deepest convolutions as matrix products, on the CPU.

`python -m benchmarks training` measures it: an update at 256 px, ngf 64, batch size 1, fp32 takes 1.2 times as long without it.

A 4x4 convolution of stride 2 and padding 1 joins a large feature map (h, w) and a small one (h/2, w/2): every pixel of the small one reads
16 taps of the large one, and every pixel of the large one is read by up to 4. Deep in a U-Net the maps have 1 to 256 pixels and the weights
4 to 8 million values. oneDNN reorders a weight and its gradient at every call, which takes longer there than the arithmetic.

All is done by table look-up of rows, forward and backward. Feature maps are channels_last, so that a map is a matrix with a row of channels
for each pixel.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx
from torch.overrides import TorchFunctionMode

_TAPS = 16
# Where a product is faster than oneDNN, as timed on an EPYC with AVX-512 and bf16: up to so many pixels of the smaller map, in a batch,
_PIXELS = 256
# and with so many values of the weight for each of them: for the weight's gradient, and for the forward pass and x's gradient
_VALUES = {torch.float32: (4096, 131072), torch.bfloat16: (1024, 8192)}
_CHANNELS = 64  # that make a product worth the table look-up


def with_im2col(generator: nn.Module) -> Callable[[Tensor], Tensor]:
    """`generator`, with im2col for the convolutions that it is faster for; equal up to rounding."""

    def generate(real_a: Tensor) -> Tensor:
        with _Dispatch():
            fake_b: Tensor = generator(real_a)
        return fake_b

    return generate


class _Dispatch(TorchFunctionMode):
    """Replaces convolutions of 4x4 with stride 2 and padding 1 whose weights are trained, as torch.nn's modules call them."""

    def __torch_function__(self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None) -> Any:
        transposed = func is torch.conv_transpose2d
        rest = [(2, 2), (1, 1), (0, 0), 1, (1, 1)] if transposed else [(2, 2), (1, 1), (1, 1), 1]
        if (transposed or func is torch.conv2d) and not kwargs and list(args[3:]) == rest and args[1].requires_grad:
            x, weight, bias = args[:3]
            if torch.is_autocast_enabled(x.device.type):
                x = x.to(torch.get_autocast_dtype(x.device.type))
            of_weight, forward = _faster(x, weight, transposed)
            if of_weight:
                y = _Convolution.apply(x, weight, transposed, forward)
                return y if bias is None else y + bias.to(y.dtype).view(1, -1, 1, 1)
        return func(*args, **(kwargs or {}))


def _faster(x: Tensor, weight: Tensor, transposed: bool) -> tuple[bool, bool]:
    """Whether a product is faster for the weight's gradient, and for the forward pass and x's gradient; the second implies the first."""
    n, _, h, w = x.shape
    fits = weight.shape[2:] == (4, 4) and min(weight.shape[:2]) >= _CHANNELS and (transposed or h % 2 == w % 2 == 0)
    # else every product would copy the weight first
    if not fits or not weight.is_contiguous(memory_format=torch.channels_last) or x.dtype not in _VALUES:
        return False, False
    pixels = n * h * w if transposed else n * h * w // 4
    of_weight, forward = (pixels <= min(_PIXELS, weight.numel() // values) for values in _VALUES[x.dtype])
    return of_weight, forward


class _Convolution(torch.autograd.Function):
    """conv2d or conv_transpose2d without bias; the weight's gradient, and with `product` all else too, by im2col."""

    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor, weight: Tensor, transposed: bool, product: bool) -> Tensor:
        used = weight.to(x.dtype)
        ctx.save_for_backward(x, used)
        ctx.transposed, ctx.product, ctx.dtype = transposed, product, weight.dtype  # type: ignore[attr-defined]
        if product:
            return up(x, used) if transposed else down(x, used)
        return torch.convolution(x, used, None, (2, 2), (1, 1), (1, 1), transposed, (0, 0), 1)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, None, None]:
        x, used = ctx.saved_tensors
        gradient, of_x = gradient.contiguous(memory_format=torch.channels_last), None
        if ctx.needs_input_grad[0] and ctx.product:
            of_x = up_input_gradient(gradient, used) if ctx.transposed else down_input_gradient(gradient, used)
        elif ctx.needs_input_grad[0]:
            how = (None, (2, 2), (1, 1), (1, 1), ctx.transposed, (0, 0), 1, (True, False, False))
            of_x = torch.ops.aten.convolution_backward(gradient, x, used, *how)[0]
        of_weight = weight_gradient(gradient, x) if ctx.transposed else weight_gradient(x, gradient)
        return of_x, of_weight.to(ctx.dtype), None, None


def down(x: Tensor, weight: Tensor) -> Tensor:
    """conv2d: (N, C, h, w), (K, C, 4, 4) -> (N, K, h/2, w/2)."""
    y = _empty(x, (x.shape[0], len(weight), x.shape[2] // 2, x.shape[3] // 2))
    torch.mm(_taps(x), _matrix(weight).t(), out=_rows(y))
    return y


def down_input_gradient(gradient: Tensor, weight: Tensor) -> Tensor:
    """Gradient of `down` with respect to x: (N, K, h/2, w/2) -> (N, C, h, w)."""
    n, _, h, w = gradient.shape
    _, readers = _tables(n, 2 * h, 2 * w)
    taps = (_rows(gradient) @ _matrix(weight)).view(-1, weight.shape[1])
    of_x = _empty(gradient, (n, weight.shape[1], 2 * h, 2 * w))
    torch.sum(_lookup(taps, readers).view(*readers.shape, -1), 1, out=_rows(of_x))
    return of_x


def weight_gradient(large: Tensor, small: Tensor) -> Tensor:
    """(N, C, h, w) of the large map and (N, K, h/2, w/2) of the small one -> (K, C, 4, 4).

    Input and gradient for `down`, gradient and input for `up`, whose weight has the small map's channels in front too.
    """
    return (_rows(small).t() @ _taps(large)).view(small.shape[1], 4, 4, large.shape[1]).permute(0, 3, 1, 2)


up = down_input_gradient  # conv_transpose2d: (N, K, h, w), (K, C, 4, 4) -> (N, C, 2h, 2w)
up_input_gradient = down


def _rows(x: Tensor) -> Tensor:
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


def _matrix(weight: Tensor) -> Tensor:
    return weight.permute(0, 2, 3, 1).reshape(weight.shape[0], -1)


def _taps(large: Tensor) -> Tensor:
    """(N, C, h, w) -> the 16 taps that each pixel of the small map reads, (N * h/2 * w/2, 16 * C)."""
    reads, _ = _tables(large.shape[0], large.shape[2], large.shape[3])
    return _lookup(_rows(large), reads).view(-1, _TAPS * large.shape[1])


def _empty(like: Tensor, shape: Sequence[int]) -> Tensor:
    """Uninitialised; its `_rows` are a view."""
    return torch.empty(tuple(shape), dtype=like.dtype, memory_format=torch.channels_last)


def _lookup(rows: Tensor, table: Tensor) -> Tensor:
    """The rows whose numbers the table lists, one below another; the number after the last is a row of zeros."""
    return torch.cat([rows, rows.new_zeros((1, rows.shape[1]))]).index_select(0, table.flatten())


@cache
def _tables(n: int, h: int, w: int) -> tuple[Tensor, Tensor]:
    """Rows of the large map that each tap reads, (small pixels * 16, 1); taps that read each of its rows, (n * h * w, 4)."""
    pixels, taps = h * w, h * w // 4 * _TAPS
    tap, small = torch.arange(_TAPS), torch.arange(taps // _TAPS)[:, None]
    y, x = small // (w // 2) * 2 - 1 + tap // 4, small % (w // 2) * 2 - 1 + tap % 4
    reads = torch.where((y >= 0) & (y < h) & (x >= 0) & (x < w), y * w + x, -1).flatten()
    readers = torch.full((pixels, 4), -1)
    for pixel in range(pixels):
        found = (reads == pixel).nonzero().flatten()
        readers[pixel, : len(found)] = found
    return _repeated(reads[:, None], n, pixels), _repeated(readers, n, taps)


def _repeated(table: Tensor, n: int, rows: int) -> Tensor:
    """For n images one below another; -1, nothing, becomes the number after the last row."""
    here = table[None] + torch.arange(n)[:, None, None] * rows
    return torch.where(table[None] >= 0, here, n * rows).reshape(-1, table.shape[1])
