"""Training callbacks, named as in Lightning and Keras."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from torch import nn

Row = dict[str, float | int]


class Callback(Protocol):
    """Hooks that the training loop calls. No hook changes the result; a subclass overrides the hooks it needs."""

    def on_train_start(self, epochs: int, steps: int, epoch: int, step: int, rows: Sequence[Row]) -> None:
        """Training starts or resumes at `step` (from 0) of `epoch` (from 1), out of `epochs` epochs of `steps` batches each.

        rows: the rows of the history until now, empty at the start.
        """
        return

    def on_step(self, images: int, losses: Callable[[], Mapping[str, float]]) -> None:
        """A batch is done. `images`: its size, over all processes. `losses()`: its losses by name.

        Calling `losses` copies from the device, so the host waits for the GPU.
        """
        return

    def on_epoch_end(self, row: Row, seconds: float, images: int) -> None:
        """An epoch is done. `row`: its row of the history. The epoch trained on `images` images in `seconds`."""
        return

    def on_samples(self, epoch: int, generator: nn.Module, discriminator: nn.Module) -> None:
        """Sample sheets are due after `epoch`; 0 is before the training. Both networks are copies prepared for inference."""
        return

    def on_sample_sheet(self, name: str, sheet: Path, epoch: int) -> None:
        """A sample sheet is written to the file `sheet`. `name`: "samples" or "patches"."""
        return

    def on_profile(self, trace: Path) -> None:
        """The profiler wrote a trace of `train.profile_steps` updates to the file `trace`."""
        return

    def on_publish(self, model: Path, others: Mapping[str, Path]) -> None:
        """The trained model is saved in the folder `model`.

        others: "last" or "best" -> folder of that model, if it differs from the published one.
        """
        return
