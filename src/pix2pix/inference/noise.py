"""Dropout at use, the paper's noise z (section 3.2), as a function of a seed: the same masks in PyTorch, in ONNX Runtime and in a browser.

Counter-based, since a graph has no random generator that two runtimes share: each value's place is hashed by whole-number arithmetic,
three rounds of v -> v (v + 40692) + 12345 modulo the prime 2**31 - 1, which stays exact in int64 as v * v < 2**62. 40692 is
L'Ecuyer's multiplier (Communications of the ACM 31, 1988).
"""

import torch
from torch import Tensor, nn

_PRIME, _MULTIPLIER, _SHIFT = 2**31 - 1, 40692, 12345
_LAYERS_APART = 7919  # any prime: two layers must not see each other's masks


class Noise:
    """The seed that all noisy layers of one generator look up: int64 of shape (1,), None for no noise at all.

    A plain object, not a module: an export would take a tensor that is assigned to a module for a constant.
    """

    seed: Tensor | None = None


class SeededDropout(nn.Module):
    """Dropout whose mask follows from seed, layer and place: (N, C, H, W) -> the same, scaled by 1 / (1 - p) where it is kept.

    All images of a batch see the same mask, so none depends on its neighbours. A seed below 0 drops nothing.
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
    """Put a `SeededDropout` in place of every dropout of `generator`; what holds their seed, or None for a generator without dropout."""
    noise, layers = Noise(), 0
    for name, module in list(generator.named_modules()):
        if isinstance(module, nn.Dropout) and module.p > 0:
            parent, _, child = name.rpartition(".")
            setattr(generator.get_submodule(parent), child, SeededDropout(module.p, layers, noise))
            layers += 1
    return noise if layers else None


def _hashed(value: Tensor) -> Tensor:
    """int64 of 0 up -> int64 of 0..2**31 - 2."""
    value = torch.remainder(value, _PRIME)
    return torch.remainder(value * (value + _MULTIPLIER) + _SHIFT, _PRIME)
