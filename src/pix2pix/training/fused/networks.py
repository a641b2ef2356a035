"""Forward passes of networks in training, their layers' kernels fused; parameters and buffers are the networks' own."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
from torch import Tensor, nn

from pix2pix.models.layers import BatchNorm, Down, Last, Up
from pix2pix.models.unet import UNet
from pix2pix.training.fused.normalise import Layer, between

_SEEDS = 2**31 - 1  # seeds are drawn below it
_LAYERS = (nn.Conv2d, nn.ConvTranspose2d, nn.Upsample, BatchNorm, nn.Identity, nn.LeakyReLU, nn.ReLU, nn.Dropout, nn.Tanh)
_KNOWN = {UNet, Down, Up, Last, nn.ModuleList, nn.Sequential, *_LAYERS}  # of what a U-Net may be made up


def fused_generator(network: nn.Module) -> Callable[[Tensor], Tensor] | None:
    """real_a -> fake_b, as the network itself; None for one that has no fused pass."""
    if not isinstance(network, UNet) or any(type(module) not in _KNOWN for module in network.modules()):
        return None
    return lambda real_a: _unet(network, real_a)


def fused_discriminator(network: nn.Module) -> Callable[[Tensor, int], Tensor] | None:
    """(pairs, groups) -> logits, as the network itself, each group's part of the batch normalised alone; None for one without."""
    if not isinstance(network, nn.Sequential):
        return None
    steps = list(_steps(network))
    if not steps or len(steps) + 1 != sum(isinstance(module, nn.Conv2d) for module in network.modules()):
        return None
    last = network[-1]

    def judged(pairs: Tensor, groups: int) -> Tensor:
        x = pairs
        for convolution, layer in steps:
            x, _ = between(convolution(x), replace(layer, groups=groups))
        logits: Tensor = last(x)
        return logits

    return judged


def _steps(network: nn.Sequential) -> Iterator[tuple[nn.Conv2d, Layer]]:
    """A PatchGAN's convolutions, each with what follows it; nothing of a network made up of anything else."""
    modules = list(network)
    while len(modules) > 1:
        convolution, following, *modules = modules
        norm = following if isinstance(following, BatchNorm) else None
        activation = modules.pop(0) if modules and isinstance(following, BatchNorm | nn.Identity) else following
        if not isinstance(convolution, nn.Conv2d) or not isinstance(activation, nn.LeakyReLU):
            return
        yield convolution, Layer(norm, slope=activation.negative_slope, leaky=True)


def _unet(network: UNet, real_a: Tensor) -> Tensor:
    steps = [_parts(up) for up in network.ups]
    seeds = torch.randint(_SEEDS, (len(steps),), device=real_a.device) if any(dropout for *_, dropout in steps) else None
    x, skips = real_a, []
    for down, after in zip(network.downs, [*network.downs[1:], None], strict=True):
        convolution, norm, _ = _parts(down)
        layer = Layer(norm, relu=True) if after is None else Layer(norm, slope=_slope(after), leaky=True, relu=True, joined=True)
        x, skip = between(convolution(x), layer)
        skips.append(skip)
    x = skips.pop()
    for number, (convolution, norm, dropout) in enumerate(steps):
        _, x = between(convolution(x), Layer(norm, relu=True, dropout=dropout, number=number), seeds, skips.pop())
    _, convolution, tanh = network.last
    fake_b: Tensor = tanh(convolution(x))
    return fake_b


def _slope(step: nn.Module) -> float:
    return next(layer.negative_slope for layer in step.children() if isinstance(layer, nn.LeakyReLU))


def _parts(step: nn.Module) -> tuple[nn.Module, nn.BatchNorm2d | None, float]:
    """A U-Net step's convolution, its normalisation, and how much of it is dropped."""
    layers = list(step.children())
    convolution = next(layer for layer in layers if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Sequential))
    norm = next((layer for layer in layers if isinstance(layer, BatchNorm)), None)
    return convolution, norm, next((layer.p for layer in layers if isinstance(layer, nn.Dropout)), 0.0)
