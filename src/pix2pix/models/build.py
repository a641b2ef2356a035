"""Build generator and discriminator from their settings."""

import torch

from pix2pix.config.model_settings import ModelSettings
from pix2pix.errors import UserError
from pix2pix.models.discriminator import Discriminator, MultiScale, PatchGAN, PixelGAN
from pix2pix.models.generator import Generator
from pix2pix.models.layers import initialise
from pix2pix.models.resnet import ResNet, ResNet6
from pix2pix.models.unet import UNet

GENERATORS: dict[str, type[Generator]] = {"unet": UNet, "resnet": ResNet, "resnet6": ResNet6}
DISCRIMINATORS: dict[str, type[Discriminator]] = {"patch": PatchGAN, "pixel": PixelGAN, "multiscale": MultiScale}


def generator_class(settings: ModelSettings) -> type[Generator]:
    """The class of `settings.generator`. Raises UserError for a name that is not registered."""
    if settings.generator not in GENERATORS:
        raise UserError(f"generator {settings.generator!r} is unknown: this version has {', '.join(GENERATORS)}")
    return GENERATORS[settings.generator]


def discriminator_class(settings: ModelSettings) -> type[Discriminator]:
    """The class of `settings.discriminator`. Raises UserError for a name that is not registered."""
    if settings.discriminator not in DISCRIMINATORS:
        raise UserError(f"discriminator {settings.discriminator!r} is unknown: this version has {', '.join(DISCRIMINATORS)}")
    return DISCRIMINATORS[settings.discriminator]


def build_generator(channels_in: int, channels_out: int, settings: ModelSettings) -> Generator:
    """Generator with default weights, to be initialised or loaded: (N, channels_in, H, W) -> (N, channels_out, H, W), in [-1, 1]."""
    return generator_class(settings)(channels_in, channels_out, settings)


def build_discriminator(channels: int, settings: ModelSettings) -> Discriminator:
    """Discriminator with default weights, to be initialised: (N, channels of input and target, H, W) -> (N, …) logits."""
    return discriminator_class(settings)(channels, settings)


def build_networks(channels_in: int, channels_out: int, settings: ModelSettings, seed: int) -> tuple[Generator, Discriminator]:
    """Generator and discriminator on the CPU, initialised from `seed` with the same weights on every machine (see `initialise`)."""
    draw = torch.Generator().manual_seed(seed)
    generator = build_generator(channels_in, channels_out, settings)
    discriminator = build_discriminator(channels_in + channels_out, settings)
    initialise(generator, draw)
    initialise(discriminator, draw)
    return generator, discriminator
