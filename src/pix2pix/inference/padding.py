"""Pictures of any size for a network that needs multiples of one."""

import torch
from torch import Tensor


def reflected(image: Tensor, multiple: int) -> Tensor:
    """(N, C, H, W) with its right and lower border mirrored, without the edge itself, up to multiples of `multiple` pixels.

    By index, as `F.pad` takes no padding wider than the picture, nor one that a graph works out. Where even the mirrored picture ends,
    its last pixel goes on.
    """
    height, width = image.shape[2], image.shape[3]
    if not torch.compiler.is_exporting() and height % multiple == width % multiple == 0:
        return image
    return image.index_select(2, _mirrored(height, multiple, image.device)).index_select(3, _mirrored(width, multiple, image.device))


def _mirrored(length: int, multiple: int, device: torch.device) -> Tensor:
    """0, 1, …, n-1, n-2, …, 1, 0, 0, …: as many as the next multiple."""
    place = torch.arange((length + multiple - 1) // multiple * multiple, device=device)
    return ((length - 1) - (length - 1 - place).abs()).clamp(min=0)
