"""Colourfulness, and distance between the colours of two sets of images: aspects of a colourisation that L1 and SSIM miss."""

import torch
from torch import Tensor

from pix2pix.data.lab import rgb_to_lab
from pix2pix.metrics.images import check_images
from pix2pix.metrics.metric import Images

BIN = 10  # Lab units: bin size of Zhang, Isola, Efros 2016
LIMIT = 110  # a and b of sRGB colours lie within -110..110
BINS = 2 * LIMIT // BIN


def colourfulness(images: Tensor) -> Tensor:
    """Colourfulness M3 of Hasler and Suesstrunk 2003 of each image: 0 grey, 15 slightly, 33 moderately, 59 quite, 109 extremely colourful.

    With rg = R - G and yb = (R + G) / 2 - B on the scale 0..255: sqrt(var rg + var yb) + 0.3 sqrt(mean(rg)^2 + mean(yb)^2).
    images: NCHW float RGB in [0, 1]. Returns (N,) float64. Higher is not better: compare with the real images' value.
    Raises ValueError if `images` is no batch of RGB images.
    """
    check_images(images)
    red, green, blue = (images.double() * 255).unbind(1)
    opponents = torch.stack([red - green, (red + green) / 2 - blue], 1).flatten(2)  # (N, 2, pixels)
    variance, mean = torch.var_mean(opponents, dim=2, correction=0)
    return variance.sum(1).sqrt() + 0.3 * mean.square().sum(1).sqrt()


def colour_histogram(images: Images) -> Tensor:
    """Joint histogram of a and b (CIE Lab) over all pixels of the images: (BINS, BINS) int64. Counts do not depend on the order."""
    counts = torch.zeros(BINS * BINS, dtype=torch.int64)
    for image in (images[i] for i in range(len(images))):
        a, b = rgb_to_lab(image[None].double())[0, 1:]
        a, b = (((plane + LIMIT) / BIN).floor().clamp(0, BINS - 1).long() for plane in (a, b))
        counts += torch.bincount((a * BINS + b).flatten(), minlength=BINS * BINS).cpu()
    return counts.view(BINS, BINS)


def ab_distance(fake: Images, real: Images) -> float:
    """1 minus the intersection of the two normalised colour histograms: 0 if all frequencies are equal, 1 if no colour is in common.

    Isola et al. 2017, section 4.2, uses the intersection of the marginal histograms of a and of b.
    Raises ValueError if a set is empty.
    """
    if not (len(fake) and len(real)):
        raise ValueError("a colour histogram has seen no image")
    shares = [counts.double() / counts.sum() for counts in (colour_histogram(fake), colour_histogram(real))]
    return 1 - torch.minimum(*shares).sum().item()


def colourfulness_of_outputs(fake_b: Tensor, real_b: Tensor) -> Tensor:
    """`colourfulness` of the outputs as a `PairMetric`; ignores the targets."""
    return colourfulness(fake_b)
