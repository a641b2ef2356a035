"""One update of both networks: the same function on the CPU, on CUDA, inside a captured graph and in every process of many.

The order is the PyTorch reference's: G once, D on fake and real, D's update, D anew on the fake for G, G's update.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.augment import crop_and_flip
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.train.distributed import ALONE, Team
from pix2pix.train.engine.adam import Adam
from pix2pix.train.engine.streams import InOrder, Overlap
from pix2pix.train.image_pool import ImagePool
from pix2pix.train.passes import Passes, Perceptual
from pix2pix.train.sync_batch_norm import synchronise

LOSSES = ("loss_g_gan", "loss_g_l1", "loss_d_real", "loss_d_fake")
PERCEPTUAL_LOSS = "loss_g_perceptual"  # comes last, where train.lambda_perceptual is above 0


def loss_names(settings: TrainSettings) -> tuple[str, ...]:
    """What a step's losses are, in order."""
    return (*LOSSES, PERCEPTUAL_LOSS) if settings.lambda_perceptual else LOSSES


class TrainingStep:
    """Networks, optimisers and one update of them."""

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        settings: TrainSettings,
        planes: ColourPlanes,
        crop_size: int,
        device: torch.device,
        *,
        team: Team = ALONE,
        perceptual: Perceptual | None = None,
        overlap: bool | None = None,
    ) -> None:
        """`perceptual` is needed, on `device`, where `settings.lambda_perceptual` is above 0.

        `overlap`: see pix2pix.train.engine.streams; where the recipe allows it, by default on CUDA, and on the CPU unless PyTorch is set
        to deterministic algorithms, when a machine's result is to be every machine's: MKL's products that promise that are slow.
        """
        if team.size > 1 and settings.sync_batch_norm:
            generator, discriminator = synchronise(generator, team), synchronise(discriminator, team)
        layout_in_memory = torch.channels_last if settings.channels_last else torch.contiguous_format
        self.generator = generator.to(device, memory_format=layout_in_memory).train()  # type: ignore[call-overload]
        self.discriminator = discriminator.to(device, memory_format=layout_in_memory).train()  # type: ignore[call-overload]
        self.settings, self.planes, self.crop_size, self.device = settings, planes, crop_size, device
        self._team = team
        self.optimizer_g = _adam(self.generator.parameters(), settings, device)
        self.optimizer_d = _adam(self.discriminator.parameters(), settings, device)
        self.pool = ImagePool(settings.pool_size)
        free = device.type == "cuda" or torch.get_deterministic_debug_mode() == 0
        able = overlaps(settings, team)
        self._order = Overlap(device) if able and (free if overlap is None else overlap) else InOrder()
        self._passes = Passes(self.generator, self.discriminator, settings, self._order, perceptual)
        self._memory_format = layout_in_memory
        self._parameters_g = list(self.generator.parameters())
        self._parameters_d = list(self.discriminator.parameters())
        networks = (self.generator, self.discriminator)
        self._statistics = [buffer for network in networks for buffer in network.buffers() if buffer.is_floating_point()]

    def set_lr(self, lr: float) -> None:
        """Learning rate of both networks from the next update on."""
        for optimizer in (self.optimizer_g, self.optimizer_d):
            for group in optimizer.param_groups:
                if isinstance(group["lr"], Tensor):
                    group["lr"].fill_(lr)  # a captured graph reads it where it lies
                else:
                    group["lr"] = lr

    def __call__(self, images: Tensor, top: Tensor, left: Tensor, flip: Tensor, share: float = 1.0) -> Tensor:
        """Update both networks on a batch as stored, (N, planes, load, load), with its crops and mirrors, (N,) each.

        In a team the images are this process's part of the batch, and `share` is their weight in it.
        Returns the losses before the update, float32, in the order of `loss_names`, on the device: nothing is read by the host.
        With `accumulate` above 1 the batch is worked in so many parts of equal size, and G is scored by D before its update.
        """
        if self.device.type == "cuda":  # PyTorch's own default is TF32 in convolutions and fp32 elsewhere
            torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = self.settings.precision != "fp32"
        self.optimizer_g.zero_grad(set_to_none=True)
        self.optimizer_d.zero_grad(set_to_none=True)
        batch = crop_and_flip(images, top, left, flip, self.crop_size)
        if self.settings.d_fake_for_g == "fresh" and self.settings.accumulate == 1:
            return self._told(self._update_fresh(batch, share), share)
        parts = torch.chunk(batch, self.settings.accumulate)
        losses = torch.stack([self._add_gradients(part, len(part) / len(batch), share) for part in parts])
        self._add_up(self._parameters_d)
        self.optimizer_d.step()
        self._add_up(self._parameters_g)
        self.optimizer_g.step()
        return self._told(losses.sum(0), share)

    def _add_up(self, parameters: Sequence[nn.Parameter]) -> None:
        """Gradients of the whole batch, from those of the team's parts, which carry their shares already."""
        self._team.sum_([parameter.grad for parameter in parameters if parameter.grad is not None])

    def _told(self, losses: Tensor, share: float) -> Tensor:
        """Losses of the whole batch; running statistics become the team's mean, so that all processes hold the same networks."""
        if self._team.size > 1:
            losses = losses * share
            torch._foreach_mul_(self._statistics, share)
            self._team.sum_([losses, *self._statistics])
        return losses

    def _pair(self, part: Tensor) -> tuple[Tensor, Tensor]:
        real_a, real_b = self.planes.split(part)
        return real_a.contiguous(memory_format=self._memory_format), real_b.contiguous(memory_format=self._memory_format)

    def _update_fresh(self, batch: Tensor, share: float) -> Tensor:
        """D is updated first, and then scores the same fake for G."""
        with self._autocast(), self._order.convolutions():
            real_a, real_b = self._pair(batch)
            fake_b = self._passes.translated(real_a)
            loss_d, d_fake, d_real = self._passes.loss_d(real_a, real_b, self.pool.exchange(fake_b.detach()))
        with self._order.gradients(self._parameters_d):
            _weighted(loss_d, share).backward(inputs=self._parameters_d)
        self._add_up(self._parameters_d)
        self.optimizer_d.step()
        with self._autocast(), self._order.convolutions():
            loss_g, g_gan, g_l1, *more = self._passes.loss_g(real_b, fake_b, self._passes.judged(real_a, fake_b))
        with self._order.gradients(self._parameters_g, self._update_g):
            _weighted(loss_g, share).backward(inputs=self._parameters_g)
        self._add_up(self._parameters_g)
        self._update_g()
        return torch.stack([g_gan, g_l1, d_real, d_fake, *more]).detach()

    def _update_g(self) -> None:
        """Update G's weights that have their gradients; these are taken away, so that a later call updates the others alone."""
        self.optimizer_g.step()
        self.optimizer_g.zero_grad(set_to_none=True)

    def _add_gradients(self, part: Tensor, of_batch: float, share: float) -> Tensor:
        """One pass of D over the fake serves both losses, as in the TensorFlow program; adds gradients, updates nothing."""
        with self._autocast():
            real_a, real_b = self._pair(part)
            fake_b = self._passes.translated(real_a)
            fake_logits = self._passes.judged(real_a, fake_b)
            loss_d, d_fake, d_real = self._passes.loss_d(real_a, real_b, fake_b.detach(), fake_logits)
            loss_g, g_gan, g_l1, *more = self._passes.loss_g(real_b, fake_b, fake_logits)
        _weighted(loss_d * of_batch, share).backward(inputs=self._parameters_d, retain_graph=True)
        _weighted(loss_g * of_batch, share).backward(inputs=self._parameters_g)
        return torch.stack([g_gan, g_l1, d_real, d_fake, *more]).detach() * of_batch

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.settings.precision == "bf16")

    def state(self) -> dict[str, dict[str, Any]]:
        """Everything that an update changes, for `load_state`."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "optimizer_g": self.optimizer_g.state_dict(),
            "optimizer_d": self.optimizer_d.state_dict(),
            "pool": self.pool.state(),
        }

    def load_state(self, state: dict[str, dict[str, Tensor]]) -> None:
        """Go on from where `state()` was taken."""
        self.generator.load_state_dict(state["generator"])
        self.discriminator.load_state_dict(state["discriminator"])
        for optimizer, saved in ((self.optimizer_g, state["optimizer_g"]), (self.optimizer_d, state["optimizer_d"])):
            rates = [group["lr"] for group in optimizer.param_groups]
            optimizer.load_state_dict(saved)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                # the tensor on the device: what was loaded lies on the CPU, where a graph would read it once and never again
                group["lr"] = rate
        self.pool.load_state({name: value.to(self.device) for name, value in state["pool"].items()})


def overlaps(settings: TrainSettings, team: Team) -> bool:
    """Whether an update of this recipe can be done with Overlap: nothing is added up in parts, and nothing differentiated twice."""
    return team.size == 1 and settings.accumulate == 1 and settings.d_fake_for_g == "fresh" and settings.gan_mode != "wgangp"


def _weighted(loss: Tensor, share: float) -> Tensor:
    return loss if share == 1.0 else loss * share


def _adam(parameters: Iterable[nn.Parameter], settings: TrainSettings, device: torch.device) -> torch.optim.Adam:
    on_cuda = device.type == "cuda"
    kind = torch.optim.Adam if on_cuda else Adam
    return kind(
        parameters,
        lr=torch.tensor(settings.lr, device=device) if on_cuda and settings.adam == "fused" else settings.lr,
        betas=(settings.beta1, settings.beta2),
        fused=settings.adam == "fused",
        foreach=False if settings.adam == "loop" else None,
        capturable=on_cuda and settings.adam == "fused",
    )
