"""The training loop: prepared images -> a trained generator. A checkpoint can resume at any step."""

import copy
import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.augment import EpochPlan
from pix2pix.data.dataset import ImageDataset
from pix2pix.errors import UserError
from pix2pix.models.build import build_networks
from pix2pix.models.inference_mode import prepare_for_inference
from pix2pix.system.terminal import say
from pix2pix.train.callbacks import Callback
from pix2pix.train.checkpoint import Checkpoint
from pix2pix.train.data_loader import DataLoader
from pix2pix.train.distributed import SINGLE_PROCESS, Distributed
from pix2pix.train.ema import EMA
from pix2pix.train.engine import Step, captured
from pix2pix.train.losses import Perceptual, loss_names
from pix2pix.train.profile import StepProfiler
from pix2pix.train.progress import Progress, Trained
from pix2pix.train.sample_sheets import sample_epochs
from pix2pix.train.schedule import lr_factor
from pix2pix.train.start import Start, freeze, start_from
from pix2pix.train.step import TrainingStep
from pix2pix.train.validation import inference_norm, validation_l1

_CHECK_STEPS = 50  # on CUDA: read losses and exchange flags every so many steps, because both make the host wait for the device
_SAVE_SHARE = 0.01  # largest share of the time spent on saving checkpoints


class Interrupted(KeyboardInterrupt):
    """The training was stopped and its checkpoint is saved."""


