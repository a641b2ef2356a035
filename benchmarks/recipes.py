"""python -m benchmarks.recipes DATASET --out DIR [--archive FILE] [section.key=value …]: one training, measured for the choice of a recipe.

Trains on train and measures the outputs for another split, by default val: L1, PSNR, SSIM, LPIPS where its weights are given, the
distances between sets on EfficientNet-Lite0, precision, recall, and sharpness and colourfulness relative to the real images. Each call
adds a line to DIR/rows.jsonl and writes DIR/rows.md and a sheet of outputs. `--controls` measures copies of the inputs, blurred real
images and other real images in place of a training: a metric that prefers the first says nothing about a recipe, and what the last reach
between sets is the most that outputs can. `--seconds` makes recipes comparable at equal
cost: as many epochs as fit into that CPU time.
"""

import argparse
import datetime
import json
import os
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.settings import Prepare, Runtime
from pix2pix.config.train_settings import TrainSettings
from pix2pix.config.validate import validated
from pix2pix.system.runtime import select_device, set_deterministic

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from pix2pix.data.dataset import ImageDataset
    from pix2pix.train.loop import Training

BLURS = (0.5, 1, 2)  # standard deviation in pixels
TIMED_STEPS = 10
SHEET = 8  # images on a sheet of outputs


def main() -> None:
    """Train or measure the controls, and add to the table."""
    given = _arguments()
    runtime = Runtime(device="cpu", deterministic=given.deterministic, threads=given.threads)
    set_deterministic(runtime)  # before torch is imported
    device = select_device(runtime)
    folder = _prepared(given)
    given.out.mkdir(parents=True, exist_ok=True)

    from pix2pix.data.dataset import ImageDataset

    train, measured = (ImageDataset(folder / split) for split in ("train", given.split))
    photos = _Photos(measured, given.lpips_trunk)
    about = {
        "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
        "command": shlex.join(["python", "-m", "benchmarks.recipes", *sys.argv[1:]]),
    }
    if given.controls:
        for what, images in photos.controls(train):
            _add(given.out, {"what": what, **photos.row(images), **about})
        return
    values = _overrides(given.overrides)
    model = validated(ModelSettings, {"ngf": 16, "ndf": 16, "crop_size": given.crop_size, **values["model"]}, "model")
    settings = validated(
        TrainSettings,
        {"epochs": given.epochs, "batch_size": 8, "samples": 0, "checkpoint_seconds": 1e9, **values["train"]},
        "train",
    )
    generator, norm, figures = _train(train, model, settings, given, device)
    outputs = photos.generated(generator, norm)
    what = given.name or " ".join(given.overrides) or "as the parameters' defaults"
    _add(given.out, {"what": what, "seed": given.seed, **figures, **photos.row(outputs), **about})
    _sheet(outputs, photos, given.out / f"{what.replace(' ', '_').replace('/', '-')}-{given.seed}.png")


def _train(
    train: "ImageDataset", model: ModelSettings, settings: TrainSettings, given: argparse.Namespace, device: "torch.device"
) -> tuple["nn.Module", str, dict[str, float]]:
    """(generator, its normalisation at inference, figures of the training)."""
    from pix2pix.train.loop import Training
    from pix2pix.train.perceptual import Perceptual
    from pix2pix.train.validation import inference_norm

    perceptual = Perceptual(given.squeezenet, None, device) if settings.lambda_perceptual else None

    def training(chosen: TrainSettings) -> "Training":
        return Training(train, None, model, chosen, seed=given.seed, device=device, perceptual=perceptual)

    steps = training(settings).loader.steps()
    if given.seconds:
        settings = replace(settings, epochs=max(1, round(given.seconds / steps / _seconds_a_step(training(settings)))))
    began = time.process_time()
    trained = training(settings).run()
    seconds = time.process_time() - began
    figures = {
        "epochs": settings.epochs,
        "steps": steps * settings.epochs,
        "step_ms": round(1000 * seconds / (steps * settings.epochs), 1),
        "minutes": round(seconds / 60, 2),
    }
    return trained.generator, inference_norm(settings), figures


