"""SSIM: structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004) as in scikit-image, without the border."""

import math
from functools import lru_cache

import torch
from torch import Tensor

from pix2pix.metrics.images import check_pairs

SIGMA = 1.5
RADIUS = 5  # int(truncate * sigma + 0.5) with scikit-image's truncate = 3.5
WINDOW = 2 * RADIUS + 1
C1, C2 = 0.01**2, 0.03**2  # (K1 L)^2 and (K2 L)^2 with the paper's K1, K2 and the data range L = 1
TILE = 24  # outputs of one banded matrix product; 16 to 32 are about equally fast, a whole side at once is ten times the work


def ssim(fake_b: Tensor, real_b: Tensor) -> Tensor:
    """Mean structural similarity of each image, over channels and over pixels whose 11x11 window is inside the image.

    fake_b, real_b: NCHW float RGB in [0, 1], sides of at least 11 pixels. Returns (N,) float64 in [-1, 1]; 1 is best.
    Equals skimage.metrics.structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1,
    channel_axis=...). Libraries that pad the border instead of leaving it out differ by up to 5e-3.
    Raises ValueError if the two are not image batches of the same shape, or are smaller than the window.
    """
    check_pairs(fake_b, real_b)
    if min(fake_b.shape[2:]) < WINDOW:
        height, width = fake_b.shape[2:]
        raise ValueError(f"SSIM looks through a window of {WINDOW}x{WINDOW} px: images of {width}x{height} px are too small for it")
    # one image at a time: it stays in the CPU cache, and the value does not depend on the rest of the batch
    columns, rows = _bands(fake_b.shape[2], fake_b.device), _bands(fake_b.shape[3], fake_b.device)
    sums = [_sum_of_image(a, b, columns, rows) for a, b in zip(fake_b, real_b, strict=True)]
    return torch.stack(sums) / (3 * (fake_b.shape[2] - WINDOW + 1) * (fake_b.shape[3] - WINDOW + 1))


Bands = list[tuple[slice, Tensor]]
"""The Gaussian mean along a side in tiles: (the span of inputs, the banded matrix that maps it to the tile's valid outputs)."""


def _sum_of_image(a: Tensor, b: Tensor, columns: Bands, rows: Bands) -> Tensor:
    """Sum of the SSIM map, a float64 scalar, of two images CHW. columns, rows: the bands of the two sides."""
    a, b = a.transpose(0, 1), b.transpose(0, 1)  # HCW: the mean down the columns is one matrix product
    height, channels, width = a.shape
    down = a.new_empty(4, height - WINDOW + 1, channels * width, dtype=torch.float64)
    for span, band in columns:
        x, y = (image[span].to(torch.float64, memory_format=torch.contiguous_format).reshape(-1, channels * width) for image in (a, b))
        # SSIM needs only the sum of the two variances, so four local means are enough instead of five
        for means, values in zip(down, (x, y, x.square().addcmul_(y, y), x * y), strict=True):
            torch.mm(band, values, out=means[span.start : span.start + len(band)])
    down = down.view(-1, width)
    tile = down.new_empty(len(rows[0][1]), len(down))  # reused: new memory for each tile takes longer than its product
    sums = []
    for span, band in rows:
        means = torch.mm(band, down[:, span].T, out=tile[: len(band)])
        sums.append(_sum_of_map(*means.view(len(band), 4, -1).unbind(1)))  # at once, while the four means are in the cache
    return torch.stack(sums).sum()


def _sum_of_map(mean_a: Tensor, mean_b: Tensor, mean_squares: Tensor, mean_product: Tensor) -> Tensor:
    """Sum of the SSIM map from the local means of a, b, a^2 + b^2 and ab: float64 of one shape -> scalar. Overwrites them."""
    product = mean_a * mean_b
    squares = mean_a.square_().addcmul_(mean_b, mean_b)
    covariance = mean_product.sub_(product)
    variances = mean_squares.sub_(squares)
    numerator = product.add_(C1 / 2).mul_(covariance.add_(C2 / 2))  # a quarter of it
    return 4 * numerator.div_(squares.add_(C1).mul_(variances.add_(C2))).sum()


def _bands(side: int, device: torch.device) -> Bands:
    """The tiles that cover a side of `side` pixels."""
    valid = side - WINDOW + 1
    tile = TILE if device.type == "cpu" else valid  # on a GPU fewer kernel launches matter more than less work
    return [(slice(i, min(i + tile, valid) + WINDOW - 1), _band(min(tile, valid - i), device)) for i in range(0, valid, tile)]


@lru_cache(maxsize=4 * TILE)
def _band(rows: int, device: torch.device) -> Tensor:
    """(rows, rows + 10) float64 matrix: row i has the normalised Gaussian window, starting at column i."""
    weights = [math.exp(-0.5 * (i / SIGMA) ** 2) for i in range(-RADIUS, RADIUS + 1)]
    band = torch.zeros(rows, rows + WINDOW - 1, dtype=torch.float64)
    for i in range(rows):
        band[i, i : i + WINDOW] = torch.tensor(weights, dtype=torch.float64) / sum(weights)
    return band.to(device)
