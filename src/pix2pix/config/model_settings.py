"""What shapes the two networks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelSettings:
    """Architecture of generator and discriminator; the choices are described in params.yaml, section `model`."""

    ngf: int
    ndf: int
    crop_size: int  # pixels; the U-Net has log2(crop_size) levels
    generator: str = "unet"
    norm: str = "batch"
    dropout: float = 0.5
    dropout_at: tuple[int, ...] = (4, 8, 16)
    bottleneck_norm: bool = False
    upsample: str = "deconv"
    discriminator: str = "patch"
    discriminator_layers: int = 3
    discriminator_scales: int = 2