def _seconds_a_step(training: "Training") -> float:
    """CPU seconds of one update."""
    from pix2pix.data.augment import EpochPlan

    plan = EpochPlan.draw(len(training.loader.dataset), margin=training.margin, flip=training.settings.flip, seed=0, epoch=1)
    began = 0.0
    for number, batch in enumerate(training.loader.batches(plan, 0)):
        if number == 2:
            began = time.process_time()
        if number == 2 + TIMED_STEPS:
            return (time.process_time() - began) / TIMED_STEPS
        training.step(*batch)
    return (time.process_time() - began) / max(1, number - 1)


class _Photos:
    """Measures images against the real ones of a split."""

    def __init__(self, split: "ImageDataset", lpips_trunk: Path | None) -> None:
        import torch

        from pix2pix.evaluate.evaluate import image_metrics
        from pix2pix.evaluate.evaluator import Evaluator
        from pix2pix.metrics.features.efficientnet_lite0 import EfficientNetLite0Features
        from pix2pix.metrics.lpips import Lpips

        self._planes = split.planes
        self.real_a, real_b = split.planes.split(split.read(range(len(split))))
        self.real = self.rgb(self.real_a, real_b)
        loaded = {"lpips": Lpips(lpips_trunk)} if lpips_trunk else {}
        self._evaluator = Evaluator(image_metrics(loaded, colouring=True), EfficientNetLite0Features(), torch.device("cpu"))
        self._real_features = self._evaluator.features(list(self.real))
        self._real_measured = self._evaluator.metrics["colourfulness"](self.real, self.real)

    def rgb(self, real_a: "Tensor", b: "Tensor") -> "Tensor":
        """Network range -> NCHW float RGB in [0, 1], rounded to 8 bits as a PNG is. real_a: the inputs of `b`, which hold L for Lab."""
        return self._planes.output_rgb(real_a, b).permute(0, 3, 1, 2).float() / 255

    def generated(self, generator: "nn.Module", norm: str) -> "Tensor":
        """Outputs for the split, NCHW float RGB in [0, 1]."""
        from pix2pix.models.inference_mode import generate, prepare_for_inference

        return self.rgb(self.real_a, generate(prepare_for_inference(generator, norm), self.real_a, 8))

    def inputs(self) -> "Tensor":
        """The inputs as images."""
        return self._planes.input_rgb(self.real_a).permute(0, 3, 1, 2).float() / 255

    def controls(self, train: "ImageDataset") -> list[tuple[str, "Tensor"]]:
        """Images that no recipe makes: the inputs, the real images blurred, and as many targets of `train`."""
        from torchvision.transforms.functional import gaussian_blur

        others = train.planes.split(train.read(range(min(len(self.real), len(train)))))

        blurred = [(f"real, blurred by {sigma} px", gaussian_blur(self.real, [13, 13], [sigma, sigma])) for sigma in BLURS]
        return [("inputs copied", self.inputs()), *blurred, ("other real images, from train", self.rgb(*others))]

    def row(self, images: "Tensor") -> dict[str, float]:
        """The figures of a table's line for (N, 3, H, W) in [0, 1]."""
        from pix2pix.metrics.frechet import frechet_of_sets
        from pix2pix.metrics.kid import kid_of_sets
        from pix2pix.metrics.precision_recall import precision_of_sets, recall_of_sets

        found = self._evaluator.measure(list(images), list(self.real))
        means = {name: float(values.mean()) for name, values in found.values.items()}
        colourful = means.pop("colourfulness") / float(self._real_measured.mean())
        sets = found.features, self._real_features
        return {
            **{name: round(value, 4) for name, value in means.items()},
            "kid": round(kid_of_sets(*sets).value, 4),
            "fd": round(frechet_of_sets(*sets), 1),
            "precision": round(precision_of_sets(*sets) or 0.0, 3),
            "recall": round(recall_of_sets(*sets) or 0.0, 3),
            "sharpness": round(gradient_energy(images) / gradient_energy(self.real), 3),
            "colourfulness": round(colourful, 3),
        }


def gradient_energy(images: "Tensor") -> float:
    """Mean squared difference of neighbouring pixels, over rows and columns: (N, C, H, W) in [0, 1] -> at least 0."""
    rows, columns = images.diff(dim=2), images.diff(dim=3)
    return float(rows.square().mean() + columns.square().mean())


