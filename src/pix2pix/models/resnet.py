"""ResNet generator: Johnson et al., Perceptual Losses for Real-Time Style Transfer, 2016, as the PyTorch reference builds it."""

from typing import ClassVar

from torch import Tensor, nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.models.generator import Generator
from pix2pix.models.layers import ReflectionPad, bias_before, normalisation, upsampling


class ResidualBlock(nn.Module):
    """x + conv(ReLU(conv(x))), both 3x3 with reflection padding and normalisation; (N, C, H, W) -> (N, C, H, W)."""

    def __init__(self, channels: int, norm: str, dropout: float) -> None:
        super().__init__()
        bias = bias_before(norm)
        self.body = nn.Sequential(
            ReflectionPad(1),
            nn.Conv2d(channels, channels, 3, bias=bias),
            normalisation(norm, channels),
            nn.ReLU(),
            *([nn.Dropout(dropout)] if dropout else []),
            ReflectionPad(1),
            nn.Conv2d(channels, channels, 3, bias=bias),
            normalisation(norm, channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        out: Tensor = x + self.body(x)
        return out


class ResNet(Generator, nn.Sequential):
    """7x7 convolution, two halvings, residual blocks, two doublings, 7x7 convolution, tanh.

    (N, channels_in, H, W) float in [-1, 1] -> (N, channels_out, H, W) in [-1, 1]; H and W multiples of 4, at least 8.
    """

    description = "a ResNet of 9 residual blocks"
    blocks: ClassVar[int] = 9

    @classmethod
    def levels(cls, settings: ModelSettings) -> int:
        """2: two strided convolutions."""
        return 2

    @classmethod
    def multiple(cls, settings: ModelSettings) -> int:
        """8: after two halvings, reflection padding in the blocks needs at least two pixels."""
        return 8

    def encoder(self) -> list[nn.Module]:
        """The layers before the residual blocks."""
        layers = list(self)
        return layers[: [isinstance(layer, ResidualBlock) for layer in layers].index(True)]

    def __init__(self, channels_in: int, channels_out: int, settings: ModelSettings) -> None:
        norm, ngf, bias = settings.norm, settings.ngf, bias_before(settings.norm)
        layers: list[nn.Module] = [
            ReflectionPad(3),
            nn.Conv2d(channels_in, ngf, 7, bias=bias),
            normalisation(norm, ngf),
            nn.ReLU(),
        ]
        for width in (ngf, ngf * 2):
            layers += [nn.Conv2d(width, width * 2, 3, stride=2, padding=1, bias=bias), normalisation(norm, width * 2), nn.ReLU()]
        layers += [ResidualBlock(ngf * 4, norm, settings.dropout) for _ in range(self.blocks)]
        for width in (ngf * 4, ngf * 2):
            up = (
                nn.ConvTranspose2d(width, width // 2, 3, stride=2, padding=1, output_padding=1, bias=bias)
                if settings.upsample == "deconv"
                else upsampling("resize", width, width // 2, bias=bias)
            )
            layers += [up, normalisation(norm, width // 2), nn.ReLU()]
        super().__init__(*layers, ReflectionPad(3), nn.Conv2d(ngf, channels_out, 7), nn.Tanh())


class ResNet6(ResNet):
    """`resnet_6blocks` of the PyTorch reference, which it takes for images of 128 pixels."""

    description = "a ResNet of 6 residual blocks"
    blocks = 6
