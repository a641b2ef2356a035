"""The pictures that the stage infer writes."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pix2pix.config.model_settings import ModelSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.dataset import ImageDataset, write_dataset
from pix2pix.data.prediction_folders import INPUTS, TARGETS
from pix2pix.errors import UserError
from pix2pix.inference.predictions import predict_dataset
from pix2pix.models.build import build_networks
from pix2pix.models.files import SavedModel

SIZE, NAMES = 32, ["a", "two words", "façade", "d", "e"]
RGB, COLOURING = ColourPlanes("rgb", "rgb"), ColourPlanes("L", "ab")


def store(folder: Path, layout: ColourPlanes) -> ImageDataset:
    planes, draw = layout.channels_in + layout.channels_out, np.random.default_rng(0)
    low, high = (0, 256) if layout == RGB else (0, 10001)
    write_dataset(folder, [draw.integers(low, high, (len(NAMES), planes, SIZE, SIZE), dtype=layout.dtype)], NAMES, layout, SIZE)
    return ImageDataset(folder)


def model(layout: ColourPlanes) -> SavedModel:
    settings = ModelSettings(ngf=4, ndf=4, crop_size=SIZE)
    generator, _ = build_networks(layout.channels_in, layout.channels_out, settings, seed=0)
    for module in generator.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
            module.weight.data *= 5  # outputs that differ from image to image
    kind = "pairs" if layout == RGB else "lab"
    return SavedModel(generator, "drawn", kind, "AtoB", layout, settings, "batch", epochs=1)


def predicted(folder: Path, layout: ColourPlanes, *, norm: str | None = None, batch_size: int = 2) -> dict[str, str]:
    """SHA-256 of every file by its path."""
    images = store(folder / "prepared", layout)
    predict_dataset(model(layout), images, folder / "out", norm=norm, batch_size=batch_size, device=torch.device("cpu"))
    files = (path for path in sorted((folder / "out").rglob("*")) if path.is_file())
    return {path.relative_to(folder / "out").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("layout", [RGB, COLOURING])
def test_every_image_is_there_under_its_name_with_input_and_target(tmp_path: Path, layout: ColourPlanes) -> None:
    found = predicted(tmp_path, layout)
    assert set(found) == {f"{part}{name}.png" for part in ("", f"{INPUTS}/", f"{TARGETS}/") for name in NAMES}
    assert len(set(found.values())) == len(found)
    for name in found:
        with Image.open(tmp_path / "out" / name) as picture:
            assert (picture.mode, picture.size) == ("RGB", (SIZE, SIZE))


def test_inputs_and_targets_are_the_stored_pixels(tmp_path: Path) -> None:
    predicted(tmp_path, RGB)
    stored = ImageDataset(tmp_path / "prepared").read(range(len(NAMES))).numpy()
    for image, name in zip(stored, NAMES, strict=True):
        for planes, part in ((image[:3], INPUTS), (image[3:], TARGETS)):
            assert np.array_equal(np.asarray(Image.open(tmp_path / "out" / part / f"{name}.png")), planes.transpose(1, 2, 0))


@pytest.mark.parametrize("norm", ["batch", "running"])
@pytest.mark.parametrize("layout", [RGB, COLOURING])
def test_the_files_have_the_same_bytes_for_any_batch_size(tmp_path: Path, layout: ColourPlanes, norm: str) -> None:
    found = [predicted(tmp_path / str(size), layout, norm=norm, batch_size=size) for size in (1, 3, 16)]
    assert found[0] == found[1] == found[2]


def test_the_two_statistics_give_other_outputs_of_the_same_inputs(tmp_path: Path) -> None:
    batch, running = (predicted(tmp_path / norm, RGB, norm=norm) for norm in ("batch", "running"))
    assert {name for name in batch if batch[name] != running[name]} == {f"{name}.png" for name in NAMES}


def test_what_was_there_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old.png").write_bytes(b"")
    assert "old.png" not in predicted(tmp_path, RGB)


def test_a_model_of_another_kind_is_refused_and_what_was_there_stays(tmp_path: Path) -> None:
    before = predicted(tmp_path, RGB)
    with pytest.raises(UserError, match="the model turns L into ab, the images hold rgb and rgb"):
        predict_dataset(
            model(COLOURING), ImageDataset(tmp_path / "prepared"), tmp_path / "out", norm=None, batch_size=1, device=torch.device("cpu")
        )
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == {name for name in before if "/" not in name}
