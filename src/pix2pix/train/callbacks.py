"""Hooks into a training, named as in Lightning and Keras."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from torch import nn

Row = dict[str, float | int]


class Callback(Protocol):
    """What is called as a training goes. No hook changes the result; a subclass overrides those it needs."""

    def on_train_start(self, epochs: int, steps: int, epoch: int, step: int) -> None:
        """Training starts, or resumes, at `step`, from 0, of `epoch`, from 1; `epochs` of `steps` batches in all."""
        return

    def on_step(self, images: int, losses: Callable[[], Mapping[str, float]]) -> None:
        """A batch of `images`, of all processes, is done; `losses()` reads its losses by name."""
        return

    def on_epoch_end(self, row: Row, seconds: float, images: int) -> None:
        """A row of the history is complete; `images` were trained on in `seconds`."""
        return

    def on_samples(self, epoch: int, generator: nn.Module, discriminator: nn.Module) -> None:
        """Sample sheets are due: the networks after `epoch`, prepared for inference."""
        return

    def on_sample_sheet(self, name: str, sheet: Path, epoch: int) -> None:
        """A sample sheet is written; `name` is samples or patches."""
        return

    def on_profile(self, trace: Path) -> None:
        """A trace of `train.profile_steps` updates is written."""
        return

    def on_publish(self, model: Path, others: Mapping[str, Path]) -> None:
        """The trained model is in the folder `model`; `others`: last or best, where it is another model than the published one."""
        return
