"""Forward passes of networks in training, their layers' kernels fused; parameters and buffers are the networks' own."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
from torch import Tensor, nn

from pix2pix.models.layers import BatchNorm
from pix2pix.models.unet import UNet
from pix2pix.training.fused.normalise import Layer, between

_SEEDS = 2**31 - 1  # seeds are drawn below it


def fused_generator(network: nn.Module) -> Callable[[Tensor], Tensor] | None:
    """real_a -> fake_b, as the network itself; None for one that has no fused pass."""
    if not isinstance(network, UNet) or any(isinstance(module, nn.InstanceNorm2d) for module in network.modules()):
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
        activation = following if norm is None or not modules else modules.pop(0)
        if not isinstance(convolution, nn.Conv2d) or not isinstance(activation, nn.LeakyReLU):
            return
        yield convolution, Layer(norm, slope=activation.negative_slope, leaky=True)


def _unet(network: UNet, real_a: Tensor) -> Tensor:
    seeds = torch.randint(_SEEDS, (len(network.ups),), device=real_a.device)
    x, skips = real_a, []
    for level, down in enumerate(network.downs):
        convolution, norm, _ = _parts(down)
        innermost = level == len(network.downs) - 1
        x, skip = between(convolution(x), Layer(norm, leaky=not innermost, relu=True, joined=not innermost))
        skips.append(skip)
    x = skips.pop()
    for number, up in enumerate(network.ups):
        convolution, norm, dropout = _parts(up)
        _, x = between(convolution(x), Layer(norm, relu=True, dropout=dropout, number=number), seeds, skips.pop())
    _, convolution, tanh = network.last
    fake_b: Tensor = tanh(convolution(x))
    return fake_b


def _parts(step: nn.Module) -> tuple[nn.Module, nn.BatchNorm2d | None, float]:
    """A U-Net step's convolution, its normalisation, and how much of it is dropped."""
    layers = list(step.children())
    convolution = next(layer for layer in layers if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Sequential))
    norm = next((layer for layer in layers if isinstance(layer, BatchNorm)), None)
    return convolution, norm, next((layer.p for layer in layers if isinstance(layer, nn.Dropout)), 0.0)
