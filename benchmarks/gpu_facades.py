"""python -m benchmarks.gpu_facades --archive facades.tar.gz --out DIR: quality of the real facades over the time of a training.

Trains on facades/train as `scale: paper` does, with each --recipe of params.yaml and each --seed, and once with L1 alone; at several
moments it measures the outputs for facades/val: L1, SSIM, sharpness, and where their weights are given LPIPS, FD and KID. Beside them stand
a peer's outputs (--peer-outputs, N.png for N.jpg) and blurred copies of the real photos, which show what a metric thinks of blur. Needs
only torch, numpy, pillow and safetensors, and ruamel.yaml to read a recipe.
"""

import argparse
import datetime
import json
import shlex
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import torch
from PIL import Image, ImageFilter
from torch import Tensor, nn

from benchmarks.images import store_of
from benchmarks.recipes import gradient_energy
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.dataset import ImageDataset
from pix2pix.evaluate.evaluator import Evaluator
from pix2pix.metrics.features.efficientnet_lite0 import EfficientNetLite0Features
from pix2pix.metrics.frechet import frechet_of_sets
from pix2pix.metrics.kid import kid_of_sets
from pix2pix.metrics.l1 import l1
from pix2pix.metrics.lpips import Lpips
from pix2pix.metrics.ssim import ssim
from pix2pix.models.files import SavedModel, save_model
from pix2pix.models.inference_mode import generate
from pix2pix.train.callbacks import Callback
from pix2pix.train.checkpoint import Checkpoint
from pix2pix.train.loop import Training
from pix2pix.train.perceptual import Perceptual

BLURS = (1, 2, 4)  # standard deviation in pixels


@dataclass(frozen=True)
class Measured:
    """Means over the validation images, in [0, 1], and distances of the set; None without the weights."""

    what: str
    epoch: int | None
    steps: int | None
    seconds: float | None  # of training, measuring not counted
    l1: float
    ssim: float
    sharpness: float  # gradient energy relative to the real photos
    lpips: float | None
    kid: float | None  # this and the next on EfficientNet-Lite0
    fd: float | None


class Photos:
    """Measures images against the real photos."""

    def __init__(self, val: ImageDataset, lpips: Lpips | None, features: EfficientNetLite0Features | None) -> None:
        self.names, self._lpips = val.names, lpips
        self._evaluator = Evaluator({}, features, torch.device("cpu")) if features else None
        self.real_a, real_b = val.planes.split(val.read(range(len(val))))
        self._planes = val.planes
        self.real = self.pixels(real_b)
        self._real_features = self._evaluator.features(list(self.real)) if self._evaluator else None

    def pixels(self, b: Tensor) -> Tensor:
        """Network range -> NCHW float RGB in [0, 1], rounded to 8 bits as a PNG is."""
        return self._planes.output_rgb(self.real_a, b).permute(0, 3, 1, 2).float() / 255

    def measured(self, what: str, images: Tensor, moment: tuple[int, int, float] | None = None) -> Measured:
        """A line of the table for (N, 3, H, W) in [0, 1]; `moment` is epoch, steps and seconds of a training."""
        distance = None
        if self._lpips is not None:
            parts = zip(images.split(10), self.real.split(10), strict=True)
            with torch.backends.cudnn.flags(allow_tf32=False):  # measured in fp32, whatever the training uses
                distance = float(torch.cat([self._lpips(*pair) for pair in parts]).mean())
        difference, likeness = (float(metric(images, self.real).mean()) for metric in (l1, ssim))
        sharpness = gradient_energy(images) / gradient_energy(self.real)
        kid = fd = None
        if self._evaluator and self._real_features:
            sets = self._evaluator.features(list(images)), self._real_features
            kid, fd = kid_of_sets(*sets).value, frechet_of_sets(*sets)
        epoch, steps, seconds = moment or (None, None, None)
        return Measured(what, epoch, steps, seconds, difference, likeness, sharpness, distance, kid, fd)


