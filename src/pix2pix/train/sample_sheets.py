"""Sample sheets: the generator's outputs for the same few validation images, over the epochs."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import nn

from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.dataset import ImageDataset
from pix2pix.data.image_grid import grid
from pix2pix.models.inference_mode import generate
from pix2pix.train.callbacks import Callback
from pix2pix.train.patch_map import patch_map

_ROWS = 4


class SampleSheets(Callback):
    """Callback that writes `epoch-0001.png`, …: one row per image, with input, output and target."""

    def __init__(self, dataset: ImageDataset, folder: Path, device: torch.device, callbacks: Sequence[Callback] = ()) -> None:
        """dataset: up to 4 evenly spaced images of it are shown. callbacks: get each sheet by `on_sample_sheet`."""
        self.folder, self._planes, self._device, self._callbacks = folder, dataset.planes, device, callbacks
        spread = [round(i * (len(dataset) - 1) / max(_ROWS - 1, 1)) for i in range(min(_ROWS, len(dataset)))]
        self._real_a, self._real_b = dataset.planes.split(dataset.read(spread))

    def on_samples(self, epoch: int, generator: nn.Module, discriminator: nn.Module) -> None:
        """Write the sheet of the generator and that of the discriminator."""
        sheets = {"samples": self.write(epoch, generator), "patches": self.write_patches(epoch, generator, discriminator)}
        for callback in self._callbacks:
            for name, sheet in sheets.items():
                callback.on_sample_sheet(name, sheet, epoch)

    def write(self, epoch: int, generator: nn.Module) -> Path:
        """Write the sheet of `generator`, prepared for inference, and return its file."""
        fake_b = generate(generator, self._real_a.to(self._device), len(self._real_a)).cpu()
        columns = (
            self._planes.input_rgb(self._real_a),
            self._planes.output_rgb(self._real_a, fake_b),
            self._planes.output_rgb(self._real_a, self._real_b),
        )
        rows = [[Image.fromarray(column[i].numpy()) for column in columns] for i in range(len(self._real_a))]
        return _saved(grid(rows), self.folder, epoch)

    def write_patches(self, epoch: int, generator: nn.Module, discriminator: nn.Module) -> Path:
        """Write D's output per patch and return the file.

        One row per image: output, its map, target, its map (see `patch_map`; white is real, black is fake). The sheets go to the subfolder
        `patches`, which is a log and not an output of the pipeline.
        """
        real_a = self._real_a.to(self._device)
        fake_b, real_b = generate(generator, real_a, len(real_a)), self._real_b.to(self._device)
        columns = []
        for b in (fake_b, real_b):
            columns += [
                self._planes.output_rgb(self._real_a, b.cpu()),
                patch_map(discriminator, real_a, b).cpu(),
            ]
        rows = [[Image.fromarray(column[i].numpy()) for column in columns] for i in range(len(real_a))]
        return _saved(grid(rows), self.folder / "patches", epoch)


def _saved(sheet: Image.Image, folder: Path, epoch: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"epoch-{epoch:04d}.png"
    sheet.save(path)
    return path


def copy_sheets(sheets: Path, target: Path) -> None:
    """Replace the folder `target` by a copy of all sheets of the generator; an empty folder if there are none."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for sheet in sorted(sheets.glob("epoch-*.png")):
        shutil.copy(sheet, target)


def sample_epochs(settings: TrainSettings) -> list[int]:
    """Epochs after which sample sheets are made: `samples` of them, spread evenly, the last one always."""
    count = min(settings.samples, settings.epochs)
    return sorted({-(-settings.epochs * (i + 1) // count) for i in range(count)})
