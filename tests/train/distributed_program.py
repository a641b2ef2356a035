"""What each of several processes runs in the tests: `torchrun … -m tests.train.distributed_program folder [key=value …]`."""

import json
import os
import signal
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import torch

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.dataset import ImageDataset
from pix2pix.train.callbacks import Callback
from pix2pix.train.checkpoint import Checkpoint
from pix2pix.train.distributed import process_group
from pix2pix.train.loop import Training

# without dropout, which every process draws for itself
MODEL = ModelSettings(ngf=4, ndf=4, crop_size=32, dropout=0.0)
SETTINGS = TrainSettings(epochs=2, batch_size=4, checkpoint_seconds=1e-9, adam="loop")


class Dying(Callback):
    """Kills its process after some steps; with 0 never."""

    def __init__(self, after: int) -> None:
        self.left = after

    def on_step(self, *_: object) -> None:
        """A batch is done."""
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main(folder: Path, **changed: object) -> None:
    """Train, and an epoch with statistics of each process's own part; leave weights and history of process 0 in `folder`."""
    torch.set_num_threads(1)
    dies = changed.pop("dies", [0, 0])  # which process, after how many steps
    settings = replace(SETTINGS, **changed)  # type: ignore[arg-type]
    stores = ImageDataset(folder / "train"), ImageDataset(folder / "val")
    with process_group(torch.device("cpu"), settings.batch_size) as (distributed, device):
        callback = Dying(dies[1] if distributed.rank == dies[0] else 0)  # type: ignore[index]

        def train(settings: TrainSettings, checkpoint: Checkpoint | None = None) -> Training:
            training = Training(
                *stores, MODEL, settings, seed=1, device=device, checkpoint=checkpoint, callbacks=[callback], distributed=distributed
            )
            training.run()
            return training

        with Checkpoint(folder / "state", "key") if distributed.is_rank0 else nullcontext() as checkpoint:
            training = train(settings, checkpoint)
        apart = train(replace(settings, sync_batch_norm=False, epochs=1))
        if distributed.is_rank0:
            networks = {"g": training.step.generator.state_dict(), "d": training.step.discriminator.state_dict()}
            torch.save({"networks": networks, "rows": training.progress.rows, "apart": apart.progress.rows}, folder / "result.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), **{key: json.loads(value) for key, _, value in (word.partition("=") for word in sys.argv[2:])})
