"""The resize in front of a feature network. It is part of the metric: another filter gives other distances."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def pillow_bicubic(images: Tensor, side: int) -> Tensor:
    """Round to 8 bits and resize to a square by Pillow's BICUBIC filter (antialiased, a = -0.5), whose integer arithmetic gives the same
    bytes on every machine.

    images: NCHW float RGB in [0, 1]. Returns NHWC uint8 on the CPU, (N, side, side, 3).
    """
    pixels = (images.detach().float() * 255).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).cpu().contiguous().numpy()
    resized = [np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)) for image in pixels]
    return torch.from_numpy(np.stack(resized))
