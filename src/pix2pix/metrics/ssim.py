"""SSIM: structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004) in scikit-image's convention, over the valid region only."""

import math
from functools import lru_cache

import torch
from torch import Tensor

from pix2pix.metrics.images import check_pairs

SIGMA = 1.5
RADIUS = 5  # int(truncate * sigma + 0.5) with scikit-image's truncate = 3.5
WINDOW = 2 * RADIUS + 1
C1, C2 = 0.01**2, 0.03**2  # (K1 L)^2 and (K2 L)^2 with the paper's K1, K2 and the data range L = 1
TILE = 24  # outputs of one small matrix product: 24 to 48 are about equally fast, the whole side at once does ten times the work


def ssim(fake_b: Tensor, real_b: Tensor) -> Tensor:
    """Mean structural similarity of each image, over channels and over the pixels whose whole 11x11 window lies inside the image.

    fake_b, real_b: NCHW float RGB in [0, 1], both sides at least 11 px. Returns (N,) float64 in [-1, 1]; 1 is best.
    Equals skimage.metrics.structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1,
    channel_axis=...). Libraries that pad the border instead of leaving it out differ by up to 5e-3.
    Raises ValueError when the two are not image batches of one shape, or are smaller than the window.
    """
    check_pairs(fake_b, real_b)
    if min(fake_b.shape[2:]) < WINDOW:
        height, width = fake_b.shape[2:]
        raise ValueError(f"SSIM looks through a window of {WINDOW}x{WINDOW} px: images of {width}x{height} px are too small for it")
    # One image at a time: the maps stay in the processor's cache, and the value does not depend on the rest of the batch.
    return torch.stack([_ssim_of_image(a.double(), b.double()) for a, b in zip(fake_b, real_b, strict=True)])


def _ssim_of_image(a: Tensor, b: Tensor) -> Tensor:
    """CHW float64 twice -> scalar."""
    a, b = a.permute(1, 0, 2), b.permute(1, 0, 2)  # HCW: the blur down the columns becomes one plain matrix product
    # SSIM needs the two variances only as their sum, so four local means serve instead of five.
    maps = torch.stack([a, b, a.square().addcmul_(b, b), a * b], dim=1)  # H4CW
    height, _, channels, width = maps.shape
    columns = maps.view(height, -1)
    rows = torch.cat([band @ columns[span] for span, band in _bands(height, a.device)]).view(-1, width)
    # The blur along the rows is taken tile by tile and summed up at once, while its four means are still in the cache.
    tiles = [(rows[:, span] @ band.T).view(-1, 4, channels, len(band)) for span, band in _bands(width, a.device)]
    return sum(map(_sum_of_map, tiles), a.new_zeros(())) / (channels * (height - WINDOW + 1) * (width - WINDOW + 1))


def _sum_of_map(means: Tensor) -> Tensor:
    """Sum of the SSIM map over a tile, from the local means of a, b, a^2 + b^2 and ab: H4CW float64 -> scalar. Overwrites `means`."""
    mean_a, mean_b, mean_squares, mean_product = means.unbind(1)
    product = mean_a * mean_b
    squares = mean_a.square_().add_(mean_b.square_())
    covariance = mean_product.sub_(product)
    variances = mean_squares.sub_(squares)
    numerator = product.mul_(2).add_(C1).mul_(covariance.mul_(2).add_(C2))
    return numerator.div_(squares.add_(C1).mul_(variances.add_(C2))).sum()


def _bands(side: int, device: torch.device) -> list[tuple[slice, Tensor]]:
    """The Gaussian mean along a side as banded matrices: (the span of inputs, the matrix that maps it to its tile of valid outputs)."""
    valid = side - WINDOW + 1
    starts = range(0, valid, TILE)
    return [(slice(start, min(start + TILE, valid) + WINDOW - 1), _band(min(TILE, valid - start), device)) for start in starts]


@lru_cache(maxsize=TILE + 1)
def _band(rows: int, device: torch.device) -> Tensor:
    """(rows, rows + 10) float64 matrix whose row i holds the normalised Gaussian window from column i on."""
    weights = [math.exp(-0.5 * (i / SIGMA) ** 2) for i in range(-RADIUS, RADIUS + 1)]
    band = torch.zeros(rows, rows + WINDOW - 1, dtype=torch.float64)
    for i in range(rows):
        band[i, i : i + WINDOW] = torch.tensor(weights, dtype=torch.float64) / sum(weights)
    return band.to(device)
