"""Our training as its loop runs it, without validation and pictures: what is measured."""

from collections.abc import Iterator

import torch

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.augment import EpochPlan
from pix2pix.data.dataset import ImageDataset
from pix2pix.models.build import build_networks
from pix2pix.train.data_loader import Batch, Feed
from pix2pix.train.engine.cuda_graph import captured
from pix2pix.train.step import TrainingStep

_READ_EVERY = 50  # steps, on CUDA, as in pix2pix.train.loop


class OurTraining:
    """Feed, step, losses read as often as in pix2pix.train.loop."""

    def __init__(
        self, store: ImageDataset, model: ModelSettings, settings: TrainSettings, device: torch.device, *, overlap: bool | None = None
    ) -> None:
        networks = build_networks(store.planes.channels_in, store.planes.channels_out, model, seed=0)
        self.training_step = TrainingStep(*networks, settings, store.planes, model.crop_size, device, overlap=overlap)
        self.step = captured(self.training_step, settings, device)
        self.feed, self.device = Feed(store, settings.batch_size, device), device
        self._margin, self._flip = store.height - model.crop_size, settings.flip
        self._batches = self._endless()
        self._fixed: Batch | None = None

    def _endless(self) -> Iterator[Batch]:
        epoch = 0
        while True:
            epoch += 1
            plan = EpochPlan.draw(len(self.feed.store), margin=self._margin, flip=self._flip, seed=0, epoch=epoch)
            yield from self.feed.batches(plan, 0)

    def steps(self, count: int) -> None:
        """`count` updates of both networks, with data; ended on the device too."""
        self._work(self._batches, count)

    def steps_on_one_batch(self, count: int) -> None:
        """`count` updates on a batch that is there already."""
        self._fixed = fixed = self._fixed or next(self._batches)
        self._work(iter(lambda: fixed, None), count)

    def _work(self, batches: Iterator[Batch], count: int) -> None:
        for number in range(1, count + 1):
            losses = self.step(*next(batches))
            if self.device.type == "cpu" or number % _READ_EVERY == 0 or number == count:
                losses.tolist()
