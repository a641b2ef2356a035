"""Where a training is, with its history and its best epoch, and what it ends with."""

import math
from dataclasses import dataclass, field, fields
from typing import Any

from torch import Tensor, nn

from pix2pix.train.callbacks import Row


@dataclass
class Progress:
    """The position of a training in its epochs, with its history; part of the checkpoint."""

    epoch: int = 1
    step: int = 0
    rows: list[Row] = field(default_factory=list)
    losses: list[list[float]] = field(default_factory=list)  # one row per step of this epoch
    best: dict[str, Any] = field(default_factory=dict)  # val_l1, epoch and weights of the best epoch

    def end_epoch(self, names: tuple[str, ...], val_l1: float, lr: float, generator: nn.Module) -> Row:
        """Add the epoch's row to the history, keep its weights if it is the best so far, and move on to the next. Returns the row.

        names: of the losses. val_l1: NaN without a validation split. generator: whose weights may be the best.
        """
        columns = zip(*self.losses, strict=True)
        losses = {name: rounded(math.fsum(column) / len(self.losses)) for name, column in zip(names, columns, strict=True)}
        row: Row = {"epoch": self.epoch, **losses, "val_l1": val_l1, "lr": rounded(lr)}
        if val_l1 < self.best.get("val_l1", math.inf):
            weights = {name: value.clone() for name, value in generator.state_dict().items()}
            self.best = {"val_l1": val_l1, "epoch": self.epoch, "weights": weights}
        self.rows.append(row)
        self.epoch, self.step, self.losses = self.epoch + 1, 0, []
        return row

    def state(self) -> dict[str, Any]:
        """The fields, for a checkpoint; `Progress(**…)` restores them."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True)
class Trained:
    """Result of a training.

    Attributes:
        generator: the model to publish, as `train.keep` says.
        rows: the history, one row per epoch.
        discriminator: as it is after the last epoch.
        moments: Adam's state after it (see `TrainingStep.moments`); empty where it is not to be kept, or `generator` has other weights.
        resumed: whether the training resumed from a checkpoint.
        other: the last or the best model, if it differs from `generator`.
    """

    generator: nn.Module
    discriminator: nn.Module
    moments: dict[str, Tensor]
    rows: list[Row]
    resumed: bool
    other: nn.Module | None = None


def rounded(value: float) -> float:
    """Round to six significant digits, so that the reported value does not depend on the order of summation."""
    return float(f"{value:.6g}")
