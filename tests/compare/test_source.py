from pathlib import Path

import pytest

from pix2pix.compare.source import from_folder, targets_in
from pix2pix.errors import UserError
from tests.compare.conftest import Fill


def test_a_folder_gives_its_images_by_stem_in_natural_order_and_nothing_else(fill: Fill) -> None:
    folder = fill("outputs", ["10", "9", "a.b"])
    fill("outputs", ["11"], suffix=".JPG")
    (folder / "index.html").write_text("no image")
    (folder / "deeper").mkdir()
    source = from_folder(folder)
    assert list(source.outputs) == ["9", "10", "11", "a.b"]
    assert source.outputs["11"] == folder / "11.JPG"
    assert (source.name, source.targets, source.inputs) == ("outputs", {}, {})


def test_a_predictions_folder_brings_its_targets_and_inputs_along(fill: Fill) -> None:
    folder = fill("facades", ["1"])
    fill("facades/targets", ["1", "2"])
    fill("facades/inputs", ["1"], suffix=".jpg")
    source = from_folder(folder)
    assert (list(source.targets), list(source.inputs)) == (["1", "2"], ["1"])


def test_two_files_of_one_stem_are_refused_by_name(fill: Fill) -> None:
    fill("twice", ["1"])
    with pytest.raises(UserError, match=r"twice has 1\.jpeg and 1\.png"):
        from_folder(fill("twice", ["1"], suffix=".jpeg"))


def test_a_folder_without_images_says_where_some_might_be(tmp_path: Path) -> None:
    (tmp_path / "data" / "facades").mkdir(parents=True)
    with pytest.raises(UserError, match=r"data holds no images .*it has the folders facades"):
        from_folder(tmp_path / "data")


def test_what_is_no_folder_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone cannot be read as a folder: No such file"):
        targets_in(tmp_path / "gone")
