"""The Python API: `pix2pix.load(model)(image)` is `pix2pix predict` for images in memory."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import pix2pix
from pix2pix.cli.main import main
from pix2pix.data.palettes import FACADES
from pix2pix.export.export import export
from tests.inference.models import folder, model, noise_image
from tests.pipeline.imports import ROOT


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def predicted(model_name: Path, *options: str) -> list[Image.Image]:
    """What `pix2pix predict` writes for the folder `in`."""
    assert main(["predict", "--model", str(model_name), "--input", "in", "--output", "out", *options]) == 0
    return [Image.open(file) for file in sorted(Path("out").glob("*.png"))]


def see_through(image: Image.Image) -> Image.Image:
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


@pytest.mark.parametrize("kind", ["pairs", "lab"])
@pytest.mark.parametrize("form", ["folder", "onnx"])
def test_an_image_in_memory_gives_the_bytes_that_predict_writes(place: Path, kind: str, form: str) -> None:
    path = folder(place / "model", model(kind)) if form == "folder" else place / "model.onnx"
    if form == "onnx":
        export(model(kind), path, weights="fp32", sha256="")
    images = [Image.fromarray(noise_image(*size)) for size in ((32, 32), (40, 70))]
    images += [images[1].convert("L"), see_through(images[0].copy())]
    Path("in").mkdir()
    for number, image in enumerate(images):
        image.save(f"in/{number}.png")
    loaded = pix2pix.load(path)
    for options, chosen in (([], {}), (["--seed", "3"], {"seed": 3})):
        outputs = loaded(images, **chosen)  # type: ignore[arg-type]
        for output, image, written in zip(outputs, images, predicted(path, *options), strict=True):
            assert output.size == image.size and output.mode == written.mode
            assert np.array_equal(np.asarray(output), np.asarray(written))
    assert loaded.description.kind == kind


def test_outputs_have_the_type_and_layout_of_the_images(place: Path) -> None:
    loaded = pix2pix.load(folder(place / "model", model()))
    image = noise_image(40, 50)
    expected = np.asarray(loaded(Image.fromarray(image)))
    tensor = torch.from_numpy(image).permute(2, 0, 1)
    assert np.array_equal(loaded(image), expected)
    assert torch.equal(loaded(tensor), torch.from_numpy(expected).permute(2, 0, 1))
    for dtype in (torch.float32, torch.float64):
        output = loaded(tensor.to(dtype) / 255)
        assert output.dtype == dtype and torch.equal((output * 255).round().byte(), loaded(tensor))
    assert np.array_equal(loaded(np.stack([image, 255 - image])), np.stack([expected, loaded(255 - image)]))
    assert torch.equal(loaded(torch.stack([tensor, tensor])), torch.stack([loaded(tensor)] * 2))
    grey = loaded(image[:, :, 0])
    assert grey.shape == image.shape and np.array_equal(grey, loaded(np.stack([image[:, :, 0]] * 3, axis=2)))
    mixed = loaded([Image.fromarray(image), image])
    assert [type(output) for output in mixed] == [Image.Image, np.ndarray] and np.array_equal(mixed[1], expected)
    assert loaded([]) == []
    assert loaded(image, size=64).shape == image.shape and not np.array_equal(loaded(image, size=64), expected)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("photo.png", "image 0: a Pillow image, an array or a tensor is needed, this is of type str"),
        ([noise_image(8, 8), np.zeros((8, 8, 3))], r"image 1: an array is \(H, W, 3\) or \(H, W\) uint8, this is \(8, 8, 3\) float64"),
        (np.zeros((0, 8, 3), np.uint8), "image 0: an array"),
        (torch.zeros(4, 8, 8), r"image 0: a tensor is \(3, H, W\) or \(1, H, W\)"),
        (torch.full((3, 8, 8), -1.0), r"values in \[0, 1\]"),
        (torch.full((3, 8, 8), torch.nan), r"values in \[0, 1\]"),
        (Image.new("F", (8, 8)), "image 0: "),
    ],
)
def test_what_is_no_image_is_refused_by_its_number(place: Path, image: object, message: str) -> None:
    loaded = pix2pix.load(folder(place / "model", model()))
    with pytest.raises(pix2pix.UserError, match=message):
        loaded([image] if isinstance(image, str) else image)  # type: ignore[call-overload]


def test_a_model_and_options_that_cannot_be_are_refused(place: Path) -> None:
    with pytest.raises(pix2pix.UserError, match="no folder and no file"):
        pix2pix.load("nowhere")
    facades = pix2pix.load(folder(place / "model", replace(model("pairs", "BtoA", "facades"), palette=FACADES)))
    with pytest.raises(pix2pix.UserError, match="no label map"):
        facades(noise_image(32, 32))
    assert facades(noise_image(32, 32), snap=True).shape == (32, 32, 3)
    with pytest.raises(pix2pix.UserError, match="size = 0"):
        facades(noise_image(32, 32), size=0)


def test_a_person_s_own_script_gets_the_bits_of_predict_and_the_import_is_light(place: Path) -> None:
    """In a process of its own, where torch is not imported yet; `make repro`'s stages compute with the same variables."""
    folder(place / "model", model())
    Path("in").mkdir()
    Image.fromarray(noise_image(40, 50)).save("in/1.png")
    code = (
        "import sys, pix2pix\nassert not {'torch', 'numpy', 'PIL', 'mlflow'} & set(sys.modules)\n"
        "from PIL import Image\npix2pix.load('model')(Image.open('in/1.png')).save('script.png')\n"
        "assert not {'mlflow', 'dvc', 'onnxruntime', 'ruamel'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""})
    subprocess.run(
        [sys.executable, "-m", "pix2pix.cli.main", "predict", "--model", "model", "--input", "in", "--output", "out"],
        check=True, env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
    )  # fmt: skip
    assert np.array_equal(np.asarray(Image.open("script.png")), np.asarray(Image.open("out/1.png")))
