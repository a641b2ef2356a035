"""Losses of the discriminator D and the generator G.

A new objective is one entry of GAN_MODES; a new term of G's loss is a name in `loss_names` and its value in `generator_loss`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.colour_planes import PLANES

Discriminator = Callable[[Tensor], Tensor]
Perceptual = Callable[[Tensor, Tensor], Tensor]
"""fake_b, real_b, NCHW float32 RGB in [-1, 1] -> mean distance, a scalar."""

LOSSES = ("loss_g_gan", "loss_g_l1", "loss_d_real", "loss_d_fake")  # columns of history.csv
_PENALTY = 10.0  # WGAN-GP's lambda, Gulrajani et al. 2017


def loss_names(settings: TrainSettings) -> tuple[str, ...]:
    """Names of the losses of an update: LOSSES, then the further terms of `generator_loss`, in its order."""
    names = [*LOSSES]
    if settings.lambda_perceptual:
        names.append("loss_g_perceptual")
    return tuple(names)


def gradient_penalty(discriminator: Discriminator | nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """WGAN-GP's penalty (Gulrajani et al. 2017): 10 * mean((|gradient| - 1)^2) -> scalar.

    The gradient is D's, at random points between `real` and `fake`, pairs of (N, C, H, W) each.
    """
    mix = torch.rand(len(real), 1, 1, 1, device=real.device)
    between = (mix * real + (1 - mix) * fake).detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(discriminator(between).sum(), between, create_graph=True)
    return _PENALTY * ((gradient.flatten(1) + 1e-16).norm(2, dim=1) - 1).square().mean()


@dataclass(frozen=True)
class GanMode:
    """An adversarial objective. Each loss maps D's logits, of any shape, to a scalar: the mean over all patches."""

    d_fake: Callable[[Tensor], Tensor]  # D's loss on fakes
    d_real: Callable[[Tensor], Tensor]  # D's loss on real pairs
    generator: Callable[[Tensor], Tensor]  # G's loss on its fakes
    penalty: Callable[[Discriminator, Tensor, Tensor], Tensor] | None = None  # added to D's loss; differentiates D twice


def _cross_entropy(target: float) -> Callable[[Tensor], Tensor]:
    return lambda logits: F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def _squared_error(target: float) -> Callable[[Tensor], Tensor]:
    return lambda logits: F.mse_loss(logits, torch.full_like(logits, target))


GAN_MODES = {  # by train.gan_mode
    # Goodfellow et al. 2014, with the non-saturating loss of G; section 3.3 of pix2pix
    "vanilla": GanMode(d_fake=_cross_entropy(0.0), d_real=_cross_entropy(1.0), generator=_cross_entropy(1.0)),
    # Mao et al. 2017
    "lsgan": GanMode(d_fake=_squared_error(0.0), d_real=_squared_error(1.0), generator=_squared_error(1.0)),
    # Lim and Ye 2017
    "hinge": GanMode(
        d_fake=lambda logits: F.relu(1 + logits).mean(),
        d_real=lambda logits: F.relu(1 - logits).mean(),
        generator=lambda logits: -logits.mean(),
    ),
    # Arjovsky et al. 2017, Gulrajani et al. 2017
    "wgangp": GanMode(
        d_fake=lambda logits: logits.mean(),
        d_real=lambda logits: -logits.mean(),
        generator=lambda logits: -logits.mean(),
        penalty=gradient_penalty,
    ),
}


def discriminator_loss(settings: TrainSettings, fake_logits: Tensor, real_logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return (loss, d_real, d_fake): D's loss without penalty, and its parts on real pairs and on fakes; float32 scalars.

    `train.halve_d_loss` halves the loss, not its parts.
    """
    mode = GAN_MODES[settings.gan_mode]
    d_fake, d_real = mode.d_fake(fake_logits.float()), mode.d_real(real_logits.float())
    return (d_fake + d_real) * (0.5 if settings.halve_d_loss else 1.0), d_real, d_fake


def colour_weights(real_b: Tensor) -> Tensor:
    """What each pixel counts where the target is a and b: (N, 2, H, W) in [-1, 1] -> (N, 1, H, W), with mean 1 over a colourful image.

    A third where the target is grey, 1 at the image's mean chroma. Most of a photo is nearly grey, and an even L1 pulls all colours there:
    Zhang et al. 2016, Colorful Image Colorization, section 2.2, weight by rarity for the same reason.
    """
    chroma = real_b.square().sum(1, keepdim=True).sqrt()
    return (0.5 + chroma / chroma.mean((1, 2, 3), keepdim=True).clamp_min(1e-3)) / 1.5


def generator_loss(
    settings: TrainSettings, fake_logits: Tensor, fake_b: Tensor, real_b: Tensor, perceptual: Perceptual | None = None
) -> tuple[Tensor, ...]:
    """Return (loss, GAN, L1[, perceptual]): G's weighted loss and its unweighted terms; float32 scalars.

    fake_b, real_b: NCHW in [-1, 1]. The perceptual term is there only if `perceptual` is given.
    """
    g_gan = GAN_MODES[settings.gan_mode].generator(fake_logits.float())
    difference = (fake_b.float() - real_b).abs()
    if settings.l1_weights == "colour" and real_b.shape[1] == PLANES["ab"]:
        difference = difference * colour_weights(real_b)
    g_l1 = difference.mean()
    loss, terms = settings.lambda_gan * g_gan + settings.lambda_l1 * g_l1, [g_gan, g_l1]
    if perceptual is not None:
        terms.append(perceptual(fake_b.float(), real_b))
        loss = loss + settings.lambda_perceptual * terms[-1]
    return loss, *terms
