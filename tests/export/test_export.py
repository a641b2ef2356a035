"""Exported files: they draw what the model draws at any size, say what they are, and are the same bytes on every run."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from pix2pix.data.palettes import FACADES
from pix2pix.errors import UserError
from pix2pix.export import export as module
from pix2pix.export.card import licence_of
from pix2pix.export.export import Difference, Exported, export
from pix2pix.export.onnx_file import quantised
from pix2pix.inference.backends import OnnxBackend
from pix2pix.inference.pipeline import ImageToImage
from pix2pix.models.build import GENERATORS
from pix2pix.models.files import SavedModel
from tests.inference.models import model, noise_image


def small_resnet() -> SavedModel:
    """Of one block: exporting takes a second or two for each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GENERATORS["resnet"], "blocks", 1)
        return model(generator="resnet")


# between them: RGB, both ways of Lab, both statistics, both networks, with and without noise
MODELS = {
    "labels": (model("pairs", "BtoA", "facades", palette=FACADES), "running"),
    "colour": (model("lab", "AtoB"), "batch"),
    "lightness": (model("lab", "BtoA", bottleneck_norm=True, dropout=0.0), "batch"),
    "resnet": (small_resnet(), "running"),
}


@pytest.fixture(scope="module", params=MODELS)
def onnx_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[SavedModel, str, Path]:
    saved, norm = MODELS[request.param]
    path = tmp_path_factory.mktemp(request.param) / "model.onnx"
    written(saved, path, norm=norm)
    return saved, norm, path


def written(saved: SavedModel, path: Path, **how: Any) -> Exported:
    return export(saved, path, **{"weights": "fp32", "sha256": "0" * 64, **how})


def gap(saved: SavedModel, norm: str, backend: OnnxBackend, size: tuple[int, int], seed: int) -> int:
    image = noise_image(*size)[None]
    with torch.inference_mode():
        expected = ImageToImage(saved, norm)(torch.from_numpy(image), torch.tensor([seed])).numpy()
    found = backend(image, seed)
    assert found.shape == expected.shape and found.dtype == np.uint8
    return int(np.abs(found.astype(int) - expected).max())


def test_an_onnx_file_draws_what_the_model_draws_at_every_size_with_every_seed(onnx_file: tuple[SavedModel, str, Path]) -> None:
    saved, norm, path = onnx_file
    backend = OnnxBackend(path)
    for size in ((32, 32), (31, 70), (9, 6), (1, 1)):
        assert max(gap(saved, norm, backend, size, seed) for seed in (-1, 0, 12345678901)) <= 2


def test_it_has_the_inputs_and_outputs_that_programs_rely_on_and_nothing_of_this_machine(onnx_file: tuple[SavedModel, str, Path]) -> None:
    _, _, path = onnx_file
    graph = onnx.load(path).graph

    def shape(value: onnx.ValueInfoProto) -> tuple[str, int, list[Any]]:
        kind = value.type.tensor_type
        return value.name, kind.elem_type, [d.dim_param or d.dim_value for d in kind.shape.dim]

    image = [1, "height", "width", 3]
    assert [shape(value) for value in graph.input] == [("image", onnx.TensorProto.UINT8, image), ("seed", onnx.TensorProto.INT64, [1])]
    assert [shape(value)[:2] for value in graph.output] == [("output", onnx.TensorProto.UINT8)]
    content = path.read_bytes()
    assert not any(text in content for text in (b"site-packages", b"/src/", b".py", str(Path.home()).encode() + b"/"))


def test_it_says_what_it_is(onnx_file: tuple[SavedModel, str, Path]) -> None:
    saved, norm, path = onnx_file
    said = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert list(said) == sorted(said)
    expected = {
        "format": "1", "dataset": saved.dataset, "kind": saved.kind, "direction": saved.direction, "size": "32", "norm": norm,
        "noise": str(int(ImageToImage(saved).description.noise)), "epochs": "3", "weights": "fp32", "model_sha256": "0" * 64,
        "licence": "unknown", "levels": "5" if saved.settings.generator == "unet" else "2",
        "fit": "squash", "resize": "bicubic", "load_size": "32",
    }  # fmt: skip
    assert {key: said[f"pix2pix.{key}"] for key in expected} == expected
    palette = json.loads(said["pix2pix.palette"])
    assert (len(palette) == 12 and palette[2] == {"name": "window", "rgb": [0, 128, 255]}) if saved.dataset == "facades" else palette == []


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "elsewhere" / "b"]
    for path in paths:
        written(model(), path, weights="int8")
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_smaller_weights_make_smaller_files_whose_error_is_measured(tmp_path: Path) -> None:
    plain = {"generator": "unet", "ngf": 16, "dropout": 0.0}
    done = [written(model(**plain), tmp_path / "m.onnx", weights=weights) for weights in ("fp32", "fp16", "int8")]
    assert done[0].bytes > 1.5 * done[1].bytes > 1.5 * 1.2 * done[2].bytes
    assert done[0].difference.worst <= 2 and done[1].difference.worst <= 3 and done[2].difference.mean < 3
    assert done[0].difference.mean <= done[1].difference.mean < done[2].difference.mean


def test_what_draws_something_else_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.onnx").write_text("an older one")
    stand_ins = {"graph": None, "onnx_model": b"a file", "OnnxBackend": None, "difference": Difference(3, 0.5)}
    for name, value in stand_ins.items():
        monkeypatch.setattr(module, name, lambda *_, value=value: value)
    with pytest.raises(UserError, match="was not written: its outputs are at most 3 of 255 levels apart"):
        written(model(), tmp_path / "m.onnx")
    assert (tmp_path / "m.onnx").read_text() == "an older one" and len(list(tmp_path.iterdir())) == 1


def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        written(model(), tmp_path / "file" / "m.onnx")


def test_a_file_that_is_no_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"nothing of the sort")
    with pytest.raises(UserError, match="that can be run"):
        OnnxBackend(tmp_path / "m.onnx")


@pytest.mark.parametrize("axis", [0, 1])
def test_int8_is_never_further_off_than_half_a_step_of_its_channel(axis: int) -> None:
    weight = torch.randn(6, 5, 4, 4, generator=torch.Generator().manual_seed(0)) * torch.logspace(-3, 2, 6).view(6, 1, 1, 1)
    small, scale = quantised(weight, axis)
    along = scale.view([-1 if place == axis else 1 for place in range(4)])
    assert small.dtype == torch.int8
    assert ((small * along - weight).abs() <= along * 0.5001).all()
    assert not quantised(torch.zeros(2, 2, 4, 4), axis)[0].any()


def test_a_licence_is_never_guessed_from_a_name() -> None:
    assert licence_of("facades", None) == licence_of("mine", "published") == licence_of("facades", "/home/me/pictures") == "unknown"
    assert "Center for Machine Perception" in licence_of("facades", "published")
    assert "own program" in licence_of("facades", "sample")
