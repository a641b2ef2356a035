"""Dropout at inference, the noise z of Isola et al. 2017, section 3.2, as a function of a seed: the same masks in PyTorch, ONNX Runtime and
a browser.

The random numbers are counter-based, as no random generator is the same in all runtimes: the position of each value is hashed with integer
arithmetic, three rounds of v -> v (v + 40692) + 12345 modulo the prime 2**31 - 1, exact in int64 as v * v < 2**62. 40692 is
L'Ecuyer's multiplier (Communications of the ACM 31, 1988).
"""

import torch
from torch import Tensor, nn

_PRIME, _MULTIPLIER, _SHIFT = 2**31 - 1, 40692, 12345
_LAYERS_APART = 7919  # a prime offset between layers, so that their masks differ


class Noise:
    """The seed that all `SeededDropout` layers of a generator read: int64 of shape (1,), or None for no noise.

    A plain object, not a module: torch.export would treat a tensor assigned to a module as a constant.
    """

    seed: Tensor | None = None


class SeededDropout(nn.Module):
    """Dropout whose mask depends on seed, layer and position: (N, C, H, W) -> (N, C, H, W), kept values scaled by 1 / (1 - p).

    All images of a batch have the same mask, so that an output does not depend on the batch. A seed below 0 drops nothing.
    """

    def __init__(self, p: float, layer: int, noise: Noise) -> None:
        super().__init__()
        self.p, self.layer, self.noise = p, layer, noise

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        seed = self.noise.seed
        if seed is None:
            return x
        _, channels, height, width = x.shape
        start = _hashed(torch.remainder(seed, _PRIME) + self.layer * _LAYERS_APART)
        place = torch.arange(channels * height * width, device=x.device, dtype=torch.int64)
        value = _hashed(_hashed(_hashed(start + place)))
        kept = ((value >= int(self.p * _PRIME)) | (seed < 0)).view(1, channels, height, width)
        scale = torch.where(seed < 0, 1.0, 1 / (1 - self.p)).to(x.dtype)
        return x * kept.to(x.dtype) * scale.view(1, 1, 1, 1)


def seed_dropout(generator: nn.Module) -> Noise | None:
    """Replace every dropout of `generator` by a `SeededDropout`, in place. Returns their shared `Noise`, or None if there is no dropout."""
    noise, layers = Noise(), 0
    for name, module in list(generator.named_modules()):
        if isinstance(module, nn.Dropout) and module.p > 0:
            parent, _, child = name.rpartition(".")
            setattr(generator.get_submodule(parent), child, SeededDropout(module.p, layers, noise))
            layers += 1
    return noise if layers else None


def _hashed(value: Tensor) -> Tensor:
    """Hash int64 values from 0 up to int64 values in 0..2**31 - 2."""
    value = torch.remainder(value, _PRIME)
    return torch.remainder(value * (value + _MULTIPLIER) + _SHIFT, _PRIME)
