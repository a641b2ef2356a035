"""Who is told how a training goes."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from torch import nn

Row = dict[str, float | int]


class Observer(Protocol):
    """Who is told how a training goes. Nothing an observer does changes the result."""

    def started(self, epochs: int, steps: int, epoch: int, step: int) -> None:
        """Training begins, or goes on, at `step` of `epoch`; `epochs` of `steps` batches in all."""

    def stepped(self, images: int, losses: Callable[[], list[float]]) -> None:
        """A batch of `images` is done, all of the team's; `losses()` reads its losses, in the order of `loss_names`."""

    def sampled(self, epoch: int, generator: nn.Module, discriminator: nn.Module) -> None:
        """`ready` networks as they are after `epoch`, when sample pictures are due."""

    def epoch_ended(self, row: Row, seconds: float, images: int) -> None:
        """A row of the history is complete; `images` were trained on in `seconds`."""

    def profiled(self, trace: Path) -> None:
        """A trace of `train.profile_steps` updates is written."""
