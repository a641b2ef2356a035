"""Settings of the generator's and the discriminator's architecture."""

from dataclasses import dataclass
from typing import Annotated

from pix2pix.config.constraints import Choice, Crop, Doc, Fraction, FromRow, Positive

GENERATORS = Choice({"unet": "U-Net with skip connections", "resnet": "9 residual blocks", "resnet6": "6 residual blocks"})
DISCRIMINATORS = Choice({"patch": "PatchGAN", "pixel": "1x1 patches", "multiscale": "PatchGANs at several sizes"})


@dataclass(frozen=True)
class ModelSettings:
    """Architecture of the generator and the discriminator."""

    ngf: Annotated[Positive, Doc("width of the generator's first layer"), FromRow("scales")]
    ndf: Annotated[Positive, Doc("width of the discriminator's first layer"), FromRow("scales")]
    crop_size: Crop  # copied from prepare.crop_size; the U-Net has log2(crop_size) levels
    generator: Annotated[str, GENERATORS, Doc("generator's architecture")] = "unet"
    norm: Annotated[str, Choice({"batch": "", "instance": "", "none": ""}), Doc("normalisation")] = "batch"
    dropout: Annotated[Fraction, Doc("probability of dropout in training; 0 is off")] = 0.5
    dropout_at: Annotated[
        tuple[Positive, ...],
        Doc("sizes in pixels of the decoder's outputs with dropout; `[4, 8, 16]`: PyTorch reference; `[2, 4, 8]`: Torch, TensorFlow"),
    ] = (4, 8, 16)
    bottleneck_norm: Annotated[
        bool, Doc("normalise the 1x1 bottleneck too, as the TensorFlow program does (at batch size 1 no information is left in it)")
    ] = False
    upsample: Annotated[
        str,
        Choice({"deconv": "transposed convolution", "resize": "nearest x2, then a 3x3 convolution: no checkerboard"}),
        Doc("upsampling in the U-Net's decoder"),
        FromRow("recipes"),
    ] = "deconv"
    discriminator: Annotated[str, DISCRIMINATORS, Doc("discriminator's architecture")] = "patch"
    discriminator_layers: Annotated[
        Positive, Doc("strided layers of the PatchGAN; 3 gives the paper's 70x70 patches, 2 gives 34x34"), FromRow("recipes")
    ] = 3
    discriminator_scales: Annotated[Positive, Doc("number of sizes with `multiscale`")] = 2
