"""Prepared images on disk: what was written comes back, in any order; damage is refused."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.dataset import ArrayWriter, ImageDataset, write_dataset
from pix2pix.errors import UserError

Array = np.ndarray[Any, Any]
RGB, LAB = ColourPlanes("rgb", "rgb"), ColourPlanes("L", "ab")
COUNT, SIZE = 7, 6
IMAGE_BYTES = {RGB: 6 * SIZE * SIZE, LAB: 3 * SIZE * SIZE * 2}


def images(layout: ColourPlanes = RGB, seed: int = 0) -> Array:
    planes = layout.channels_in + layout.channels_out
    low, high = (0, 256) if layout == RGB else (-11000, 11000)
    return np.random.default_rng(seed).integers(low, high, (COUNT, planes, SIZE, SIZE), dtype=layout.dtype)


def in_chunks(whole: Array, lengths: Sequence[int]) -> Iterator[Array]:
    ends = np.cumsum(lengths)
    yield from np.split(whole, ends[:-1]) if len(lengths) else []


def written(folder: Path, layout: ColourPlanes = RGB, names: Sequence[str] | None = None, seed: int = 0) -> ImageDataset:
    names = [f"n{i}" for i in range(COUNT)] if names is None else names
    write_dataset(folder, [images(layout, seed)], names, layout, SIZE)
    return ImageDataset(folder)


@pytest.mark.parametrize("layout", [RGB, LAB], ids=["rgb", "lab"])
@pytest.mark.parametrize("lengths", [[7], [1] * 7, [3, 4], [0, 5, 0, 2, 0]], ids=str)
def test_what_was_written_in_any_chunks_comes_back(tmp_path: Path, layout: ColourPlanes, lengths: list[int]) -> None:
    write_dataset(tmp_path / "x", in_chunks(images(layout), lengths), [f"n{i}" for i in range(COUNT)], layout, SIZE)
    opened = ImageDataset(tmp_path / "x")
    assert np.array_equal(np.load(tmp_path / "x" / "images-00000.npy"), images(layout))
    read = opened.read(range(COUNT))
    assert read.dtype == (torch.uint8 if layout == RGB else torch.int16)
    assert np.array_equal(read.numpy(), images(layout))
    assert (len(opened), opened.height, opened.width, opened.planes) == (COUNT, SIZE, SIZE, layout)
    assert opened.nbytes() == COUNT * IMAGE_BYTES[layout]
    assert not list((tmp_path / "x").glob("*.partial"))


@pytest.mark.parametrize("wanted", [[], [3], [6, 0, 6, 2]], ids=str)
def test_images_are_read_in_any_order_and_as_often_as_asked(tmp_path: Path, wanted: list[int]) -> None:
    opened = written(tmp_path / "x")
    for indices in (wanted, torch.tensor(wanted, dtype=torch.int64)):
        assert np.array_equal(opened.read(indices).numpy(), images()[np.array(wanted, dtype=int)])


def test_of_fewer_images_than_expected_the_header_tells(tmp_path: Path) -> None:
    writer = ArrayWriter(tmp_path / "x", RGB, SIZE, expected=COUNT + 2)
    writer.add([f"n{i}" for i in range(COUNT)], images())
    writer.finish()
    written(tmp_path / "y")
    assert content(tmp_path / "x") == content(tmp_path / "y")


def test_what_was_read_may_be_changed_without_touching_the_store(tmp_path: Path) -> None:
    opened = written(tmp_path / "x")
    opened.read([0, 6]).zero_()
    assert np.array_equal(opened.read(range(COUNT)).numpy(), images())


def test_names_of_any_sort_are_kept_in_order(tmp_path: Path) -> None:
    names = ["10", "2", "ä ö", "日本", 'a"b', "<i>&amp;", "a.b"]
    assert written(tmp_path / "x", names=names).names == names


def test_pairs_are_all_images_in_order_as_network_inputs(tmp_path: Path) -> None:
    opened = written(tmp_path / "x")
    batches = list(opened.pairs(3))
    assert [len(names) for names, _, _ in batches] == [3, 3, 1]
    assert [name for names, _, _ in batches for name in names] == opened.names
    real_a, real_b = RGB.split(torch.from_numpy(images()))
    assert torch.equal(torch.cat([a for _, a, _ in batches]), real_a)
    assert torch.equal(torch.cat([b for _, _, b in batches]), real_b)


# bytes


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_same_images_give_the_same_bytes_however_they_came(tmp_path: Path) -> None:
    first = written(tmp_path / "a")
    write_dataset(tmp_path / "b", in_chunks(images(), [2, 5]), first.names, RGB, SIZE)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert first.digest == ImageDataset(tmp_path / "b").digest


def test_the_digest_changes_with_any_pixel_or_name(tmp_path: Path) -> None:
    digests = [
        written(tmp_path / "a").digest,
        written(tmp_path / "b", seed=1).digest,
        written(tmp_path / "c", names=list("abcdefg")).digest,
    ]
    assert len(set(digests)) == 3


def test_meta_names_the_array_with_its_sha256(tmp_path: Path) -> None:
    written(tmp_path / "x")
    (shard,) = json.loads((tmp_path / "x" / "meta.json").read_text())["shards"]
    assert hashlib.sha256((tmp_path / "x" / shard["file"]).read_bytes()).hexdigest() == shard["sha256"]
    assert shard["images"] == COUNT


def test_several_arrays_of_an_earlier_version_are_refused(tmp_path: Path) -> None:
    written(tmp_path / "x")
    meta = json.loads((tmp_path / "x" / "meta.json").read_text())
    (tmp_path / "x" / "meta.json").write_text(json.dumps({**meta, "shards": meta["shards"] * 2}))
    with pytest.raises(UserError, match="run the stage prepare again"):
        ImageDataset(tmp_path / "x")


# damage


@pytest.mark.parametrize("name", ["meta.json", "names.json", "images-00000.npy"])
def test_a_folder_in_which_something_is_missing_is_refused_by_name(tmp_path: Path, name: str) -> None:
    written(tmp_path / "x")
    (tmp_path / "x" / name).unlink()
    with pytest.raises(UserError, match=f"{tmp_path / 'x'} holds no prepared images: {name} is missing; make them with the stage prepare"):
        ImageDataset(tmp_path / "x")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no prepared images"):
        ImageDataset(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("meta.json", b""),
        ("meta.json", b"{"),
        ("meta.json", b"[]"),
        ("meta.json", b"{}"),
        ("meta.json", b'{"layout": {"input": "rgb"}}'),
        ("meta.json", b"\xff"),
        ("names.json", b""),
        ("names.json", b"3"),
        ("names.json", b'["too", "few"]'),
        ("images-00000.npy", b""),
        ("images-00000.npy", b"no array at all"),
    ],
)
def test_a_damaged_file_is_refused_with_the_way_out(tmp_path: Path, name: str, damage: bytes) -> None:
    written(tmp_path / "x")
    (tmp_path / "x" / name).write_bytes(damage)
    with pytest.raises(UserError, match=f"{tmp_path / 'x'} is damaged .*; run the stage prepare again"):
        ImageDataset(tmp_path / "x")


def test_an_array_cut_short_or_of_another_shape_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "x")
    array = tmp_path / "x" / "images-00000.npy"
    whole = array.read_bytes()
    array.write_bytes(whole[:-1])
    with pytest.raises(UserError, match="is damaged"):
        ImageDataset(tmp_path / "x")
    np.save(array, images(LAB))
    with pytest.raises(UserError, match="is damaged"):
        ImageDataset(tmp_path / "x")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    written(tmp_path / "x")
    with pytest.raises(FileExistsError):
        written(tmp_path / "x", seed=1)
    assert np.array_equal(ImageDataset(tmp_path / "x").read(range(COUNT)).numpy(), images())
