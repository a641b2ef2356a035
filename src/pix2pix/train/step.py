"""One update of both networks. The code is the same on the CPU, on CUDA, inside a captured CUDA graph and in each distributed process.

The order is that of the PyTorch reference (junyanz/pytorch-CycleGAN-and-pix2pix): G's forward pass, D on fake and real, D's update, the
updated D on the same fake, G's update. `TrainingStep._update` holds this order; pix2pix.train.engine only makes it faster.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.augment import crop_and_flip
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.train.augment import augment_pair
from pix2pix.train.distributed import SINGLE_PROCESS, Distributed
from pix2pix.train.engine import Engine, choose_engine, make_adam, moments, state_of_moments
from pix2pix.train.image_pool import ImagePool
from pix2pix.train.losses import GAN_MODES, Perceptual, discriminator_loss, generator_loss
from pix2pix.train.sync_batch_norm import convert_sync_batch_norm


class TrainingStep:
    """Both networks with their optimisers; a call makes one update."""

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        settings: TrainSettings,
        planes: ColourPlanes,
        crop_size: int,
        device: torch.device,
        *,
        distributed: Distributed = SINGLE_PROCESS,
        perceptual: Perceptual | None = None,
        engine: Engine | None = None,
    ) -> None:
        """Move the networks to `device` and create their optimisers.

        planes: colour planes of the stored images. perceptual: on `device`, needed if `settings.lambda_perceptual` is above 0.
        engine: None means `choose_engine`'s.
        """
        if distributed.world_size > 1 and settings.sync_batch_norm:
            generator, discriminator = (convert_sync_batch_norm(network, distributed) for network in (generator, discriminator))
        self._memory_format = torch.channels_last if settings.channels_last else torch.contiguous_format
        self.generator = generator.to(device, memory_format=self._memory_format).train()  # type: ignore[call-overload]
        self.discriminator = discriminator.to(device, memory_format=self._memory_format).train()  # type: ignore[call-overload]
        self.settings, self.planes, self.crop_size, self.device = settings, planes, crop_size, device
        self._distributed = distributed
        self._perceptual = perceptual if settings.lambda_perceptual else None
        self._parameters_g = [parameter for parameter in self.generator.parameters() if parameter.requires_grad]
        self._parameters_d = list(self.discriminator.parameters())
        self.optimizer_g = make_adam(self._parameters_g, settings, device)
        self.optimizer_d = make_adam(self._parameters_d, settings, device)
        self.pool = ImagePool(settings.pool_size)
        self._engine = engine or choose_engine(settings, device, distributed.world_size)
        self._generate = self._engine.compiled(self.generator)
        # torch.compile does not support the second derivative that a gradient penalty needs
        self._loss_d = self._d_loss if GAN_MODES[settings.gan_mode].penalty else self._engine.compiled(self._d_loss)
        self._loss_g = self._engine.compiled(self._g_loss, constant=self._parameters_d)
        buffers = [*self.generator.buffers(), *self.discriminator.buffers()]
        self._statistics = [buffer for buffer in buffers if buffer.is_floating_point()]

    def __call__(self, images: Tensor, top: Tensor, left: Tensor, flip: Tensor, weight: float = 1.0) -> Tensor:
        """Update both networks on one batch and return its losses.

        images: stored images, (N, planes, load_size, load_size) uint8. top, left, flip: crop offsets and mirroring, (N,) each.
        weight: with several processes, the share of the batch's images that this process's shard holds.

        Returns float32 losses in the order of `loss_names`, on the device, so that the host does not wait. D's losses are from before its
        update; G's use the updated D, or with `_update_shared` the D from before.
        """
        if self.device.type == "cuda":  # PyTorch's default is TF32 for convolutions, fp32 for matrix products
            torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = self.settings.precision != "fp32"
        self.optimizer_g.zero_grad(set_to_none=True)
        self.optimizer_d.zero_grad(set_to_none=True)
        batch = crop_and_flip(images, top, left, flip, self.crop_size)
        if self.settings.d_fake_for_g == "shared" or self.settings.accumulate > 1:
            losses = self._update_shared(batch, weight)
        else:
            losses = self._update(*self._split(batch), weight)
        return self._all_reduce_losses(losses, weight)

    def _update(self, real_a: Tensor, real_b: Tensor, weight: float) -> Tensor:
        """Update D, then G against the updated D. real_a, real_b: (N, C, crop_size, crop_size) float32 in [-1, 1]."""
        with self._autocast(), self._engine.forward():
            fake_b = self._generate(real_a)
            loss_d, d_real, d_fake = self._loss_d(real_a, real_b, self.pool.exchange(fake_b.detach()))
        self._engine.backward(_weighted(loss_d, weight), self._parameters_d)
        self._all_reduce_gradients(self._parameters_d)
        self.optimizer_d.step()
        with self._autocast(), self._engine.forward():
            loss_g, *g_terms = self._loss_g(real_a, real_b, fake_b)
        self._engine.backward(_weighted(loss_g, weight), self._parameters_g, self._update_g)
        self._all_reduce_gradients(self._parameters_g)
        self._update_g()
        return _stacked(g_terms, d_real, d_fake)

    def _d_loss(self, real_a: Tensor, real_b: Tensor, fake_b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """D's loss and its parts on real pairs and on fakes. `fake_b` is detached."""
        pairs = self._pair(real_a, fake_b), self._pair(real_a, real_b)
        loss, d_real, d_fake = discriminator_loss(self.settings, *self._engine.discriminate(self.discriminator, *pairs))
        if penalty := GAN_MODES[self.settings.gan_mode].penalty:
            loss = loss + penalty(self.discriminator, torch.cat([real_a, real_b], dim=1), torch.cat([real_a, fake_b], dim=1))
        return loss, d_real, d_fake

    def _g_loss(self, real_a: Tensor, real_b: Tensor, fake_b: Tensor) -> tuple[Tensor, ...]:
        """G's loss and its terms."""
        fake_logits = self.discriminator(self._pair(real_a, fake_b))
        return generator_loss(self.settings, fake_logits, fake_b, real_b, self._perceptual)

    def _update_shared(self, batch: Tensor, weight: float) -> Tensor:
        """Update both networks from one forward pass of D over the fakes, as in the TensorFlow implementation (affinelayer).

        The batch is split into `accumulate` parts, whose gradients are added up; each part weighs by its number of images.
        """
        losses = []
        for part in torch.chunk(batch, self.settings.accumulate):
            of_batch = len(part) / len(batch)
            with self._autocast(), self._engine.forward():
                real_a, real_b = self._split(part)
                fake_b = self._generate(real_a)
                fake_logits = self.discriminator(self._pair(real_a, fake_b))
                real_logits = self.discriminator(self._pair(real_a, real_b))
                loss_d, d_real, d_fake = discriminator_loss(self.settings, fake_logits, real_logits)
                loss_g, *g_terms = generator_loss(self.settings, fake_logits, fake_b, real_b, self._perceptual)
            _weighted(loss_d * of_batch, weight).backward(inputs=self._parameters_d, retain_graph=True)
            _weighted(loss_g * of_batch, weight).backward(inputs=self._parameters_g)
            losses.append(_stacked(g_terms, d_real, d_fake) * of_batch)
        for parameters, optimizer in ((self._parameters_d, self.optimizer_d), (self._parameters_g, self.optimizer_g)):
            self._all_reduce_gradients(parameters)
            optimizer.step()
        return torch.stack(losses).sum(0)

    def _split(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        real_a, real_b = self.planes.split(batch)
        return real_a.contiguous(memory_format=self._memory_format), real_b.contiguous(memory_format=self._memory_format)

    def _pair(self, real_a: Tensor, b: Tensor) -> Tensor:
        """Concatenate input with target or fake along the channels, and augment: the input of D."""
        return augment_pair(torch.cat([real_a, b], dim=1), real_a.shape[1], self.settings.augment_d)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.settings.precision == "bf16")

    def _update_g(self) -> None:
        """Update G's weights that have a gradient, then drop the gradients, so that a second call updates only the rest."""
        self.optimizer_g.step()
        self.optimizer_g.zero_grad(set_to_none=True)

    def _all_reduce_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Sum the gradients over the processes. The losses are weighted, so the sum is that of the whole batch."""
        self._distributed.all_reduce_sum_([parameter.grad for parameter in parameters if parameter.grad is not None])

    def _all_reduce_losses(self, losses: Tensor, weight: float) -> Tensor:
        """Return the losses of the whole batch, and average running statistics, so that all processes hold the same networks."""
        if self._distributed.world_size > 1:
            losses = losses * weight
            torch._foreach_mul_(self._statistics, weight)
            self._distributed.all_reduce_sum_([losses, *self._statistics])
        return losses

    def set_lr(self, lr: float) -> None:
        """Set the learning rate of both networks, from the next update on."""
        for optimizer in (self.optimizer_g, self.optimizer_d):
            for group in optimizer.param_groups:
                if isinstance(group["lr"], Tensor):
                    group["lr"].fill_(lr)  # in place: a captured graph reads this tensor
                else:
                    group["lr"] = lr

    def state(self) -> dict[str, dict[str, Any]]:
        """Return everything that an update changes, for `load_state`."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "optimizer_g": self.optimizer_g.state_dict(),
            "optimizer_d": self.optimizer_d.state_dict(),
            "pool": self.pool.state(),
        }

    def load_state(self, state: dict[str, dict[str, Tensor]]) -> None:
        """Restore a state from `state`."""
        self.generator.load_state_dict(state["generator"])
        self.discriminator.load_state_dict(state["discriminator"])
        self._load_optimizers(state["optimizer_g"], state["optimizer_d"])
        self.pool.load_state({name: value.to(self.device) for name, value in state["pool"].items()})

    def moments(self) -> dict[str, Tensor]:
        """Adam's state of both networks by `generator.<parameter>.exp_avg`, …, in any engine and memory format the same."""
        return {name: value for optimizer, names in self._optimizers() for name, value in moments(optimizer, names).items()}

    def load_moments(self, saved: Mapping[str, Tensor]) -> bool:
        """Restore a state from `moments`. False, and no change, if it lacks a parameter that is trained here."""
        states = [state_of_moments(optimizer, names, saved) for optimizer, names in self._optimizers()]
        if None in states:
            return False
        self._load_optimizers(*states)
        return True

    def _optimizers(self) -> list[tuple[torch.optim.Adam, list[str]]]:
        """Both optimisers with the names of their parameters."""
        networks = {"generator": (self.generator, self.optimizer_g), "discriminator": (self.discriminator, self.optimizer_d)}
        return [
            (optimizer, [f"{part}.{name}" for name, parameter in network.named_parameters() if parameter.requires_grad])
            for part, (network, optimizer) in networks.items()
        ]

    def _load_optimizers(self, *states: Any) -> None:
        """Load state dicts of G's and D's optimiser."""
        for optimizer, saved in zip((self.optimizer_g, self.optimizer_d), states, strict=True):
            rates = [group["lr"] for group in optimizer.param_groups]
            optimizer.load_state_dict(saved)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate  # keep the device tensor that a captured graph reads; the loaded one is on the CPU


def _weighted(loss: Tensor, weight: float) -> Tensor:
    return loss if weight == 1.0 else loss * weight


def _stacked(g_terms: Sequence[Tensor], d_real: Tensor, d_fake: Tensor) -> Tensor:
    """Stack the losses in the order of `loss_names`."""
    g_gan, g_l1, *more = g_terms
    return torch.stack([g_gan, g_l1, d_real, d_fake, *more]).detach()