class Training:
    """Trains one configuration."""

    def __init__(
        self,
        train: ImageDataset,
        val: ImageDataset | None,
        model: ModelSettings,
        settings: TrainSettings,
        *,
        seed: int,
        device: torch.device,
        checkpoint: Checkpoint | None = None,
        callbacks: Sequence[Callback] = (),
        stop: Callable[[], bool] = lambda: False,
        distributed: Distributed = SINGLE_PROCESS,
        perceptual: Perceptual | None = None,
        start: Start | None = None,
    ) -> None:
        """Create a training in every process; only rank 0 passes `checkpoint` and `callbacks`.

        stop: called after every step (on CUDA with several processes every 50 steps); the training stops when it returns True.
        perceptual: needed if `settings.lambda_perceptual` is above 0.
        start: model that the training starts from (see `start_from`); None: random weights.
        """
        self.settings, self.seed, self.checkpoint, self.callbacks, self.stop, self.val = settings, seed, checkpoint, callbacks, stop, val
        self.device, self.distributed = device, distributed
        generator, discriminator = build_networks(train.planes.channels_in, train.planes.channels_out, model, seed)
        self.model, self.start = model, start
        freeze(generator, settings.freeze)
        self.step = TrainingStep(
            generator, discriminator, settings, train.planes, model.crop_size, device, distributed=distributed, perceptual=perceptual
        )
        self.ema = EMA(self.step.generator, settings.ema)
        self.loader = DataLoader(train, settings.batch_size, device, distributed)
        self.norm = inference_norm(settings, distributed)
        self.margin = train.height - model.crop_size
        self.progress = Progress()
        profiled = settings.profile_steps if distributed.is_rank0 else 0
        self.profiler = StepProfiler(profiled, device, checkpoint.profile_folder if checkpoint else Path(), self._on_profile)
        self._saved_at, self._save_seconds = time.monotonic(), 0.0

    def run(self) -> Trained:
        """Train to the last epoch and return the result.

        Raises Interrupted after `stop()` returned True, and UserError when a loss is not finite.
        """
        resumed = self._load()
        if not resumed:
            # dropout: one seed per process; a resumed training restores the RNG state instead
            torch.manual_seed(self.seed + self.distributed.rank * 1_000_003)
            self._start()
        step = captured(self.step, self.settings, self.device, self.distributed.world_size)
        for callback in self.callbacks:
            callback.on_train_start(self.settings.epochs, self.loader.steps(), self.progress.epoch, self.progress.step, self.progress.rows)
        if self.settings.samples and not self.progress.rows and not self.progress.step:
            self._samples(0, prepare_for_inference(self.ema.network(), self.norm))
        while self.progress.epoch <= self.settings.epochs:
            self._epoch(step)
        self.profiler.finish()
        if self.settings.keep_state:
            self._save()
        return self._trained(resumed)

    def _trained(self, resumed: bool) -> Trained:
        last, best, other = self.ema.network(), self.progress.best, None
        generator = last
        if best.get("epoch") not in (None, self.settings.epochs):  # there is a validation split, and an earlier epoch is the best
            other = copy.deepcopy(last)
            other.load_state_dict(best["weights"])
            if self.settings.keep == "best":
                generator, other = other, last
        exact = self.settings.keep_discriminator and generator is self.step.generator
        return Trained(generator, self.step.discriminator, self.step.moments() if exact else {}, self.progress.rows, resumed, other)

    def _start(self) -> None:
        """Start from another model, if one is given: every process reads it, and `start_from` notices where they would differ."""
        if self.start is not None:
            taken = start_from(self.step, self.model, self.start)
            self.ema.load_state(self.step.generator.state_dict())
            if self.distributed.is_rank0:
                say(taken)

    def _epoch(self, step: Step) -> None:
        progress, settings = self.progress, self.settings
        plan = EpochPlan.draw(len(self.loader.dataset), margin=self.margin, flip=settings.flip, seed=self.seed, epoch=progress.epoch)
        lr = settings.lr * lr_factor(settings.lr_policy, progress.epoch, settings.epochs)
        self.step.set_lr(lr)
        began, shown, unread = time.monotonic(), 0, []
        for batch in self.loader.batches(plan, progress.step):
            losses = step(*batch)
            self.ema.update()
            unread.append(losses)
            images = self.loader.images(progress.step)
            progress.step += 1
            shown += images
            for callback in self.callbacks:
                callback.on_step(images, partial(self._named, losses))
            self.profiler.step()
            if len(unread) >= (1 if self.device.type == "cpu" else _CHECK_STEPS):
                self._read(unread, plan)
            self._stop_or_save(progress.step, unread, plan)
        self._read(unread, plan)
        self._end_epoch(lr, time.monotonic() - began, shown)
        self._stop_or_save(0, [], plan)

    def _on_profile(self, trace: Path) -> None:
        for callback in self.callbacks:
            callback.on_profile(trace)

    def _read(self, unread: list[Tensor], plan: EpochPlan) -> None:
        """Copy the losses from the device. Raises UserError at the first one that is not finite."""
        if unread:
            for values in torch.stack(unread).tolist():
                if not all(math.isfinite(value) for value in values):
                    self._not_finite(values, plan)
                self.progress.losses.append(values)
        unread.clear()

    def _named(self, losses: Tensor) -> dict[str, float]:
        return dict(zip(loss_names(self.settings), losses.tolist(), strict=True))

    def _not_finite(self, values: list[float], plan: EpochPlan) -> None:
        step = len(self.progress.losses)
        named = ", ".join(f"{name} = {value}" for name, value in zip(loss_names(self.settings), values, strict=True))
        raise UserError(
            f"epoch {self.progress.epoch}, step {step + 1}: a loss is not a finite number ({named}); the batch was "
            f"{', '.join(self.loader.names(plan, step)[:8])}. Lower train.lr, use train.precision=fp32, or look at these images; "
            "nothing of this training is published"
        )

    def _end_epoch(self, lr: float, seconds: float, images: int) -> None:
        generator, epoch = prepare_for_inference(self.ema.network(), self.norm), self.progress.epoch
        row = self.progress.end_epoch(
            loss_names(self.settings), validation_l1(generator, self.val, self.device, self.distributed), lr, self.ema.network()
        )
        for callback in self.callbacks:
            callback.on_epoch_end(row, seconds, images)
        if epoch in sample_epochs(self.settings):
            self._samples(epoch, generator)

    def _samples(self, epoch: int, generator: nn.Module) -> None:
        if self.callbacks:
            discriminator = prepare_for_inference(self.step.discriminator, self.norm)
            for callback in self.callbacks:
                callback.on_samples(epoch, generator, discriminator)

    def _stop_or_save(self, step: int, unread: list[Tensor], plan: EpochPlan) -> None:
        """Save if a save is due in any process; save and raise Interrupted if any is to stop. All processes do the same."""
        if self.distributed.world_size > 1 and self.device.type == "cuda" and step % _CHECK_STEPS:
            return
        # at the end of an epoch a single process waits for the next step; with several an epoch may be shorter than _CHECK_STEPS
        asks = step > 0 or self.distributed.world_size > 1
        stop, save = self.distributed.all_reduce_any(asks and self.stop(), self.distributed.is_rank0 and self._save_due())
        if stop or save:
            self._read(unread, plan)
            self._save()
        if stop:
            where = f"epoch {self.progress.epoch} of {self.settings.epochs}, at step {self.progress.step}"
            raise Interrupted(f"stopped in {where}; the checkpoint is saved")

    def _save_due(self) -> bool:
        wait = max(self.settings.checkpoint_seconds, self._save_seconds / _SAVE_SHARE)
        return time.monotonic() - self._saved_at >= wait

    def _save(self) -> None:
        began = time.monotonic()
        random = {"cpu": torch.get_rng_state()}
        if self.device.type == "cuda":
            random["cuda"] = torch.cuda.get_rng_state(self.device)
        networks = self.step.state()
        pool = {name: value.cpu() for name, value in networks.pop("pool").items()}
        processes = self.distributed.all_gather({"random": random, "pool": pool})
        if self.checkpoint is not None:
            self.checkpoint.save(
                {"networks": networks, "average": self.ema.state(), "processes": processes, "progress": self.progress.state()}
            )
        self._saved_at = time.monotonic()
        self._save_seconds = self._saved_at - began

    def _load(self) -> bool:
        saved = self.distributed.broadcast(self.checkpoint.load() if self.checkpoint is not None else None)
        if saved is None:
            return False
        own = saved["processes"][self.distributed.rank]
        self.step.load_state({**saved["networks"], "pool": own["pool"]})
        self.ema.load_state(saved["average"])
        torch.set_rng_state(own["random"]["cpu"])
        if self.device.type == "cuda":
            torch.cuda.set_rng_state(own["random"]["cuda"], self.device)
        self.progress = Progress(**saved["progress"])
        return True
