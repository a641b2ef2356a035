"""An update's forward passes and losses, fused."""

import torch
from torch import Tensor, nn

from pix2pix.config.train_settings import TrainSettings
from pix2pix.training.fused.losses import adversarial_d, adversarial_g, l1_loss
from pix2pix.training.fused.networks import fused_discriminator, fused_generator
from pix2pix.training.overlap import InOrder, Overlap
from pix2pix.training.passes import Passes, Perceptual


class FusedPasses(Passes):
    """Each pass that has a fused form in it; D looks at fakes and real pairs at once, and each half is normalised by itself."""

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        settings: TrainSettings,
        order: InOrder | Overlap,
        perceptual: Perceptual | None = None,
    ) -> None:
        super().__init__(generator, discriminator, settings, order, perceptual)
        self._translated, self._judged = fused_generator(generator), fused_discriminator(discriminator)

    def translated(self, real_a: Tensor) -> Tensor:
        """As the plain pass."""
        return super().translated(real_a) if self._translated is None else self._translated(real_a)

    def judged(self, real_a: Tensor, b: Tensor) -> Tensor:
        """As the plain pass."""
        if self._judged is None:
            return super().judged(real_a, b)
        return self._judged(self._shown(real_a, b), 1)

    def loss_d(self, real_a: Tensor, real_b: Tensor, fake_b: Tensor, fake_logits: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """As the plain pass."""
        if self._judged is None or fake_logits is not None:
            return super().loss_d(real_a, real_b, fake_b, fake_logits)
        logits = self._judged(torch.cat([self._shown(real_a, fake_b), self._shown(real_a, real_b)]), 2)
        return adversarial_d(self.settings.gan_mode, logits, self._weight_d())

    def _terms_g(self, real_b: Tensor, fake_b: Tensor, fake_logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        weighted_gan, gan = adversarial_g(self.settings.gan_mode, fake_logits, self.settings.lambda_gan)
        weighted_l1, l1 = l1_loss(fake_b, real_b, self.settings.lambda_l1)
        return weighted_gan + weighted_l1, gan, l1
