"""python -m benchmarks.fine_tune: 20 images of another style, from random weights and from the sample's facades model.

Draws facades in other colours, trains three times for the same number of updates, and measures L1 and SSIM on 40 more of them.
Needs `data/models/facades`, as `make repro` leaves it; takes minutes on a CPU.
"""

import argparse
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import nn

from benchmarks.images import store_of
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.dataset import ImageDataset
from pix2pix.metrics.l1 import l1
from pix2pix.metrics.ssim import ssim
from pix2pix.models.files import load_model
from pix2pix.models.inference_mode import generate, prepare_for_inference
from pix2pix.synthetic.archive import write_archive
from pix2pix.system.runtime import fix_arithmetic
from pix2pix.train.loop import Training
from pix2pix.train.start import Start

IMAGES, BATCH = 20, 4
EPOCHS = (10, 40, 160)


@dataclass(frozen=True)
class Way:
    """A way to begin."""

    what: str
    model: Path | None
    freeze: str = "none"


def main() -> None:
    """Train each way for each number of epochs, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fine_tune", description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("data/models/facades"), help="folder of the model to start from")
    parser.add_argument("--epochs", type=int, nargs="+", default=EPOCHS)
    given = parser.parse_args()
    fix_arithmetic()
    model = load_model(given.model)
    ways = Way("random weights", None), Way("the model", given.model), Way("the model, encoder frozen", given.model, "encoder")
    head = " | ".join(f"{epochs} epochs: L1, SSIM" for epochs in given.epochs)
    table = [f"| start | {head} |", "|---" * (len(given.epochs) + 1) + "|"]
    crop = model.settings.crop_size
    with tempfile.TemporaryDirectory() as folder:
        train, val = (
            _repainted(Path(folder) / name, count, size, seed)
            for name, count, size, seed in (("train", IMAGES, model.load_size or crop, 1), ("val", 40, crop, 2))
        )
        for way in ways:
            start, cells = Start.of(way.model) if way.model else None, []
            for epochs in given.epochs:
                settings = TrainSettings(epochs=epochs, batch_size=BATCH, freeze=way.freeze)
                training = Training(train, None, model.settings, settings, seed=0, device=torch.device("cpu"), start=start)
                cells.append("{:.4f}, {:.3f}".format(*_measured(training.run().generator, val)))
            table.append(f"| {way.what} | {' | '.join(cells)} |")
    print("\n".join(table))  # behind the lines of the trainings


def _repainted(folder: Path, count: int, size: int, seed: int) -> ImageDataset:
    """`count` drawn facades, their photos with red, green and blue exchanged in a circle: the same labels mean other colours."""
    folder.mkdir()
    archive = folder / "facades.tar.gz"
    write_archive("facades", archive, seed=seed, size=96, counts={"train": count})
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    files = sorted((folder / "facades" / "train").glob("*.jpg"))
    for file in files:
        pair = Image.open(file).convert("RGB")
        photo = pair.crop((0, 0, pair.width // 2, pair.height))
        red, green, blue = photo.split()
        pair.paste(Image.merge("RGB", (blue, red, green)), (0, 0))
        pair.save(file, quality=95)
    return store_of(files, folder / "prepared", load_size=size)


def _measured(generator: nn.Module, val: ImageDataset) -> tuple[float, float]:
    """L1 and SSIM, means over the images in [0, 1]."""
    real_a, real_b = val.planes.split(val.read(range(len(val))))
    fake_b = generate(prepare_for_inference(generator, "running"), real_a, 10)
    fake, real = (val.planes.output_rgb(real_a, b).permute(0, 3, 1, 2).float() / 255 for b in (fake_b, real_b))
    return float(l1(fake, real).mean()), float(ssim(fake, real).mean())


if __name__ == "__main__":
    main()
