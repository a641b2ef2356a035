"""im2col: convolutions as matrix products, where libraries are slow: the paper's strided ones on few pixels, and those with one output.

A 4x4 convolution of stride 2 and padding 1 joins a large feature map (h, w) and a small one (h/2, w/2): every pixel of the small one reads
16 taps of the large one, and every pixel of the large one is read by up to 4. Deep in a U-Net the maps have 1 to 64 pixels and the weights
4 to 8 million values; cuDNN's and oneDNN's kernels, made for many pixels, take several times as long there as reading the weights does.

A convolution with a single output channel, D's last, has a vector for each tap: one product gives what every pixel adds to the outputs
that read it, 16 numbers a pixel. oneDNN is as fast at its gradient with respect to x.

All is done by table look-up of rows, forward and backward, never by scattering, so the bits are the same every time. Feature maps are
channels_last, so that a map is a matrix with a row of channels for each pixel. What is returned is no view, so it may be changed in place.
"""

from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor

_TAPS = 16


def down(x: Tensor, weight: Tensor) -> Tensor:
    """conv2d: (N, C, h, w), (K, C, 4, 4) -> (N, K, h/2, w/2)."""
    reads, _ = _tables(*_size(x), x.device)
    taps = _lookup(_rows(x), reads)
    y = _empty(x, (x.shape[0], len(weight), x.shape[2] // 2, x.shape[3] // 2))
    if x.is_cuda:
        # a product for each tap, summed afterwards: a single one, few rows and 8,192 columns, would not fill a GPU
        by_tap = taps.view(-1, _TAPS, x.shape[1]).transpose(0, 1)
        torch.sum(torch.bmm(by_tap, weight.permute(2, 3, 1, 0).reshape(_TAPS, x.shape[1], -1)), 0, out=_rows(y))
    else:
        torch.mm(taps.view(-1, _TAPS * x.shape[1]), _matrix(weight).t(), out=_rows(y))
    return y


def down_input_gradient(gradient: Tensor, weight: Tensor) -> Tensor:
    """Gradient of `down` with respect to x: (N, K, h/2, w/2) -> (N, C, h, w)."""
    n, _, h, w = gradient.shape
    _, readers = _tables(n, 2 * h, 2 * w, gradient.device)
    taps = (_rows(gradient) @ _matrix(weight)).view(-1, weight.shape[1])
    of_x = _empty(gradient, (n, weight.shape[1], 2 * h, 2 * w))
    torch.sum(_lookup(taps, readers).view(*readers.shape, -1), 1, out=_rows(of_x))
    return of_x


def weight_gradient(large: Tensor, small: Tensor) -> Tensor:
    """(N, C, h, w) of the large map and (N, K, h/2, w/2) of the small one -> (K, C, 4, 4).

    Input and gradient for `down`, gradient and input for `up`, whose weight has the small map's channels in front too.
    """
    reads, _ = _tables(*_size(large), large.device)
    taps = _lookup(_rows(large), reads).view(-1, _TAPS * large.shape[1])
    return (_rows(small).t() @ taps).view(small.shape[1], 4, 4, large.shape[1]).permute(0, 3, 1, 2)


up = down_input_gradient  # conv_transpose2d: (N, K, h, w), (K, C, 4, 4) -> (N, C, 2h, 2w)
up_input_gradient = down


def single(x: Tensor, weight: Tensor, bias: Tensor | None, stride: tuple[int, int], padding: tuple[int, int]) -> Tensor:
    """conv2d with one output: (N, C, h, w), (1, C, kh, kw), (1,) -> (N, 1, h', w'). Sums of bf16 are in fp32, as in the libraries."""
    adding, _ = _single_tables(*_size(x), weight.shape[2:], stride, padding, x.device)
    taps = (_float32(_rows(x)) @ _float32(_rows(weight)).t()).reshape(-1, 1)
    sums = _lookup(taps, adding).view(adding.shape).sum(1, keepdim=True)
    y = _empty(x, (x.shape[0], 1, *_single_size(x.shape[2], x.shape[3], weight.shape[2:], stride, padding)))
    _rows(y).copy_(sums if bias is None else sums + bias)
    return y


def single_weight_gradient(gradient: Tensor, x: Tensor, kernel: Sequence[int], stride: tuple[int, int], padding: tuple[int, int]) -> Tensor:
    """Weight gradient of `single`: (N, 1, h', w'), (N, C, h, w) -> (1, C, kh, kw), float32."""
    _, adding_to = _single_tables(*_size(x), kernel, stride, padding, x.device)
    by_tap = _lookup(_float32(_rows(gradient)), adding_to).view(adding_to.shape)  # (pixels, taps)
    return (by_tap.t() @ _float32(_rows(x))).view(1, *kernel, -1).permute(0, 3, 1, 2)


def _size(x: Tensor) -> tuple[int, int, int]:
    return x.shape[0], x.shape[2], x.shape[3]


def _rows(x: Tensor) -> Tensor:
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


def _matrix(weight: Tensor) -> Tensor:
    return weight.permute(0, 2, 3, 1).reshape(weight.shape[0], -1)


def _float32(values: Tensor) -> Tensor:
    return values.float() if values.dtype == torch.bfloat16 else values


def _empty(like: Tensor, shape: Sequence[int]) -> Tensor:
    """Uninitialised; its `_rows` are a view."""
    return torch.empty(tuple(shape), dtype=like.dtype, device=like.device, memory_format=torch.channels_last)


def _lookup(rows: Tensor, table: Tensor) -> Tensor:
    """The rows whose numbers the table lists, one below another; the number after the last is a row of zeros."""
    return torch.cat([rows, _zeros(rows.shape[1], rows.dtype, rows.device)]).index_select(0, table.flatten())


@cache  # never freed: a captured graph reads these tensors
def _zeros(channels: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    return torch.zeros((1, channels), dtype=dtype).to(device)  # a synchronous copy: every stream may read it


@cache  # never freed: a captured graph reads these tensors
def _tables(n: int, h: int, w: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Rows of the large map that each tap reads, (small pixels * 16, 1); taps that read each of its rows, (n * h * w, 4)."""
    pixels, taps = h * w, h * w // 4 * _TAPS
    tap, small = torch.arange(_TAPS), torch.arange(taps // _TAPS)[:, None]
    y, x = small // (w // 2) * 2 - 1 + tap // 4, small % (w // 2) * 2 - 1 + tap % 4
    reads = torch.where((y >= 0) & (y < h) & (x >= 0) & (x < w), y * w + x, -1).flatten()
    readers = torch.full((pixels, 4), -1)
    for pixel in range(pixels):
        found = (reads == pixel).nonzero().flatten()
        readers[pixel, : len(found)] = found
    reads, readers = _repeated(reads[:, None], n, pixels), _repeated(readers, n, taps)
    return reads.to(device), readers.to(device)


def _repeated(table: Tensor, n: int, rows: int) -> Tensor:
    """For n images one below another; -1, nothing, becomes the number after the last row."""
    here = table[None] + torch.arange(n)[:, None, None] * rows
    return torch.where(table[None] >= 0, here, n * rows).reshape(-1, table.shape[1])


def _single_size(h: int, w: int, kernel: Sequence[int], stride: tuple[int, int], padding: tuple[int, int]) -> tuple[int, int]:
    return (h + 2 * padding[0] - kernel[0]) // stride[0] + 1, (w + 2 * padding[1] - kernel[1]) // stride[1] + 1


@cache
def _single_tables(
    n: int, h: int, w: int, kernel: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int], device: torch.device
) -> tuple[Tensor, Tensor]:
    """Products, pixel * taps + tap, that each output sums, (n * h' * w', taps); outputs that each pixel adds to, (n * h * w, taps)."""
    taps, (out_h, out_w) = kernel[0] * kernel[1], _single_size(h, w, kernel, stride, padding)
    tap, output = torch.arange(taps), torch.arange(out_h * out_w)[:, None]
    y = output // out_w * stride[0] - padding[0] + tap // kernel[1]
    x = output % out_w * stride[1] - padding[1] + tap % kernel[1]
    inside = (y >= 0) & (y < h) & (x >= 0) & (x < w)
    adding = torch.where(inside, (y * w + x) * taps + tap, -1)
    adding_to = torch.full((h * w * taps,), -1)
    adding_to[adding[inside]] = output.expand(-1, taps)[inside]
    adding, adding_to = _repeated(adding, n, h * w * taps), _repeated(adding_to.view(-1, taps), n, out_h * out_w)
    return adding.to(device), adding_to.to(device)