class Moments(Callback):
    """Measures the validation outputs whenever sample sheets are due. The time of measuring is not counted."""

    def __init__(
        self, what: str, photos: Photos, device: torch.device, steps_each_epoch: int, out: Path, keep: Callable[[list[Measured]], None]
    ) -> None:
        """`keep` is called with all measurements so far, after each new one."""
        self._what, self._photos, self._device, self._steps, self._out, self._keep = what, photos, device, steps_each_epoch, out, keep
        self._began, self._paused = time.perf_counter(), 0.0
        self.rows: list[Measured] = []

    def seconds(self, now: float | None = None) -> float:
        """Seconds since the beginning, without the time of measuring."""
        return (time.perf_counter() if now is None else now) - self._began - self._paused

    def on_samples(self, epoch: int, generator: nn.Module, discriminator: nn.Module) -> None:
        """Measure, and save the latest outputs as images."""
        if self._device.type == "cuda":
            torch.cuda.synchronize()
        stopped = time.perf_counter()
        images = self._photos.pixels(generate(generator, self._photos.real_a.to(self._device), 10).cpu())
        seconds = self.seconds(stopped)
        self.rows.append(self._photos.measured(self._what, images, (epoch, epoch * self._steps, round(seconds, 1))))
        _save(images, self._photos.names, self._out / _file_name(self._what))
        print(_line(self.rows[-1]), flush=True)
        self._keep(self.rows)
        self._paused += time.perf_counter() - stopped


def main() -> None:
    """Train, measure, write OUT/facades.json, facades.md and the images."""
    given = _arguments()
    device = torch.device(given.device)
    torch.backends.cudnn.benchmark = True
    if given.small:
        torch.set_num_threads(1)  # on a busy machine two threads wait for each other longer than such small work takes
    model = ModelSettings(ngf=64, ndf=64, crop_size=256) if not given.small else ModelSettings(ngf=4, ndf=4, crop_size=32)
    settings = TrainSettings(epochs=given.epochs, batch_size=1, precision="tf32", samples=given.moments, checkpoint_seconds=1e9)
    trainings = [_Planned(f"{name}, seed {seed}", *_recipe(name, model, settings), seed) for seed in given.seed for name in given.recipe]
    alone = replace(settings, lambda_gan=0.0, epochs=given.control_epochs or given.epochs)
    trainings.append(_Planned("L1 alone", model, alone, given.seed[0]))
    given.out.mkdir(parents=True, exist_ok=True)
    date = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"
    where = torch.cuda.get_device_name() if device.type == "cuda" else "CPU"
    with tempfile.TemporaryDirectory() as name:
        train, val = _stores(given.archive, Path(name), model.crop_size, given.small)
        lpips = Lpips(given.lpips_trunk, given.lpips_heads, device) if given.lpips_trunk else None
        features = EfficientNetLite0Features(given.lite0) if given.lite0 else None
        photos = Photos(val, lpips, features)
        about = f"{date}, {where}, torch {torch.__version__}, {len(train)} pairs, {len(val)} measured: {shlex.join(sys.argv[1:])}"
        rows = _controls(photos, given.peer_outputs)
        for planned in trainings:
            keep = partial(_keep, rows, given.out, about)
            moments = Moments(planned.what, photos, device, len(train), given.out, keep)
            perceptual = Perceptual(given.squeezenet, given.squeezenet_heads, device) if planned.settings.lambda_perceptual else None
            with Checkpoint(Path(name) / planned.what, "key") as checkpoint:
                training = Training(
                    train, None, planned.model, planned.settings, seed=planned.seed, device=device, checkpoint=checkpoint,
                    callbacks=[moments], perceptual=perceptual,
                )  # fmt: skip
                trained = training.run()
            saved = SavedModel(trained.generator, "facades", "pairs", "BtoA", train.planes, planned.model, "batch", planned.settings.epochs)
            save_model(given.out / f"model-{_file_name(planned.what)}", saved)
            print(f"{planned.what}: {moments.seconds():.1f} s from the first step to the saved model, measuring not counted", flush=True)
            rows = [*rows, *moments.rows]


@dataclass(frozen=True)
class _Planned:
    """A training to come."""

    what: str
    model: ModelSettings
    settings: TrainSettings
    seed: int


def _recipe(name: str, model: ModelSettings, settings: TrainSettings) -> tuple[ModelSettings, TrainSettings]:
    """The settings with the values of `recipes.<name>.paper` in params.yaml."""
    from pix2pix.config.params import load_file  # reads YAML: see the top

    row = vars(load_file(Path("params.yaml")).recipes[name]["paper"])
    of_model = {key: value for key, value in row.items() if hasattr(model, key)}
    return replace(model, **of_model), replace(settings, **{key: value for key, value in row.items() if key not in of_model})


