"""Packed images come out as they are stored."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage.color import lab2rgb

from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.dataset import write_dataset
from pix2pix.errors import UserError
from pix2pix.process.operations import plan_unpack

Array = np.ndarray[Any, Any]
NAMES = ["7 é", "x.y", "10"]
SIZE = 8


def pack(folder: Path, layout: ColourPlanes, images: Array) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_dataset(folder, [images], NAMES[: len(images)], layout, SIZE)


def unpacked(folder: Path) -> dict[str, Array]:
    return {str(task.target): np.asarray(Image.open(io.BytesIO(task.content()))) for task in plan_unpack(folder, "png").tasks}


def rgb_pairs(seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(0, 256, (3, 6, SIZE, SIZE), dtype=np.uint8)


def test_a_pair_is_the_stored_input_left_and_the_stored_target_right(tmp_path: Path) -> None:
    pack(tmp_path / "train", ColourPlanes("rgb", "rgb"), rgb_pairs())
    found = unpacked(tmp_path / "train")
    assert list(found) == ["7 é.png", "x.y.png", "10.png"]
    for picture, stored in zip(found.values(), rgb_pairs(), strict=True):
        assert np.array_equal(picture[:, :SIZE], stored[:3].transpose(1, 2, 0))
        assert np.array_equal(picture[:, SIZE:], stored[3:].transpose(1, 2, 0))


@pytest.mark.parametrize("layout", [ColourPlanes("L", "ab"), ColourPlanes("ab", "L")])
def test_a_picture_to_be_coloured_comes_in_its_colours(tmp_path: Path, layout: ColourPlanes) -> None:
    random = np.random.default_rng(0)
    lightness, ab = random.integers(2000, 9000, (3, 1, SIZE, SIZE)), random.integers(-2000, 2000, (3, 2, SIZE, SIZE))
    stored = np.concatenate([lightness, ab] if layout.input == "L" else [ab, lightness], axis=1).astype(np.int16)
    pack(tmp_path / "val", layout, stored)
    lab = np.concatenate([lightness, ab], axis=1).transpose(0, 2, 3, 1) / 100
    for picture, expected in zip(unpacked(tmp_path / "val").values(), lab2rgb(lab), strict=True):
        assert np.abs(picture - expected * 255).max() < 0.51


def test_every_split_below_the_folder_comes_in_a_folder_of_its_own(tmp_path: Path) -> None:
    for seed, split in enumerate(("test", "train")):
        pack(tmp_path / "facades" / split, ColourPlanes("rgb", "rgb"), rgb_pairs(seed))
    found = unpacked(tmp_path)
    assert sorted({Path(name).parent.as_posix() for name in found}) == ["facades/test", "facades/train"] and len(found) == 6
    assert not np.array_equal(found["facades/test/10.png"], found["facades/train/10.png"])


def test_packed_anew_is_seen_whatever_the_times_of_the_files_say(tmp_path: Path) -> None:
    pack(tmp_path / "one", ColourPlanes("rgb", "rgb"), rgb_pairs())
    before, seen = unpacked(tmp_path / "one"), plan_unpack(tmp_path / "one", "png").seen
    (tmp_path / "one").rename(tmp_path / "old")
    pack(tmp_path / "one", ColourPlanes("rgb", "rgb"), rgb_pairs(1))
    assert plan_unpack(tmp_path / "one", "png").seen != seen
    assert not np.array_equal(unpacked(tmp_path / "one")["10.png"], before["10.png"])


def test_a_folder_with_nothing_packed_or_something_damaged_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no packed images"):
        plan_unpack(tmp_path, "png")
    pack(tmp_path / "x", ColourPlanes("rgb", "rgb"), rgb_pairs())
    (tmp_path / "x/images-00000.npy").write_bytes(b"")
    with pytest.raises(UserError, match="is damaged"):
        plan_unpack(tmp_path, "png")


@pytest.mark.parametrize("name", ["../../outside", "/etc/x", "a/b"])
def test_names_that_would_lead_out_of_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    pack(tmp_path / "x", ColourPlanes("rgb", "rgb"), rgb_pairs())
    (tmp_path / "x/names.json").write_text(json.dumps([name, "b", "c"]))
    with pytest.raises(UserError, match=r"names\.json: .* is not the name of an image"):
        plan_unpack(tmp_path, "png")
