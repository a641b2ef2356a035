"""PatchGAN output of the discriminator as grey images."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pix2pix.models.discriminator import Discriminator


@torch.no_grad()
def patch_map(discriminator: nn.Module, real_a: Tensor, b: Tensor) -> Tensor:
    """Map (real_a, b), NCHW in [-1, 1], to D's output per patch: NHWC uint8 RGB, the same H and W.

    Grey is the logistic function of each patch's logit, white 1.
    """
    assert isinstance(discriminator, Discriminator)
    logits = discriminator.patches(torch.cat([real_a, b], dim=1))
    grey = F.interpolate(torch.sigmoid(logits.float()), size=b.shape[2:], mode="nearest")
    return (grey * 255).round().to(torch.uint8).expand(-1, 3, -1, -1).permute(0, 2, 3, 1).contiguous()
