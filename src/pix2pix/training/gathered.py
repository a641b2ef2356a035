"""The paper's strided convolutions on pictures of a few pixels, as matrix products.

A 4x4 convolution of stride 2 and padding 1 joins a large grid (h, w) and a small one (h/2, w/2): every place of the small grid sees 16
taps of the large one, and every place of the large one is seen by up to 4. Deep in a U-Net the grids have 1 to 64 places and the
weights 4 to 8 million values; cuDNN's and oneDNN's kernels, made for many places, take several times as long there as reading the weights
does.

All is done by looking up rows, forwards and backwards, and nothing is scattered: the same bits every time. Pictures are channels_last,
so that a picture is its places' rows of channels, and a weight's taps lie in the order in which they are looked up.
"""

from functools import cache

import torch
from torch import Tensor

_TAPS = 16


def down(x: Tensor, weight: Tensor) -> Tensor:
    """conv2d: (N, C, h, w), (K, C, 4, 4) -> (N, K, h/2, w/2)."""
    seen, _ = _tables(*_size(x), x.device)
    looked_up = _sums(_rows(x), seen)
    if not x.is_cuda:
        return _picture(looked_up.view(-1, _TAPS * x.shape[1]) @ _matrix(weight).t(), x, 0.5)
    # a product for each tap, added up afterwards: a single one, few places long and 8,192 values deep, would keep a GPU waiting
    by_tap = looked_up.view(-1, _TAPS, x.shape[1]).transpose(0, 1)
    return _picture(torch.bmm(by_tap, weight.permute(2, 3, 1, 0).reshape(_TAPS, x.shape[1], -1)).sum(0), x, 0.5)


def down_input_gradient(gradient: Tensor, weight: Tensor) -> Tensor:
    """Of `down` with respect to x: (N, K, h/2, w/2) -> (N, C, h, w); it is `up` itself."""
    n, _, h, w = gradient.shape
    _, seeing = _tables(n, 2 * h, 2 * w, gradient.device)
    taps = (_rows(gradient) @ _matrix(weight)).view(-1, weight.shape[1])
    return _picture(_sums(taps, seeing), gradient, 2)


def weight_gradient(large: Tensor, small: Tensor) -> Tensor:
    """(N, C, h, w) on the large grid and (N, K, h/2, w/2) on the small -> (K, C, 4, 4).

    Picture and gradient for `down`, gradient and picture for `up`, whose weight has the small grid's channels in front too.
    """
    seen, _ = _tables(*_size(large), large.device)
    looked_up = _sums(_rows(large), seen).view(-1, _TAPS * large.shape[1])
    return (_rows(small).t() @ looked_up).view(small.shape[1], 4, 4, large.shape[1]).permute(0, 3, 1, 2)


up = down_input_gradient  # conv_transpose2d: (N, K, h, w), (K, C, 4, 4) -> (N, C, 2h, 2w)
up_input_gradient = down


def _size(x: Tensor) -> tuple[int, int, int]:
    return x.shape[0], x.shape[2], x.shape[3]


def _rows(x: Tensor) -> Tensor:
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


def _matrix(weight: Tensor) -> Tensor:
    return weight.permute(0, 2, 3, 1).reshape(weight.shape[0], -1)


def _picture(rows: Tensor, like: Tensor, times: float) -> Tensor:
    n, h, w = _size(like)
    return rows.view(n, int(h * times), int(w * times), -1).permute(0, 3, 1, 2)


def _sums(rows: Tensor, table: Tensor) -> Tensor:
    """Row i is the sum of the rows that table[i] names; the number of rows itself stands for nothing."""
    there = torch.cat([rows, _zeros(rows.shape[1], rows.dtype, rows.device)]).index_select(0, table.flatten())
    return there if table.shape[1] == 1 else there.view(len(table), table.shape[1], -1).sum(1)


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
