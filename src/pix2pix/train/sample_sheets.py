"""Sample sheets: the generator's outputs for the same few validation images, over the epochs."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.dataset import ImageDataset
from pix2pix.data.image_grid import grid
from pix2pix.models.discriminator import Discriminator
from pix2pix.models.inference_mode import generate
from pix2pix.system.atomic_write import atomic_folder, atomic_path
from pix2pix.train.callbacks import Callback

_ROWS = 4


class SampleSheets(Callback):
    """Callback that writes `epoch-0001.png`, …: one row per image, with input, output and target."""

    def __init__(self, dataset: ImageDataset, folder: Path, device: torch.device, callbacks: Sequence[Callback] = ()) -> None:
        """dataset: up to 4 evenly spaced images of it are shown. callbacks: get each sheet by `on_sample_sheet`."""
        self.folder, self._planes, self._device, self._callbacks = folder, dataset.planes, device, callbacks
        spread = [round(i * (len(dataset) - 1) / max(_ROWS - 1, 1)) for i in range(min(_ROWS, len(dataset)))]
        self._real_a, self._real_b = dataset.planes.split(dataset.read(spread))

    def on_samples(self, epoch: int, generator: nn.Module, discriminator: nn.Module) -> None:
        """Write the sheet of the generator, and that of the discriminator's output per patch: output, its map, target, its map.

        In a map (see `patch_map`) white is real, black is fake. The discriminator's sheets are in the subfolder `patches`, which is a log,
        not an output of the pipeline.
        """
        real_a, real_b = self._real_a.to(self._device), self._real_b.to(self._device)
        fake_b = generate(generator, real_a, len(real_a))
        output, target = (self._planes.output_rgb(self._real_a, b.cpu()) for b in (fake_b, real_b))
        of_output, of_target = (patch_map(discriminator, real_a, b).cpu() for b in (fake_b, real_b))
        sheets = {
            "samples": _saved((self._planes.input_rgb(self._real_a), output, target), self.folder, epoch),
            "patches": _saved((output, of_output, target, of_target), self.folder / "patches", epoch),
        }
        for callback in self._callbacks:
            for name, sheet in sheets.items():
                callback.on_sample_sheet(name, sheet, epoch)


@torch.no_grad()
def patch_map(discriminator: nn.Module, real_a: Tensor, b: Tensor) -> Tensor:
    """Map (real_a, b), NCHW in [-1, 1], to D's output per patch: NHWC uint8 RGB, the same H and W.

    Grey is the logistic function of each patch's logit, white 1.
    """
    assert isinstance(discriminator, Discriminator)
    logits = discriminator.patches(torch.cat([real_a, b], dim=1))
    grey = F.interpolate(torch.sigmoid(logits.float()), size=b.shape[2:], mode="nearest")
    return (grey * 255).round().to(torch.uint8).expand(-1, 3, -1, -1).permute(0, 2, 3, 1).contiguous()


def _saved(columns: Sequence[Tensor], folder: Path, epoch: int) -> Path:
    """Save the images of `columns`, NHWC uint8 each, as a sheet with a row for each image."""
    path = folder / f"epoch-{epoch:04d}.png"
    with atomic_path(path) as temporary:
        grid([[Image.fromarray(image.numpy()) for image in row] for row in zip(*columns, strict=True)]).save(temporary, "PNG")
    return path


def copy_sheets(sheets: Path, target: Path) -> None:
    """Replace the folder `target` by a copy of the generator's sheets, without that of before the training, which is a log."""
    with atomic_folder(target) as temporary:
        for sheet in sorted(sheets.glob("epoch-*.png")):
            if sheet.stem != "epoch-0000":
                shutil.copy(sheet, temporary)


def sample_epochs(settings: TrainSettings) -> list[int]:
    """Epochs after which sample sheets are made: `samples` of them, spread evenly, the last one always."""
    count = min(settings.samples, settings.epochs)
    return sorted({-(-settings.epochs * (i + 1) // count) for i in range(count)})
