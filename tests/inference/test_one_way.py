"""One way from an image to an image: the stage infer, `predict`, the served model and exported files agree, and show a model what its
training showed it. Every registered generator goes that way."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from pix2pix.cli.main import main
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.settings import Prepare
from pix2pix.data.dataset import ImageDataset
from pix2pix.export.export import export
from pix2pix.inference.backends import OnnxBackend, TorchBackend
from pix2pix.inference.pipeline import NO_NOISE, ImageToImage
from pix2pix.inference.predictions import predict_dataset
from pix2pix.inference.sizing import Sizing
from pix2pix.models.build import DISCRIMINATORS, GENERATORS, build_networks
from pix2pix.models.files import SavedModel, load_model, save_model
from pix2pix.models.generator import Generator
from pix2pix.prepare.prepare import prepare
from tests.inference.models import model, noise_image

CPU = torch.device("cpu")
Pixels = NDArray[np.uint8]


class Toy(Generator, nn.Sequential):
    """The least that a generator can be, in an order that no sequence has: its layers see the input once more."""

    description = "a toy"

    def __init__(self, channels_in: int, channels_out: int, settings: ModelSettings) -> None:
        width = settings.ngf
        super().__init__(
            nn.Conv2d(channels_in, width, 4, stride=2, padding=1), nn.BatchNorm2d(width), nn.LeakyReLU(0.2), nn.Dropout(settings.dropout),
            nn.ConvTranspose2d(width, channels_out, 4, stride=2, padding=1),
        )  # fmt: skip

    @classmethod
    def levels(cls, settings: ModelSettings) -> int:
        return 1

    def forward(self, real_a: Tensor) -> Tensor:
        down, norm, activation, dropout, up = self
        x = down(real_a)
        return torch.tanh(up(x + dropout(activation(norm(x)))))


class Reused(GENERATORS["unet"]):  # type: ignore[misc]  # a subclass whose skips need what an activation in place would change
    """A U-Net that reads its first skip twice."""

    def forward(self, real_a: Tensor) -> Tensor:
        first = self.downs[0](real_a)
        kept = first.clone()
        self.downs[1](first)
        return super().forward(real_a) + (first - kept).mean()  # type: ignore[no-any-return]


@pytest.fixture(params=[*GENERATORS, "toy", "reused"])
def generator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of every generator, and of two that a person could add."""
    for name in ("resnet", "resnet6"):
        monkeypatch.setattr(GENERATORS[name], "blocks", 2)  # exporting takes seconds a block
    monkeypatch.setitem(GENERATORS, "toy", Toy)
    monkeypatch.setitem(GENERATORS, "reused", Reused)
    return str(request.param)


def prepared(folder: Path, images: list[Pixels], kind: str, *, direction: str = "AtoB", fit: str = "squash") -> ImageDataset:
    """The test split that the stage prepare makes of these images: for `pairs` each beside itself."""
    for split in ("train", "val", "test"):
        (folder / "raw" / split).mkdir(parents=True)
        for number, image in enumerate(images):
            pair = image if kind == "lab" else np.concatenate([image, image], axis=1)
            Image.fromarray(pair).save(folder / "raw" / split / f"{number}.png")
    files = [PurePosixPath(path.relative_to(folder / "raw")) for path in sorted((folder / "raw").rglob("*.png"))]
    prepare(
        folder / "raw", files, folder / "prepared", Prepare(load_size=32, crop_size=32, fit=fit, workers=1), kind=kind,
        direction=direction, eval_split="test",
    )  # fmt: skip
    return ImageDataset(folder / "prepared" / "test")


def inferred(saved: SavedModel, dataset: ImageDataset, folder: Path) -> list[Pixels]:
    """What the stage infer writes."""
    predict_dataset(saved, dataset, folder, norm=None, batch_size=2, device=CPU)
    return [pixels(folder / f"{name}.png") for name in dataset.names]


def predicted(folder: Path, images: list[Pixels], *options: str) -> list[Pixels]:
    """What `pix2pix predict` writes for the model in `folder`."""
    for number, image in enumerate(images):
        (folder / "in").mkdir(exist_ok=True)
        Image.fromarray(image).save(folder / "in" / f"{number}.png")
    where = ["--model", str(folder / "model"), "--input", str(folder / "in"), "--output", str(folder / "out")]
    assert main(["predict", *where, *options]) == 0
    return [pixels(folder / "out" / f"{number}.png") for number in range(len(images))]


def served(folder: Path, images: list[Pixels]) -> Iterator[Pixels]:
    """What the model answers that MLflow serves."""
    from pix2pix.tracking.served_model import Generator as Served

    context: Any = SimpleNamespace(artifacts={"model": str(folder / "model")})
    loaded = Served()
    loaded.load_context(context)
    files = np.empty(len(images), dtype=object)
    for place, image in enumerate(images):
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")
        files[place] = file.getvalue()
    for answer in loaded.predict(context, files):
        yield np.asarray(Image.open(io.BytesIO(answer)))


