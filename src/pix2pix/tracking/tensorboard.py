"""Event files of a training, for TensorBoard: `tensorboard --logdir tensorboard`."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.data.image_files import open_image
from pix2pix.tracking.names import curve_name

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

FOLDER = "tensorboard"  # below the repository's root


class EventFiles:
    """Writes one training into a folder of event files; a resumed training goes on in it."""

    def __init__(self, dataset: str, root: Path, note: Path) -> None:
        """Choose the folder, `tensorboard/<dataset>/<DVC experiment or "run">-<time>`.

        root: root of the repository. note: file that keeps the folder's name until the training ends.
        Raises ModuleNotFoundError where TensorBoard is not installed.
        """
        from torch.utils.tensorboard import SummaryWriter

        if not note.exists():
            note.write_text(f"{os.environ.get('DVC_EXP_NAME', 'run')}-{time.strftime('%Y%m%d-%H%M%S')}")
        self.folder = root / FOLDER / dataset / note.read_text()
        self._class = SummaryWriter
        self._writer: SummaryWriter | None = None

    def start(self, epoch: int) -> None:
        """Training starts or resumes at `epoch` (from 1): what an interrupted process wrote from there on is not shown."""
        self._writer = self._class(str(self.folder), purge_step=epoch)

    def log_epoch(self, epoch: int, figures: Mapping[str, float]) -> None:
        """Write an epoch's losses, learning rate and speed, by columns of the history."""
        if self._writer:
            for column, value in figures.items():
                self._writer.add_scalar(curve_name(column), value, epoch)
            self._writer.flush()

    def log_image(self, name: str, sheet: Path, epoch: int) -> None:
        """Write a sample sheet, an image file."""
        import numpy as np

        if self._writer:
            with open_image(sheet) as image:
                self._writer.add_image(name, np.asarray(image.convert("RGB")), epoch, dataformats="HWC")

    def close(self) -> None:
        """End the files."""
        if self._writer:
            self._writer.close()
