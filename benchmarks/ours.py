"""The training that is measured: as the loop of `train` runs it, without validation and sample sheets."""

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch

from benchmarks.timing import Row, take_turns
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.augment import EpochPlan
from pix2pix.data.dataset import ImageDataset
from pix2pix.models.build import build_networks
from pix2pix.train.checkpoint import Checkpoint
from pix2pix.train.data_loader import Batch, DataLoader
from pix2pix.train.engine import Engine, captured
from pix2pix.train.step import TrainingStep

_READ_EVERY = 50  # steps, on CUDA, as in pix2pix.train.loop


class OurTraining:
    """Data loader, step, and losses read as often as in pix2pix.train.loop."""

    def __init__(
        self, dataset: ImageDataset, model: ModelSettings, settings: TrainSettings, device: torch.device, *, engine: Engine | None = None
    ) -> None:
        """engine: None for the default."""
        networks = build_networks(dataset.planes.channels_in, dataset.planes.channels_out, model, seed=0)
        self.training_step = TrainingStep(*networks, settings, dataset.planes, model.crop_size, device, engine=engine)
        self.step = captured(self.training_step, settings, device)
        self.loader, self.device = DataLoader(dataset, settings.batch_size, device), device
        self._margin, self._flip = dataset.height - model.crop_size, settings.flip
        self.batches = self._endless()
        self._fixed: Batch | None = None

    def _endless(self) -> Iterator[Batch]:
        epoch = 0
        while True:
            epoch += 1
            plan = EpochPlan.draw(len(self.loader.dataset), margin=self._margin, flip=self._flip, seed=0, epoch=epoch)
            yield from self.loader.batches(plan, 0)

    def steps(self, count: int) -> None:
        """`count` updates of both networks, with data, finished on the device too."""
        self._run(self.batches, count)

    def steps_on_one_batch(self, count: int) -> None:
        """`count` updates on a batch that is loaded already."""
        self._fixed = fixed = self._fixed or next(self.batches)
        self._run(iter(lambda: fixed, None), count)

    def _run(self, batches: Iterator[Batch], count: int) -> None:
        for number in range(1, count + 1):
            losses = self.step(*next(batches))
            if self.device.type == "cpu" or number % _READ_EVERY == 0 or number == count:
                losses.tolist()


def checkpoint_row(where: str, dataset: ImageDataset, model: ModelSettings, device: torch.device) -> Row:
    """Time of a save, with the best weights beside the present ones, over the least time between two.

    The loop waits checkpoint_seconds at least, and a hundred times as long as the last save took.
    """
    settings = TrainSettings(epochs=1, batch_size=1)
    training = OurTraining(dataset, model, settings, device)
    training.steps(2)
    content = {**training.training_step.state(), "best": training.training_step.generator.state_dict()}
    with tempfile.TemporaryDirectory() as folder, Checkpoint(Path(folder), "key") as checkpoint:
        seconds = statistics.median(take_turns({"save": lambda: checkpoint.save(content)}, 3)["save"])
    between = max(settings.checkpoint_seconds, seconds / 0.01)
    return Row(
        f"{where}: share of the time that saving takes", None, f"{100 * seconds / between:.2f}% ({seconds:.2f} s every {between:.0f} s)"
    )
