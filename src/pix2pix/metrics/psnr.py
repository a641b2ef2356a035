"""PSNR: peak signal-to-noise ratio in dB."""

import torch
from torch import Tensor

from pix2pix.metrics.images import check_pairs

CAP_DB = 100.0
"""What identical images score. Their true value is infinite, which JSON cannot hold and which would swallow every mean; 8-bit images that
differ in a single sample of a 4096x4096 RGB image reach 125 dB, but nothing that a generator draws comes near 100 dB."""


def psnr(fake_b: Tensor, real_b: Tensor) -> Tensor:
    """10 log10(1 / MSE) of each image, capped at CAP_DB; MSE is the mean squared error over channels and pixels.

    fake_b, real_b: NCHW float RGB in [0, 1]. Returns (N,) float64 in dB, in [0, 100]; higher is better.
    Below the cap it equals skimage.metrics.peak_signal_noise_ratio(..., data_range=1).
    Raises ValueError if the two are not image batches of the same shape.
    """
    check_pairs(fake_b, real_b)
    mse = torch.stack([torch.sub(a.double(), b).square_().mean() for a, b in zip(fake_b, real_b, strict=True)])
    return (-10 * mse.log10()).clamp(max=CAP_DB)