def pixels(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def apart(one: Pixels, other: Pixels) -> int:
    assert one.shape == other.shape
    return int(np.abs(one.astype(int) - other).max())


@pytest.mark.parametrize(("kind", "direction"), [("pairs", "AtoB"), ("lab", "AtoB"), ("lab", "BtoA")])
@pytest.mark.parametrize("norm", ["batch", "running"])
def test_infer_predict_and_the_served_model_give_the_same_bytes(tmp_path: Path, kind: str, direction: str, norm: str) -> None:
    saved, images = model(kind, direction, norm=norm), [noise_image(32, 32, seed) for seed in range(3)]
    save_model(tmp_path / "model", saved)
    expected = inferred(saved, prepared(tmp_path, images, kind, direction=direction), tmp_path / "inferred")
    for found in (predicted(tmp_path, images), served(tmp_path, images)):
        assert all(np.array_equal(one, other) for one, other in zip(expected, found, strict=True))
    assert len({output.tobytes() for output in expected}) == 3


@pytest.mark.parametrize(("kind", "direction"), [("pairs", "AtoB"), ("lab", "AtoB"), ("lab", "BtoA")])
def test_the_generator_s_input_is_that_of_the_prepared_image_to_the_last_bit(tmp_path: Path, kind: str, direction: str) -> None:
    images = [noise_image(32, 32, seed) for seed in range(8)]
    [(_, real_a, _)] = prepared(tmp_path, images, kind, direction=direction).pairs(len(images))
    found = ImageToImage(model(kind, direction)).preprocess(torch.from_numpy(np.stack(images)))
    assert torch.equal(found, real_a) and found.is_contiguous()  # convolutions of another memory format round otherwise


def test_every_generator_trains_is_saved_exported_and_gives_the_same_images_all_ways(tmp_path: Path, generator: str) -> None:
    settings = ModelSettings(ngf=4, ndf=4, crop_size=32, dropout_at=(2, 4), generator=generator)
    network, discriminator = build_networks(3, 3, settings, seed=0)
    images = [noise_image(32, 32, seed) for seed in range(2)]
    dataset = prepared(tmp_path, images, "pairs")
    [(_, real_a, _)] = dataset.pairs(2)
    adam = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(2):
        adam.zero_grad()
        fake_b = network(real_a)
        (discriminator(torch.cat([real_a, fake_b], dim=1)).mean() + (fake_b - real_a).abs().mean()).backward()
        adam.step()
    saved = SavedModel(network, "things", "pairs", "AtoB", dataset.planes, settings, "running", 1)
    save_model(tmp_path / "model", saved)
    expected = inferred(load_model(tmp_path / "model"), dataset, tmp_path / "inferred")
    for found in (predicted(tmp_path, images), served(tmp_path, images)):
        assert all(np.array_equal(one, other) for one, other in zip(expected, found, strict=True))
    export(saved, tmp_path / "m.onnx", weights="fp32", sha256="")
    loaded = OnnxBackend(tmp_path / "m.onnx")
    assert max(apart(one, loaded(np.stack([image]), NO_NOISE)[0]) for one, image in zip(expected, images, strict=True)) <= 2
    assert loaded.description.multiple == GENERATORS[generator].multiple(settings)
    fast = TorchBackend(ImageToImage(saved), device=CPU)
    assert max(apart(one, fast(np.stack([image]), NO_NOISE)[0]) for one, image in zip(expected, images, strict=True)) <= 1


@pytest.mark.parametrize("name", [*GENERATORS, *DISCRIMINATORS])
def test_every_network_is_described(name: str) -> None:
    assert {**GENERATORS, **DISCRIMINATORS}[name].description


def stripes(height: int, width: int) -> Pixels:
    """Vertical, 12 pixels wide, over a slope from top to bottom."""
    across = np.arange(width)[None] // 12 % 2 * 120 + np.linspace(0, 100, height)[:, None]
    return np.stack([across, across / 2, 255 - across], axis=2).astype(np.uint8)


@pytest.mark.parametrize("fit", ["squash", "pad"])
def test_an_image_of_another_shape_is_shown_to_a_model_as_its_training_showed_it(tmp_path: Path, fit: str) -> None:
    """A model trained on 192x64 images sees in `predict` what the stages prepare and infer show it."""
    saved, images = replace(model(), fit=fit), [stripes(64, 192), 255 - stripes(64, 192)]
    expected = inferred(saved, prepared(tmp_path, images, "pairs", fit=fit), tmp_path / "inferred")
    sizing = Sizing.as_trained(ImageToImage(saved).description)
    for number, image in enumerate(images):
        assert np.array_equal(sizing.apply(image), pixels(tmp_path / "inferred" / "inputs" / f"{number}.png"))
    save_model(tmp_path / "model", saved)
    for found in (predicted(tmp_path, images), served(tmp_path, images)):
        for output, image, small in zip(found, images, expected, strict=True):
            assert output.shape == image.shape and np.array_equal(output, sizing.undo(small, image))


@pytest.mark.parametrize("size", [(64, 192), (100, 33), (1, 50)])
@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
def test_every_fit_gives_an_output_of_the_image_s_size_that_shows_all_of_it(fit: str, size: tuple[int, int]) -> None:
    sizing, image = Sizing(32, fit), stripes(*size)
    seen = sizing.apply(image)
    assert seen.shape[:2] == sizing.shape(*size) and (min(seen.shape[:2]) == 32 if fit == "crop" else seen.shape == (32, 32, 3))
    restored = sizing.undo(seen, image)
    assert restored.shape == image.shape
    slope = restored.astype(int).mean(axis=(1, 2)), image.astype(int).mean(axis=(1, 2))
    assert np.abs(slope[0] - slope[1]).mean() < 12


def test_a_size_that_is_asked_for_keeps_the_image_s_proportions() -> None:
    about = ImageToImage(replace(model(), fit="squash")).description
    assert Sizing.as_trained(about).shape(64, 192) == (32, 32)
    assert Sizing.chosen(about, 32).shape(64, 192) == (32, 96) and Sizing.chosen(about, None).shape(64, 192) == (64, 192)
