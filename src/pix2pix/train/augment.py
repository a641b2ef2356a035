"""Differentiable augmentation of the discriminator's input (Zhao et al., DiffAugment, 2020), applied to image pairs.

Translation and cutout move input and target together; colour changes the target only. Everything is index arithmetic with random numbers
drawn on the device, so it runs inside a captured CUDA graph.
"""

import torch
from torch import Tensor


def augment_pair(pair: Tensor, channels_in: int, policy: str) -> Tensor:
    """Augment a pair: (N, C_in + C_out, H, W) float in [-1, 1] -> the same shape; values may leave [-1, 1].

    channels_in: number of input channels, which come first. policy: value of `train.augment_d`; "none" returns `pair` itself.
    """
    if policy == "none":
        return pair
    if "color" in policy:
        pair = torch.cat([pair[:, :channels_in], _color(pair[:, channels_in:])], dim=1)
    pair = _translate(pair)
    return _cutout(pair) if "cutout" in policy else pair


def _color(x: Tensor) -> Tensor:
    """Change brightness, saturation and contrast, with one random draw per image."""
    brightness, saturation, contrast = torch.rand(3, len(x), 1, 1, 1, device=x.device, dtype=x.dtype)
    x = x + (brightness - 0.5)
    grey = x.mean(dim=1, keepdim=True)
    x = (x - grey) * (saturation * 2) + grey
    middle = x.mean(dim=(1, 2, 3), keepdim=True)
    return (x - middle) * (contrast + 0.5) + middle


def _translate(x: Tensor, ratio: float = 0.125) -> Tensor:
    """Shift each image by up to 1/8 of its size (`ratio`) in each direction; pixels shifted in from outside are 0."""
    n, _, height, width = x.shape
    rows, row_inside = _shifted(n, height, ratio, x.device)
    columns, column_inside = _shifted(n, width, ratio, x.device)
    which = torch.arange(n, device=x.device)[:, None, None]
    moved = x[which, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    return moved * (row_inside[:, None, :, None] & column_inside[:, None, None, :])


def _shifted(n: int, size: int, ratio: float, device: torch.device) -> tuple[Tensor, Tensor]:
    reach = int(size * ratio + 0.5)
    index = torch.arange(size, device=device) + torch.randint(-reach, reach + 1, (n, 1), device=device)
    return index.clamp(0, size - 1), (index >= 0) & (index < size)


def _cutout(x: Tensor, ratio: float = 0.5) -> Tensor:
    """Set a square of half the image size (`ratio`) to 0 at a random position in each image."""
    n, _, height, width = x.shape
    row_hidden = _window(n, height, ratio, x.device)
    column_hidden = _window(n, width, ratio, x.device)
    return x * ~(row_hidden[:, None, :, None] & column_hidden[:, None, None, :])


def _window(n: int, size: int, ratio: float, device: torch.device) -> Tensor:
    length = int(size * ratio + 0.5)
    start = torch.randint(-(length // 2), size - length // 2, (n, 1), device=device)
    along = torch.arange(size, device=device)
    return (along >= start) & (along < start + length)
