"""What saving the resumable state costs a training."""

import statistics
import tempfile
from pathlib import Path

import torch

from benchmarks.interleave import take_turns
from benchmarks.ours import OurTraining
from benchmarks.row import Row
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.dataset import ImageDataset
from pix2pix.train.checkpoint import ResumableState


def row(where: str, store: ImageDataset, model: ModelSettings, device: torch.device) -> Row:
    """One save, with the best weights beside the present ones, over the least time between two.

    The loop waits checkpoint_seconds at least, and a hundred times as long as the last save took.
    """
    settings = TrainSettings(epochs=1, batch_size=1)
    training = OurTraining(store, model, settings, device)
    training.steps(2)
    content = {**training.training_step.state(), "best": training.training_step.generator.state_dict()}
    with tempfile.TemporaryDirectory() as folder, ResumableState(Path(folder), "key") as state:
        seconds = statistics.median(take_turns({"save": lambda: state.save(content)}, 3)["save"])
    between = max(settings.checkpoint_seconds, seconds / 0.01)
    share = f"{100 * seconds / between:.2f}% ({seconds:.2f} s every {between:.0f} s)"
    return Row(f"{where}: share of the time that saving takes", None, share)
