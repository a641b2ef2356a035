"""Layers of generators and discriminators, and weight initialisation."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class BatchNorm(nn.BatchNorm2d):
    """`nn.BatchNorm2d` that does not update `num_batches_tracked`, which is unused with a fixed momentum: one kernel less for each layer.

    In training it also accepts one value per channel, as in the 1x1 bottleneck at batch size 1; the output is then the shift.
    (N, C, H, W) -> (N, C, H, W).
    """

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        if self.training and x.numel() == self.num_features:  # a single value has no variance; the running statistics do not change
            return (x - x) * self.weight.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)
        momentum = 0.1 if self.momentum is None else self.momentum
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, self.training, momentum, self.eps)


class InstanceNorm(nn.InstanceNorm2d):
    """Instance normalisation, computed on (N, C, H * W): (N, C, H, W) -> (N, C, H, W), contiguous.

    With four dimensions PyTorch 2.15 silently computes wrong gradients on the CPU at batch size 1: the batch normalisation kernel misreads
    the strides of a channels_last gradient.
    """

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        return F.instance_norm(x.contiguous().flatten(2), eps=self.eps).view(x.shape)


def normalisation(kind: str, channels: int) -> nn.Module:
    """Normalisation layer for (N, channels, H, W): `batch`, `instance` (no learnable parameters, as in the PyTorch reference) or `none`."""
    if kind == "batch":
        return BatchNorm(channels)
    return InstanceNorm(channels) if kind == "instance" else nn.Identity()


def bias_before(kind: str) -> bool:
    """Whether a convolution before `normalisation(kind, …)` has a bias: not before batch normalisation, which has its own."""
    return kind != "batch"


class ReflectionPad(nn.Module):
    """`nn.ReflectionPad2d(width)` with a deterministic gradient, which PyTorch's own does not have on CUDA.

    (N, C, H, W) -> (N, C, H + 2 width, W + 2 width).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H + 2 width, W + 2 width)."""
        for dim in (2, 3):
            first, last = x.narrow(dim, 1, self.width), x.narrow(dim, x.shape[dim] - 1 - self.width, self.width)
            x = torch.cat([first.flip(dim), x, last.flip(dim)], dim=dim)
        return x


def upsampling(kind: str, channels_in: int, channels_out: int, *, bias: bool) -> nn.Module:
    """(N, channels_in, H, W) -> (N, channels_out, 2H, 2W). `deconv`: 4x4 transposed convolution, as in the paper. `resize`: nearest
    upsampling by 2, then a 3x3 convolution.

    `resize` avoids checkerboard artifacts: Odena et al., Deconvolution and Checkerboard Artifacts, Distill 2016.
    """
    if kind == "deconv":
        return nn.ConvTranspose2d(channels_in, channels_out, 4, stride=2, padding=1, bias=bias)
    return nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=bias))


@torch.no_grad()
def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Initialise weights in place, as in the PyTorch reference: convolutions N(0, 0.02), biases 0; batch norm scale N(1, 0.02), shift 0.

    Isola et al. 2017, section 6.2, gives N(0, 0.02)."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            module.weight.normal_(0.0, 0.02, generator=generator)
            if module.bias is not None:
                module.bias.zero_()
        elif isinstance(module, nn.BatchNorm2d):
            module.weight.normal_(1.0, 0.02, generator=generator)
            module.bias.zero_()


def parameter_count(network: nn.Module) -> int:
    """Number of parameters of a network."""
    return sum(parameter.numel() for parameter in network.parameters())


class Down(nn.Sequential):
    """Encoder block of the U-Net: [leaky ReLU,] 4x4 convolution of stride 2 [, normalisation]; halves height and width."""

    def __init__(self, channels_in: int, channels_out: int, *, activation: bool, norm: str, normalised: bool) -> None:
        layers: list[nn.Module] = [nn.LeakyReLU(0.2)] if activation else []
        layers.append(nn.Conv2d(channels_in, channels_out, 4, stride=2, padding=1, bias=bias_before(norm)))
        super().__init__(*layers, *([normalisation(norm, channels_out)] if normalised else []))


class Up(nn.Sequential):
    """Decoder block of the U-Net: in-place ReLU, upsampling, normalisation [, dropout]; doubles height and width."""

    def __init__(self, channels_in: int, channels_out: int, *, norm: str, upsample: str, dropout: float) -> None:
        super().__init__(
            nn.ReLU(inplace=True),
            upsampling(upsample, channels_in, channels_out, bias=bias_before(norm)),
            normalisation(norm, channels_out),
            *([nn.Dropout(dropout)] if dropout else []),
        )


class Last(nn.Sequential):
    """Last decoder block of the U-Net: in-place ReLU, upsampling with bias, tanh; (N, C, H, W) -> (N, channels_out, 2H, 2W) in [-1, 1]."""

    def __init__(self, channels_in: int, channels_out: int, *, upsample: str) -> None:
        super().__init__(nn.ReLU(inplace=True), upsampling(upsample, channels_in, channels_out, bias=True), nn.Tanh())


def concatenated(skip: Tensor, decoded: Tensor) -> Tensor:
    """Skip connection: concatenate along the channels, the encoder's first, as in the PyTorch reference."""
    return torch.cat([skip, decoded], dim=1)
