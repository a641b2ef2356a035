"""A trained generator as a folder: the same bytes for the same model, everything that is needed to use it, and damage told."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from pix2pix.config.model_settings import ModelSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.errors import UserError
from pix2pix.models.build import build_networks
from pix2pix.models.files import DESCRIPTION, WEIGHTS, SavedModel, describe, load_model, save_model
from pix2pix.models.inference_mode import prepare_for_inference

SMALL = ModelSettings(ngf=4, ndf=4, crop_size=32, dropout_at=(2, 4))


def model(settings: ModelSettings = SMALL, kind: str = "pairs", direction: str = "BtoA", seed: int = 0) -> SavedModel:
    layout = ColourPlanes.of(kind, direction)
    generator, _ = build_networks(layout.channels_in, layout.channels_out, settings, seed)
    return SavedModel(generator, "facades", kind, direction, layout, settings, norm="batch", epochs=7)


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


CHOICES = [
    model(),
    model(replace(SMALL, generator="resnet", upsample="resize", norm="instance")),
    model(replace(SMALL, bottleneck_norm=True, dropout_at=())),
    model(kind="lab", direction="AtoB"),
    model(kind="lab", direction="BtoA"),
    replace(model(), palette={"wall": (0, 48, 255), "door": (0, 207, 255)}),
]


@pytest.mark.parametrize("saved", CHOICES, ids=["pairs", "resnet", "bottleneck", "colour", "lightness", "palette"])
def test_a_model_comes_back_with_the_same_output_and_all_it_knew(tmp_path: Path, saved: SavedModel) -> None:
    save_model(tmp_path / "m", saved)
    loaded = load_model(tmp_path / "m")
    assert replace(loaded, generator=saved.generator) == saved
    image = torch.rand(2, saved.planes.channels_in, 32, 32)
    for norm in ("batch", "running"):
        assert torch.equal(prepare_for_inference(loaded.generator, norm)(image), prepare_for_inference(saved.generator, norm)(image))


def test_saved_twice_the_bytes_are_the_same_and_another_model_s_are_not(tmp_path: Path) -> None:
    for name, saved in (("a", model()), ("b", model()), ("c", model(seed=1))):
        save_model(tmp_path / name, saved)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert content(tmp_path / "a")[WEIGHTS] != content(tmp_path / "c")[WEIGHTS]


def test_how_the_weights_lay_in_memory_does_not_reach_the_file(tmp_path: Path) -> None:
    save_model(tmp_path / "a", model())
    fast = model()
    fast.generator.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    fast.generator(torch.rand(1, 3, 32, 32)).sum().backward()  # gradients are no part of a model
    for name, value in model().generator.state_dict().items():
        fast.generator.state_dict()[name].copy_(value)
    save_model(tmp_path / "b", fast)
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_the_description_can_be_read_without_python(tmp_path: Path) -> None:
    save_model(tmp_path / "m", model())
    read = json.loads((tmp_path / "m" / DESCRIPTION).read_text(encoding="utf-8"))
    assert read == describe(tmp_path / "m")
    assert read["kind"] == "pairs" and read["direction"] == "BtoA" and read["layout"] == {"input": "rgb", "target": "rgb"}
    assert read["architecture"]["crop_size"] == 32 and read["architecture"]["dropout_at"] == [2, 4]


def test_every_tensor_of_the_network_is_in_the_file_by_itself(tmp_path: Path) -> None:
    saved = model()
    save_model(tmp_path / "m", saved)
    state = saved.generator.state_dict()
    with safe_open(tmp_path / "m" / WEIGHTS, "pt") as file:
        assert set(file.keys()) == set(state)
        assert all(torch.equal(file.get_tensor(name), value) for name, value in state.items())


def test_loaded_models_share_no_memory(tmp_path: Path) -> None:
    saved = model()
    save_model(tmp_path / "m", saved)
    loaded = [load_model(tmp_path / "m"), load_model(tmp_path / "m")]
    pointers = [value.data_ptr() for one in [saved, *loaded] for value in one.generator.state_dict().values()]
    assert len(set(pointers)) == len(pointers)


def test_what_was_there_is_replaced_whole_and_what_a_kill_left_beside_does_no_harm(tmp_path: Path) -> None:
    for name in ("m/old", ".m.0123abcd.partial/half"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"")
    save_model(tmp_path / "m", model())
    assert sorted(content(tmp_path / "m")) == [WEIGHTS, DESCRIPTION]
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


@pytest.mark.parametrize("name", [WEIGHTS, DESCRIPTION])
def test_a_folder_in_which_a_file_is_missing_is_refused_by_name(tmp_path: Path, name: str) -> None:
    save_model(tmp_path / "m", model())
    (tmp_path / "m" / name).unlink()
    with pytest.raises(UserError, match=f"{tmp_path / 'm'} is no trained model: {name} is missing, which the stage train writes"):
        load_model(tmp_path / "m")
    with pytest.raises(UserError, match=f"{DESCRIPTION} is missing"):
        load_model(tmp_path / "nowhere")


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"{}", b"3", b"\xff"])
def test_a_damaged_description_is_refused(tmp_path: Path, damage: bytes) -> None:
    save_model(tmp_path / "m", model())
    (tmp_path / "m" / DESCRIPTION).write_bytes(damage)
    with pytest.raises(UserError, match=f"{tmp_path / 'm'}.* is damaged"):
        load_model(tmp_path / "m")


@pytest.mark.parametrize("kept", [0, 7, 500, -1])
def test_weights_cut_short_are_refused(tmp_path: Path, kept: int) -> None:
    save_model(tmp_path / "m", model())
    weights = tmp_path / "m" / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:kept])
    with pytest.raises(UserError, match=f"{tmp_path / 'm'} is damaged, or of another version .*; train it again"):
        load_model(tmp_path / "m")


@pytest.mark.parametrize("other", [replace(SMALL, ngf=5), replace(SMALL, crop_size=64), replace(SMALL, generator="resnet")])
def test_weights_of_another_network_are_refused(tmp_path: Path, other: ModelSettings) -> None:
    save_model(tmp_path / "m", model())
    save_model(tmp_path / "other", model(other))
    (tmp_path / "other" / WEIGHTS).replace(tmp_path / "m" / WEIGHTS)
    with pytest.raises(UserError, match="is damaged, or of another version"):
        load_model(tmp_path / "m")


def test_a_description_of_a_later_version_is_refused(tmp_path: Path) -> None:
    save_model(tmp_path / "m", model())
    described = describe(tmp_path / "m")
    described["architecture"]["attention"] = True
    (tmp_path / "m" / DESCRIPTION).write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(UserError, match=r"of another version .*attention"):
        load_model(tmp_path / "m")


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        (None, "format", 2, "format is 2 and must be 1"),
        (None, "dataset", "../..", "dataset is '../..' and must be a name"),
        (None, "kind", ["pairs"], "kind is"),
        (None, "norm", "evil", "norm is 'evil' and must be batch or running"),
        (None, "epochs", float("nan"), "epochs is nan"),
        (None, "epochs", True, "epochs is True"),
        (None, "fit", "stretch", "fit is 'stretch'"),
        (None, "load_size", "64", "load_size is '64'"),
        (None, "layout", {"input": "rgb"}, "layout.target is missing"),
        (None, "layout", {"input": "L", "target": "ab"}, "layout is not that of pairs BtoA"),
        ("architecture", "crop_size", 0, "architecture.crop_size is 0"),
        ("architecture", "crop_size", -64, "architecture.crop_size is -64"),
        ("architecture", "ngf", 1.5, "architecture.ngf is 1.5"),
        ("architecture", "dropout", float("nan"), "architecture.dropout is nan"),
        ("architecture", "dropout_at", [0], "architecture.dropout_at"),
        ("architecture", "generator", "other", "generator 'other' is unknown: this version has unet, resnet"),
        ("architecture", "discriminator", "other", "discriminator 'other' is unknown: this version has patch, pixel, multiscale"),
        ("architecture", "ngf", 100_000, r"generator.safetensors has \[4, 3, 4, 4\] where downs.0.0.weight of the network is \[100000, 3"),
    ],
)
def test_a_description_out_of_range_is_refused_by_its_key_and_takes_no_memory(
    tmp_path: Path, section: str | None, key: str, value: object, message: str
) -> None:
    save_model(tmp_path / "m", model())
    content = json.loads((tmp_path / "m" / DESCRIPTION).read_text(encoding="utf-8"))
    (content[section] if section else content)[key] = value
    (tmp_path / "m" / DESCRIPTION).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UserError, match=message):
        load_model(tmp_path / "m")


def test_a_model_of_an_earlier_version_is_one_of_squashed_images(tmp_path: Path) -> None:
    saved = replace(model(), fit="pad", resize="area", load_size=40)
    save_model(tmp_path / "m", saved)
    assert replace(load_model(tmp_path / "m"), generator=saved.generator) == saved
    content = json.loads((tmp_path / "m" / DESCRIPTION).read_text(encoding="utf-8"))
    for key in ("fit", "resize", "load_size"):
        del content[key]
    (tmp_path / "m" / DESCRIPTION).write_text(json.dumps(content), encoding="utf-8")
    loaded = load_model(tmp_path / "m")
    assert (loaded.fit, loaded.resize, loaded.load_size) == ("squash", "bicubic", None)


@pytest.mark.skipif(os.name != "posix", reason="no umask")
def test_whoever_may_read_the_folder_may_read_the_weights(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        save_model(tmp_path / "model", model())
    finally:
        os.umask(before)
    assert (tmp_path / "model" / WEIGHTS).stat().st_mode & 0o777 == 0o644