def _keep(before: Sequence[Measured], out: Path, about: str, new: Sequence[Measured]) -> None:
    """Write all measurements so far, so that an interrupted training leaves them."""
    rows = [*before, *new]
    table = "\n".join(
        ["| what | epoch | steps | seconds | L1 | SSIM | sharpness | LPIPS | KID | FD |", "|---" * 10 + "|", *map(_line, rows)]
    )
    (out / "facades.json").write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    (out / "facades.md").write_text(f"{about}\n\n{table}\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu_facades", description=__doc__)
    parser.add_argument("--archive", type=Path, required=True, help="facades.tar.gz as published")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--peer-outputs", type=Path, action="append", default=[], help="a folder or zip of N.png; may be given again")
    parser.add_argument("--lpips-trunk", type=Path, help="AlexNet's weights under torchvision's names")
    parser.add_argument("--lpips-heads", type=Path, help="lpips/weights/v0.1/alex.pth, where PyPI's lpips is not installed")
    parser.add_argument("--lite0", type=Path, help="EfficientNet-Lite0's weights, efficientnet-lite0-57934424.pth")
    parser.add_argument(
        "--squeezenet", type=Path, help="SqueezeNet's weights under torchvision's names, for a recipe with lambda_perceptual"
    )
    parser.add_argument("--squeezenet-heads", type=Path, help="lpips/weights/v0.1/squeeze.pth, where PyPI's lpips is not installed")
    parser.add_argument("--recipe", nargs="+", default=["paper"], help="names in `recipes` of params.yaml, which lies in this folder")
    parser.add_argument("--seed", nargs="+", type=int, default=[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--control-epochs", type=int, help="of the training with L1 alone; as many as --epochs by default")
    parser.add_argument("--moments", type=int, default=8, help="how often to measure")
    parser.add_argument("--small", action="store_true", help="8 images, 32 px, tiny networks: only to see that it runs")
    return parser.parse_args()


def _stores(archive: Path, folder: Path, crop: int, small: bool) -> tuple[ImageDataset, ImageDataset]:
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    stores = []
    for split, size in (("train", crop * 286 // 256), ("val", crop)):
        files = sorted((folder / "facades" / split).glob("*.jpg"), key=lambda file: int(file.stem))
        stores.append(store_of(files[:8] if small else files, folder / f"store-{split}", load_size=size))
    return stores[0], stores[1]


def _controls(photos: Photos, peers: Sequence[Path]) -> list[Measured]:
    rows = [photos.measured(f"outputs of {peer.stem}", _outputs(peer, photos)) for peer in peers]
    for radius in BLURS:
        blurred = [_tensor(_image(photo).filter(ImageFilter.GaussianBlur(radius))) for photo in photos.real]
        rows.append(photos.measured(f"real photos, blurred by {radius} px", torch.stack(blurred)))
    rows.append(photos.measured("labels copied", photos.pixels(photos.real_a)))
    for row in rows:
        print(_line(row), flush=True)
    return rows


def _outputs(peer: Path, photos: Photos) -> Tensor:
    """A peer's outputs for the validation images, resized where they are of another size."""
    root = zipfile.Path(peer) if peer.suffix == ".zip" else peer
    size = photos.real.shape[3], photos.real.shape[2]
    images = []
    for name in photos.names:
        with (root / f"{name}.png").open("rb") as stream, Image.open(stream) as image:
            images.append(_tensor(image.convert("RGB").resize(size, Image.Resampling.BICUBIC)))
    return torch.stack(images)


def _save(images: Tensor, names: Sequence[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, image in zip(names, images, strict=True):
        _image(image).save(folder / f"{name}.png")


def _image(image: Tensor) -> Image.Image:
    return Image.fromarray((image * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy())


def _tensor(image: Image.Image) -> Tensor:
    values = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).float() / 255
    return values.view(image.height, image.width, 3).permute(2, 0, 1)


def _line(row: Measured) -> str:
    exact = [(row.l1, 4), (row.ssim, 4), (row.sharpness, 3), (row.lpips, 4), (row.kid, 4), (row.fd, 1)]
    figures = [
        row.epoch,
        row.steps,
        row.seconds,
        *(None if figure is None else f"{figure:.{digits}f}" for figure, digits in exact),
    ]
    return f"| {row.what} | " + " | ".join("" if figure is None else str(figure) for figure in figures) + " |"


def _file_name(what: str) -> str:
    return what.replace(", ", "-").replace(" ", "-")


if __name__ == "__main__":
    main()
