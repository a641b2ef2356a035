"""Adversarial losses. Logits of the discriminator, of any shape, -> scalar means over all patches."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_PENALTY = 10.0  # WGAN-GP's lambda, Gulrajani et al. 2017


def generator_loss(mode: str, fake: Tensor) -> Tensor:
    """What G pays for the discriminator's logits of its fakes: the paper's section 3.3 (vanilla), or the named objective."""
    if mode == "vanilla":
        return F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))
    if mode == "lsgan":
        return F.mse_loss(fake, torch.ones_like(fake))
    return -fake.mean()  # hinge, wgangp


def discriminator_losses(mode: str, fake: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    """What D pays for its logits of fakes and of real pairs, as (fake, real)."""
    if mode == "vanilla":
        loss = F.binary_cross_entropy_with_logits
        return loss(fake, torch.zeros_like(fake)), loss(real, torch.ones_like(real))
    if mode == "lsgan":
        return F.mse_loss(fake, torch.zeros_like(fake)), F.mse_loss(real, torch.ones_like(real))
    if mode == "hinge":
        return F.relu(1 + fake).mean(), F.relu(1 - real).mean()
    return fake.mean(), -real.mean()


def gradient_penalty(discriminator: Callable[[Tensor], Tensor] | nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """WGAN-GP: 10 x mean (|gradient| - 1)^2 of D at random points between real and fake pairs, each (N, C, H, W)."""
    mix = torch.rand(len(real), 1, 1, 1, device=real.device)
    between = (mix * real + (1 - mix) * fake).detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(discriminator(between).sum(), between, create_graph=True)
    return _PENALTY * ((gradient.flatten(1) + 1e-16).norm(2, dim=1) - 1).square().mean()