def _prepared(given: argparse.Namespace) -> Path:
    """The prepared images, made where --work does not hold them yet."""
    from pix2pix.download.catalogue import CATALOG
    from pix2pix.prepare.archive import prepare_archive
    from pix2pix.synthetic.archive import SYNTHETIC_SETS, write_archive

    published, drawn = CATALOG[given.dataset], SYNTHETIC_SETS[given.dataset]
    made_of = f"{given.dataset}-{given.archive.name if given.archive else 'sample'}-{given.load_size}-{given.crop_size}"
    raw, folder = Path(given.work, f"{made_of}.raw"), Path(given.work, made_of)
    if folder.exists():
        return folder
    raw.mkdir(parents=True, exist_ok=True)
    if given.archive:
        (raw / given.archive.name).unlink(missing_ok=True)
        (raw / given.archive.name).symlink_to(given.archive.resolve())
    else:
        counts = {"train": given.sample_train, "val": given.sample_val, "test": given.sample_test}
        counts = {split: count for split, count in counts.items() if split in drawn.splits}
        write_archive(given.dataset, raw / drawn.archive, seed=0, size=given.sample_size, counts=counts)
    prepare_archive(
        raw, folder, Prepare(load_size=given.load_size, crop_size=given.crop_size, workers=1, layout="arrays"),
        root=Path.cwd(),
        kind=published.kind, direction=published.direction, eval_split=given.split,
    )  # fmt: skip
    return folder


def _overrides(given: Sequence[str]) -> dict[str, dict[str, Any]]:
    """`section.key=value`, as dvc's -S takes them, by section."""
    from ruamel.yaml import YAML

    values: dict[str, dict[str, Any]] = {"model": {}, "train": {}}
    for override in given:
        key, _, value = override.partition("=")
        section, _, name = key.partition(".")
        values[section][name] = YAML(typ="safe", pure=True).load(value)
    return values


def _add(out: Path, row: dict[str, Any]) -> None:
    """Append a row, and write the table anew."""
    with (out / "rows.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
    rows = [json.loads(line) for line in (out / "rows.jsonl").read_text().splitlines()]
    columns = list(dict.fromkeys(key for row in rows for key in row if key not in ("date", "command")))
    lines = [columns, ["---"] * len(columns), *([str(row.get(key, "")) for key in columns] for row in rows)]
    (out / "rows.md").write_text("".join(f"| {' | '.join(line)} |\n" for line in lines))
    print(json.dumps(row), flush=True)


def _sheet(outputs: "Tensor", photos: _Photos, file: Path) -> None:
    """Inputs, outputs and real images of the first few, in three rows."""
    import torch
    from torchvision.utils import save_image

    save_image(torch.cat([part[:SHEET] for part in (photos.inputs(), outputs, photos.real)]), file, nrow=SHEET, padding=2)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.recipes", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("dataset")
    parser.add_argument("overrides", nargs="*", help="keys of params.yaml's sections model and train, such as train.lr=6e-4")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("/tmp/pix2pix-recipes"), help="folder of prepared images, kept between calls")
    parser.add_argument("--archive", type=Path, help="the published archive; without it synthetic images are drawn")
    parser.add_argument("--sample-size", type=int, default=96)
    parser.add_argument("--sample-train", type=int, default=320)
    parser.add_argument("--sample-val", type=int, default=120)
    parser.add_argument("--sample-test", type=int, default=40)
    parser.add_argument("--load-size", type=int, default=72)
    parser.add_argument("--crop-size", type=int, default=64)
    parser.add_argument("--split", default="val", help="what is measured; test once, for what has been chosen")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seconds", type=float, help="of CPU time, in place of --epochs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--deterministic", action="store_true", help="as the pipeline at scale: sample, which holds faster kernels back")
    parser.add_argument("--controls", action="store_true")
    parser.add_argument("--name", help="of the row; the overrides by default")
    parser.add_argument("--lpips-trunk", type=Path, help="AlexNet's weights under torchvision's names")
    parser.add_argument("--squeezenet", type=Path, help="SqueezeNet's weights, for train.lambda_perceptual")
    return parser.parse_intermixed_args()


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
