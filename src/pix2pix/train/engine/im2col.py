"""Convolutions that libraries' kernels are slow at, as matrix products: the paper's strided ones on few pixels, and those with one output.

A 4x4 convolution of stride 2 and padding 1 joins a large grid (h, w) and a small one (h/2, w/2): every place of the small grid sees 16
taps of the large one, and every place of the large one is seen by up to 4. Deep in a U-Net the grids have 1 to 64 places and the
weights 4 to 8 million values; cuDNN's and oneDNN's kernels, made for many places, take several times as long there as reading the weights
does.

A convolution with a single output channel, D's last, has a vector for each tap: one product gives what every place adds to the outputs
that see it, 16 numbers a place. Its gradient with respect to x oneDNN is as fast at.

All is done by looking up rows, forwards and backwards, and nothing is scattered: the same bits every time. Pictures are channels_last,
so that a picture is its places' rows of channels, and a weight's taps lie in the order in which they are looked up. What is returned is
no view of anything, so that it may be changed in place.
"""

from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor

_TAPS = 16


def down(x: Tensor, weight: Tensor) -> Tensor:
    """conv2d: (N, C, h, w), (K, C, 4, 4) -> (N, K, h/2, w/2)."""
    seen, _ = _tables(*_size(x), x.device)
    looked_up = _looked_up(_rows(x), seen)
    y = _picture(x, (x.shape[0], len(weight), x.shape[2] // 2, x.shape[3] // 2))
    if x.is_cuda:
        # a product for each tap, added up afterwards: a single one, few places long and 8,192 values deep, would keep a GPU waiting
        by_tap = looked_up.view(-1, _TAPS, x.shape[1]).transpose(0, 1)
        torch.sum(torch.bmm(by_tap, weight.permute(2, 3, 1, 0).reshape(_TAPS, x.shape[1], -1)), 0, out=_rows(y))
    else:
        torch.mm(looked_up.view(-1, _TAPS * x.shape[1]), _matrix(weight).t(), out=_rows(y))
    return y


def down_input_gradient(gradient: Tensor, weight: Tensor) -> Tensor:
    """Of `down` with respect to x: (N, K, h/2, w/2) -> (N, C, h, w); it is `up` itself."""
    n, _, h, w = gradient.shape
    _, seeing = _tables(n, 2 * h, 2 * w, gradient.device)
    taps = (_rows(gradient) @ _matrix(weight)).view(-1, weight.shape[1])
    of_x = _picture(gradient, (n, weight.shape[1], 2 * h, 2 * w))
    torch.sum(_looked_up(taps, seeing).view(*seeing.shape, -1), 1, out=_rows(of_x))
    return of_x


def weight_gradient(large: Tensor, small: Tensor) -> Tensor:
    """(N, C, h, w) on the large grid and (N, K, h/2, w/2) on the small -> (K, C, 4, 4).

    Picture and gradient for `down`, gradient and picture for `up`, whose weight has the small grid's channels in front too.
    """
    seen, _ = _tables(*_size(large), large.device)
    looked_up = _looked_up(_rows(large), seen).view(-1, _TAPS * large.shape[1])
    return (_rows(small).t() @ looked_up).view(small.shape[1], 4, 4, large.shape[1]).permute(0, 3, 1, 2)


up = down_input_gradient  # conv_transpose2d: (N, K, h, w), (K, C, 4, 4) -> (N, C, 2h, 2w)
up_input_gradient = down


def single(x: Tensor, weight: Tensor, bias: Tensor | None, stride: tuple[int, int], padding: tuple[int, int]) -> Tensor:
    """conv2d with one output: (N, C, h, w), (1, C, kh, kw), (1,) -> (N, 1, h', w'). Of bf16 the sums are in fp32, as in the libraries."""
    adding, _ = _tables_of_one(*_size(x), weight.shape[2:], stride, padding, x.device)
    taps = (_wide(_rows(x)) @ _wide(_rows(weight)).t()).reshape(-1, 1)
    sums = _looked_up(taps, adding).view(adding.shape).sum(1, keepdim=True)
    y = _picture(x, (x.shape[0], 1, *_size_of_one(x.shape[2], x.shape[3], weight.shape[2:], stride, padding)))
    _rows(y).copy_(sums if bias is None else sums + bias)
    return y


def single_weight_gradient(gradient: Tensor, x: Tensor, kernel: Sequence[int], stride: tuple[int, int], padding: tuple[int, int]) -> Tensor:
    """Of `single`: (N, 1, h', w'), (N, C, h, w) -> (1, C, kh, kw), in fp32 of bf16."""
    _, adding_to = _tables_of_one(*_size(x), kernel, stride, padding, x.device)
    by_tap = _looked_up(_wide(_rows(gradient)), adding_to).view(adding_to.shape)  # of what each place gave for each tap
    return (by_tap.t() @ _wide(_rows(x))).view(1, *kernel, -1).permute(0, 3, 1, 2)


def _size(x: Tensor) -> tuple[int, int, int]:
    return x.shape[0], x.shape[2], x.shape[3]


def _rows(x: Tensor) -> Tensor:
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


def _matrix(weight: Tensor) -> Tensor:
    return weight.permute(0, 2, 3, 1).reshape(weight.shape[0], -1)


def _wide(values: Tensor) -> Tensor:
    return values.float() if values.dtype == torch.bfloat16 else values


def _picture(like: Tensor, shape: Sequence[int]) -> Tensor:
    """Uninitialised; its `_rows` are a view."""
    return torch.empty(tuple(shape), dtype=like.dtype, device=like.device, memory_format=torch.channels_last)


def _looked_up(rows: Tensor, table: Tensor) -> Tensor:
    """The rows that a table names, one after another; the number of rows itself stands for zeros."""
    return torch.cat([rows, _zeros(rows.shape[1], rows.dtype, rows.device)]).index_select(0, table.flatten())


@cache  # for ever: a captured graph reads them where they lie
def _zeros(channels: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    return torch.zeros((1, channels), dtype=dtype).to(device)  # a copy that is there when this returns, for every stream


@cache  # for ever: a captured graph reads them where they lie
def _tables(n: int, h: int, w: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Rows of the large grid (n * h * w) that each tap sees, (small places * 16, 1); taps that see each of them, (n * h * w, 4)."""
    places, taps = h * w, h * w // 4 * _TAPS
    tap, small = torch.arange(_TAPS), torch.arange(taps // _TAPS)[:, None]
    y, x = small // (w // 2) * 2 - 1 + tap // 4, small % (w // 2) * 2 - 1 + tap % 4
    seen = torch.where((y >= 0) & (y < h) & (x >= 0) & (x < w), y * w + x, -1).flatten()
    seeing = torch.full((places, 4), -1)
    for place in range(places):
        those = (seen == place).nonzero().flatten()
        seeing[place, : len(those)] = those
    seen, seeing = _repeated(seen[:, None], n, places), _repeated(seeing, n, taps)
    return seen.to(device), seeing.to(device)


def _repeated(table: Tensor, n: int, rows: int) -> Tensor:
    """For n pictures one below another; -1, which stands for nothing, becomes the row after the last."""
    here = table[None] + torch.arange(n)[:, None, None] * rows
    return torch.where(table[None] >= 0, here, n * rows).reshape(-1, table.shape[1])


def _size_of_one(h: int, w: int, kernel: Sequence[int], stride: tuple[int, int], padding: tuple[int, int]) -> tuple[int, int]:
    return (h + 2 * padding[0] - kernel[0]) // stride[0] + 1, (w + 2 * padding[1] - kernel[1]) // stride[1] + 1


@cache  # for ever: few places of a few sizes
def _tables_of_one(
    n: int, h: int, w: int, kernel: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int], device: torch.device
) -> tuple[Tensor, Tensor]:
    """Products, place * taps + tap, that each output sums, (n * h' * w', taps); outputs that each place adds to, (n * h * w, taps)."""
    taps, (out_h, out_w) = kernel[0] * kernel[1], _size_of_one(h, w, kernel, stride, padding)
    tap, output = torch.arange(taps), torch.arange(out_h * out_w)[:, None]
    y = output // out_w * stride[0] - padding[0] + tap // kernel[1]
    x = output % out_w * stride[1] - padding[1] + tap % kernel[1]
    there = (y >= 0) & (y < h) & (x >= 0) & (x < w)
    adding = torch.where(there, (y * w + x) * taps + tap, -1)
    adding_to = torch.full((h * w * taps,), -1)
    adding_to[adding[there]] = output.expand(-1, taps)[there]
    adding, adding_to = _repeated(adding, n, h * w * taps), _repeated(adding_to.view(-1, taps), n, out_h * out_w)
    return adding.to(device), adding_to.to(device)
