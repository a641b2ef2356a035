"""Discriminators: Isola et al. 2017, section 6.1.2, with the details of the PyTorch reference. All return one logit for each patch."""

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.models.layers import bias_before, normalisation


class Discriminator(nn.Module):
    """Base class: (N, input and target channels, H, W) float in [-1, 1] -> (N, …) logits; constructed from (channels, settings).

    To add a discriminator, write a subclass and register it in `build.DISCRIMINATORS`.

    Attributes:
        description: a short description for the model card.
    """

    description: ClassVar[str]

    def patches(self, pair: Tensor) -> Tensor:
        """Logits as an image, for people: (N, channels, H, W) -> (N, 1, h, w); one pixel, their mean, where they are no image."""
        logits: Tensor = self(pair)
        return logits if logits.ndim == 4 else logits.reshape(len(pair), -1).mean(1).view(-1, 1, 1, 1)


class PatchGAN(Discriminator, nn.Sequential):
    """Classifies overlapping patches: 70x70 pixels with three strided layers (C64-C128-C256-C512 for ndf 64).

    (N, input and target channels, H, W) float in [-1, 1] -> (N, 1, h, w) logits; 30x30 for images of 256x256.
    """

    description = "PatchGAN, on overlapping patches"

    def __init__(self, channels: int, settings: ModelSettings) -> None:
        norm, ndf, layers = settings.norm, settings.ndf, settings.discriminator_layers
        widths = [ndf * min(2**layer, 8) for layer in range(layers + 1)]
        body: list[nn.Module] = [nn.Conv2d(channels, ndf, 4, stride=2, padding=1), nn.LeakyReLU(0.2, inplace=True)]
        for layer in range(1, layers + 1):
            stride = 2 if layer < layers else 1
            body += [
                nn.Conv2d(widths[layer - 1], widths[layer], 4, stride=stride, padding=1, bias=bias_before(norm)),
                normalisation(norm, widths[layer]),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        super().__init__(*body, nn.Conv2d(widths[-1], 1, 4, padding=1))


class PixelGAN(Discriminator, nn.Sequential):
    """Classifies each pixel by itself (1x1 convolutions): (N, channels, H, W) -> (N, 1, H, W) logits."""

    description = "PixelGAN, on single pixels"

    def __init__(self, channels: int, settings: ModelSettings) -> None:
        norm, ndf, bias = settings.norm, settings.ndf, bias_before(settings.norm)
        super().__init__(
            nn.Conv2d(channels, ndf, 1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf, ndf * 2, 1, bias=bias),
            normalisation(norm, ndf * 2),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 2, 1, 1, bias=bias),
        )


class MultiScale(Discriminator):
    """PatchGANs on the image at full, half, quarter, … size: pix2pixHD, Wang et al. 2018, section 3.2.

    (N, channels, H, W) -> (N, patches) logits, concatenated over the sizes, so that losses average over all patches.
    """

    description = "PatchGANs at several sizes of the image"

    def __init__(self, channels: int, settings: ModelSettings) -> None:
        super().__init__()
        self.scales = nn.ModuleList(PatchGAN(channels, settings) for _ in range(settings.discriminator_scales))

    def forward(self, pair: Tensor) -> Tensor:
        """(N, channels, H, W) -> (N, patches) logits."""
        logits = []
        for scale, patch in enumerate(self.scales):
            if scale:
                pair = F.avg_pool2d(pair, 3, stride=2, padding=1, count_include_pad=False)
            logits.append(patch(pair).flatten(1))
        return torch.cat(logits, dim=1)

    def patches(self, pair: Tensor) -> Tensor:
        """Logits of the full size."""
        logits: Tensor = self.scales[0](pair)
        return logits
