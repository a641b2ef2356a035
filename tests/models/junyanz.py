"""Generators of junyanz/pytorch-CycleGAN-and-pix2pix with its tensor names, written plainly: the oracle of imported weights."""

from collections.abc import Callable

import torch
from torch import Tensor, nn


def _normalisation(norm: str) -> Callable[[int], nn.Module]:
    return nn.BatchNorm2d if norm == "batch" else nn.InstanceNorm2d


class _Block(nn.Module):
    """One level of the U-Net around the next: encoder layer, the block inside, decoder layer; concatenated with its input."""

    def __init__(self, outer: int, inner: int, inside: nn.Module | None, norm: str, channels_in: int | None, dropout: bool) -> None:
        super().__init__()
        outermost, bias, layer = channels_in is not None, norm == "instance", _normalisation(norm)
        self.outermost = outermost
        down = nn.Conv2d(channels_in or outer, inner, 4, stride=2, padding=1, bias=bias)
        up = nn.ConvTranspose2d(inner * 2 if inside else inner, outer, 4, stride=2, padding=1, bias=bias or outermost)
        if outermost and inside:
            layers: list[nn.Module] = [down, inside, nn.ReLU(), up, nn.Tanh()]
        elif inside:
            layers = [nn.LeakyReLU(0.2), down, layer(inner), inside, nn.ReLU(), up, layer(outer), *([nn.Dropout(0.5)] if dropout else [])]
        else:
            layers = [nn.LeakyReLU(0.2), down, nn.ReLU(), up, layer(outer)]
        self.model = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.model(x)
        return out if self.outermost else torch.cat([x, out], 1)


class JunyanzUNet(nn.Module):
    """`unet_128` with 7 levels, `unet_256` with 8."""

    def __init__(self, channels_in: int, channels_out: int, ngf: int, norm: str, levels: int, *, dropout: bool = True) -> None:
        super().__init__()
        widths = [ngf * min(2**level, 8) for level in range(levels)]
        block = _Block(widths[-2], widths[-1], None, norm, None, False)
        for level in range(levels - 2, 0, -1):
            drops = dropout and widths[level - 1] == widths[level] == ngf * 8
            block = _Block(widths[level - 1], widths[level], block, norm, None, drops)
        self.model = _Block(channels_out, ngf, block, norm, channels_in, False)

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)  # type: ignore[no-any-return]


class _Residual(nn.Module):
    def __init__(self, width: int, norm: str, dropout: bool) -> None:
        super().__init__()
        bias, layer = norm == "instance", _normalisation(norm)
        first = [
            nn.ReflectionPad2d(1),
            nn.Conv2d(width, width, 3, bias=bias),
            layer(width),
            nn.ReLU(),
            *([nn.Dropout(0.5)] if dropout else []),
        ]
        self.conv_block = nn.Sequential(*first, nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3, bias=bias), layer(width))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv_block(x)  # type: ignore[no-any-return]


class JunyanzResNet(nn.Module):
    """`resnet_9blocks`, `resnet_6blocks`."""

    def __init__(self, channels_in: int, channels_out: int, ngf: int, norm: str, *, dropout: bool = False, blocks: int = 9) -> None:
        super().__init__()
        bias, layer = norm == "instance", _normalisation(norm)
        layers = [nn.ReflectionPad2d(3), nn.Conv2d(channels_in, ngf, 7, bias=bias), layer(ngf), nn.ReLU()]
        for width in (ngf, ngf * 2):
            layers += [nn.Conv2d(width, width * 2, 3, stride=2, padding=1, bias=bias), layer(width * 2), nn.ReLU()]
        layers += [_Residual(ngf * 4, norm, dropout) for _ in range(blocks)]
        for width in (ngf * 4, ngf * 2):
            up = nn.ConvTranspose2d(width, width // 2, 3, stride=2, padding=1, output_padding=1, bias=bias)
            layers += [up, layer(width // 2), nn.ReLU()]
        self.model = nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(ngf, channels_out, 7), nn.Tanh())

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)  # type: ignore[no-any-return]


def drawn(network: nn.Module, seed: int = 0) -> nn.Module:
    """The network with weights and running statistics that let a tensor in a wrong place show."""
    draw = torch.Generator().manual_seed(seed)
    for name, value in network.state_dict().items():
        if name.endswith("running_var"):
            value.uniform_(0.5, 2, generator=draw)
        elif value.dtype.is_floating_point:
            value.normal_(1.0 if value.ndim == 1 and name.endswith("weight") else 0.0, 0.1, generator=draw)
    return network
