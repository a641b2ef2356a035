from pathlib import Path

import pytest

from pix2pix.demo.catalogue import SAMPLES, find_models
from pix2pix.errors import UserError
from tests.demo.onnx_models import SIZE, write_model, write_samples


def test_a_model_says_itself_what_it_is_and_those_to_draw_for_come_first(models_folder: Path) -> None:
    facades, food, odd = find_models(models_folder, models_folder / "predictions")
    about = facades.description
    assert [model.description.dataset for model in (facades, food, odd)] == ["facades", "food", "odd"]
    assert (about.kind, about.size, about.noise, about.epochs, about.weights) == ("pairs", SIZE, True, 3, "fp32")
    assert list(about.palette)[:3] == ["background", "facade", "window"] and len(about.palette) == 12
    assert (food.description.kind, food.description.noise, food.description.palette) == ("lab", False, {})
    assert [sample.input.name for sample in food.samples] == ["0.png", "1.png", "2.png"]
    assert {sample.target for sample in food.samples} == {None}
    assert facades.samples[2].target == models_folder / "predictions/facades/targets/2.png"


def test_of_many_samples_some_are_taken_from_all_over_the_folder(tmp_path: Path) -> None:
    write_model(tmp_path / "facades.onnx")
    write_samples(tmp_path / "facades/inputs", 100)
    (model,) = find_models(tmp_path, tmp_path)
    numbers = [int(sample.input.stem) for sample in model.samples]
    assert len(numbers) == SAMPLES and numbers == sorted(set(numbers)) and numbers[0] == 0 and numbers[-1] > 90


def test_without_a_model_the_message_says_which_commands_make_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"make repro.*pix2pix export"):
        find_models(tmp_path / "nothing", tmp_path)


@pytest.mark.parametrize("content", [b"", b"no model", {"size": "many"}, {"dataset": "../.."}])
def test_a_file_that_is_no_exported_model_is_named(tmp_path: Path, content: bytes | dict[str, str]) -> None:
    file = tmp_path / "odd.onnx"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        write_model(file, **content)
    with pytest.raises(UserError, match=r"odd\.onnx"):
        find_models(tmp_path, tmp_path)
