"""L1: the mean absolute difference, the distance that pix2pix's generator is trained on."""

import torch
from torch import Tensor

from pix2pix.metrics.images import check_pairs


def l1(fake_b: Tensor, real_b: Tensor) -> Tensor:
    """Mean absolute difference of each image: mean over channels and pixels of |fake_b - real_b|.

    fake_b, real_b: NCHW float RGB in [0, 1]. Returns (N,) float64 in [0, 1]; 0 is best.
    Raises ValueError when the two are not image batches of one shape.
    """
    check_pairs(fake_b, real_b)
    # Float64, and image by image: the value must not depend on who else is in the batch, nor on the thread count once it is rounded.
    return torch.stack([(a.double() - b.double()).abs().mean() for a, b in zip(fake_b, real_b, strict=True)])
