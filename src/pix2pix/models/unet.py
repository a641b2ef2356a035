"""U-Net generator: Isola et al. 2017, section 6.1.1, with the details of the PyTorch reference (junyanz/pytorch-CycleGAN-and-pix2pix)."""

from torch import Tensor, nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.models.generator import Generator
from pix2pix.models.layers import Down, Last, Up, concatenated


class UNet(Generator):
    """Encoder and decoder with a skip connection between layers of the same size.

    It has log2(crop_size) levels, so that the bottleneck is one pixel at the training size. At 256x256: 8 levels, and 54,413,955 parameters
    with ngf 64 and 3 -> 3 channels.
    """

    description = "a U-Net with skips, down to a bottleneck of one pixel"

    @classmethod
    def levels(cls, settings: ModelSettings) -> int:
        """log2(crop_size)."""
        return settings.crop_size.bit_length() - 1

    def __init__(self, channels_in: int, channels_out: int, settings: ModelSettings) -> None:
        super().__init__()
        levels = self.levels(settings)
        widths = [settings.ngf * min(2**level, 8) for level in range(levels)]  # ngf x 1, 2, 4, 8, 8, …
        self.downs = nn.ModuleList(
            Down(
                widths[level - 1] if level else channels_in,
                widths[level],
                activation=level > 0,
                norm=settings.norm,
                normalised=0 < level < levels - 1 or (level == levels - 1 and settings.bottleneck_norm),
            )
            for level in range(levels)
        )
        self.ups = nn.ModuleList(
            Up(
                widths[level] * (1 if level == levels - 1 else 2),  # the innermost block has no skip connection
                widths[level - 1],
                norm=settings.norm,
                upsample=settings.upsample,
                # dropout only in the decoder's widest layers, as in the references
                dropout=settings.dropout if 2 ** (levels - level) in settings.dropout_at and widths[level - 1] == settings.ngf * 8 else 0.0,
            )
            for level in reversed(range(1, levels))
        )
        self.last = Last(widths[0] * 2, channels_out, upsample=settings.upsample)

    def encoder(self) -> nn.ModuleList:
        """The convolutions with their normalisation, from the outside in."""
        return self.downs

    def forward(self, real_a: Tensor) -> Tensor:
        """(N, channels_in, H, W) float in [-1, 1] -> (N, channels_out, H, W) in [-1, 1]; H and W multiples of crop_size."""
        x, skips = real_a, []
        for down in self.downs:
            x = down(x)
            skips.append(x)
        x = self.ups[0](skips.pop())
        for up in self.ups[1:]:
            x = up(concatenated(skips.pop(), x))
        out: Tensor = self.last(concatenated(skips.pop(), x))
        return out
