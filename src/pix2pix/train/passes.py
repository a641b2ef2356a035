"""Both networks' forward passes in an update, and what each of them pays."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from pix2pix.config.train_settings import TrainSettings
from pix2pix.train.augment import augment_pair
from pix2pix.train.engine.streams import InOrder, Overlap
from pix2pix.train.losses import discriminator_losses, generator_loss, gradient_penalty

Perceptual = Callable[[Tensor, Tensor], Tensor]
"""fake_b, real_b, NCHW float32 RGB in [-1, 1] -> mean distance, a scalar."""


class Passes:
    """As the networks and PyTorch do them, layer by layer."""

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        settings: TrainSettings,
        order: InOrder | Overlap,
        perceptual: Perceptual | None = None,
    ) -> None:
        self.generator, self.discriminator, self.settings, self._order = generator, discriminator, settings, order
        self._perceptual = perceptual if settings.lambda_perceptual else None

    def translated(self, real_a: Tensor) -> Tensor:
        """G's answer: (N, channels_in, H, W) -> (N, channels_out, H, W)."""
        fake_b: Tensor = self.generator(real_a)
        return fake_b

    def judged(self, real_a: Tensor, b: Tensor) -> Tensor:
        """D's logits for input and target or fake."""
        logits: Tensor = self.discriminator(self._shown(real_a, b))
        return logits

    def _shown(self, real_a: Tensor, b: Tensor) -> Tensor:
        return augment_pair(torch.cat([real_a, b], dim=1), real_a.shape[1], self.settings.augment_d)

    def loss_d(self, real_a: Tensor, real_b: Tensor, fake_b: Tensor, fake_logits: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """What D minimises, its loss on fakes and on real pairs. `fake_b` is detached; `fake_logits` where D has judged it already."""
        mode = self.settings.gan_mode
        if fake_logits is None:
            shown = self._shown(real_a, fake_b), self._shown(real_a, real_b)
            fake_logits, real_logits = self._order.both(self.discriminator, *shown)
        else:
            real_logits = self.judged(real_a, real_b)
        fake, real = discriminator_losses(mode, fake_logits.float(), real_logits.float())
        loss = (fake + real) * self._weight_d()
        if mode == "wgangp":
            real_pair, fake_pair = torch.cat([real_a, real_b], dim=1), torch.cat([real_a, fake_b], dim=1)
            loss = loss + gradient_penalty(self.discriminator, real_pair, fake_pair)
        return loss, fake, real

    def _weight_d(self) -> float:
        return 0.5 if self.settings.halve_d_loss else 1.0

    def loss_g(self, real_b: Tensor, fake_b: Tensor, fake_logits: Tensor) -> tuple[Tensor, ...]:
        """What G minimises, and its terms."""
        weighted, gan, l1 = self._terms_g(real_b, fake_b, fake_logits)
        if self._perceptual is None:
            return weighted, gan, l1
        perceptual = self._perceptual(fake_b.float(), real_b)
        return weighted + self.settings.lambda_perceptual * perceptual, gan, l1, perceptual

    def _terms_g(self, real_b: Tensor, fake_b: Tensor, fake_logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        gan = generator_loss(self.settings.gan_mode, fake_logits.float())
        l1 = (fake_b.float() - real_b).abs().mean()
        return self.settings.lambda_gan * gan + self.settings.lambda_l1 * l1, gan, l1
