"""L1 distance: the mean absolute difference."""

import torch
from torch import Tensor

from pix2pix.metrics.images import check_pairs


def l1(fake_b: Tensor, real_b: Tensor) -> Tensor:
    """Mean absolute difference of each image: mean over channels and pixels of |fake_b - real_b|.

    fake_b, real_b: NCHW float RGB in [0, 1]. Returns (N,) float64 in [0, 1]; 0 is best.
    Raises ValueError if the two are not image batches of the same shape.
    """
    check_pairs(fake_b, real_b)
    # float64, one image at a time: the value must not depend on the rest of the batch, nor, once rounded, on the number of threads
    return torch.stack([torch.sub(a.double(), b).abs_().mean() for a, b in zip(fake_b, real_b, strict=True)])
