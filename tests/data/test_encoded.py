"""The encoded layout gives what the layout of arrays gives, to the last bit, from the pictures' own bytes."""

import io
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from pix2pix.config.settings import Prepare
from pix2pix.data import encoded
from pix2pix.data.dataset import ImageDataset
from pix2pix.data.images import decode
from pix2pix.data.jpeg import is_plain
from pix2pix.errors import UserError
from pix2pix.prepare.prepare import prepare

LOAD, CROP = 24, 16
HOW: dict[str, Any] = {
    "load_size": LOAD,
    "crop_size": CROP,
    "val_fraction": 0.0,
    "eval_split": "val",
    "workers": 1,
}


def picture(width: int, height: int, seed: int) -> Image.Image:
    """Noise and a slope, so that every path of a JPEG decoder has something to do."""
    noise = np.random.default_rng(seed).integers(0, 160, (height, width, 3))
    return Image.fromarray((noise + np.arange(width)[None, :, None] * 95 // width).astype(np.uint8))


def saved(image: Image.Image, format: str = "JPEG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def contents(wide: int, seed: int) -> dict[str, bytes]:
    """Pictures of every sort: JPEGs that already have the wanted size and others, and what is no JPEG or not plain."""
    exact, other = picture(wide * LOAD, LOAD, seed), picture(wide * 33, 33, seed + 1)
    turned = Image.Exif()
    turned[0x0112] = 3
    return {
        "1 exact.jpg": saved(exact, quality=95, subsampling="4:4:4"),
        "2 exact 420.jpg": saved(exact, quality=60),
        "3 progressive.JPG": saved(exact, progressive=True),
        "4 larger.jpeg": saved(other),
        "5 grey.jpg": saved(exact.convert("L")),
        "6 cmyk.jpg": saved(exact.convert("CMYK")),
        "7 turned.jpg": saved(exact, exif=turned),
        "8 lossless ä.png": saved(exact, "PNG"),
        "9 rgb.jpg": saved(exact, keep_rgb=True),
    }


def source(folder: Path, kind: str) -> Path:
    for split, seed in (("train", 0), ("val", 50)):
        for side in ("A", "B") if kind == "folders" else ("",):
            place = folder / split / side
            place.mkdir(parents=True)
            for name, content in contents(2 if kind == "pairs" else 1, seed + (7 if side == "B" else 0)).items():
                (place / name).write_bytes(content)
    return folder


def run(source: Path, into: Path, layout: str, **how: Any) -> Path:
    files = sorted(PurePosixPath(file.relative_to(source)) for file in source.rglob("*") if file.is_file())
    settings = {**HOW, **how}
    other = {name: settings.pop(name) for name in ("kind", "direction", "eval_split") if name in settings}
    prepare(source, files, into, Prepare(**settings, layout=layout), **other)
    return into


def every(folder: Path) -> torch.Tensor:
    store = ImageDataset(folder)
    return store.read(range(len(store)))


@pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
@pytest.mark.parametrize("kind", ["pairs", "lab", "folders"])
def test_both_layouts_give_the_same_tensors_names_and_sizes(tmp_path: Path, kind: str, direction: str) -> None:
    here = source(tmp_path / "source", kind)
    folders = [run(here, tmp_path / layout, layout, kind=kind, direction=direction) for layout in ("arrays", "encoded")]
    for split, size in (("train", LOAD), ("val", CROP)):
        arrays, files = (ImageDataset(folder / split) for folder in folders)
        assert torch.equal(every(folders[0] / split), every(folders[1] / split))
        for field in ("names", "planes", "height", "width"):
            assert getattr(arrays, field) == getattr(files, field)
        assert (arrays.nbytes(), len(arrays), files.height) == (files.nbytes(), len(files), size)
        assert (folders[1] / split / "files-00000.bin").is_file() and not list((folders[1] / split).glob("images-*"))


@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
@pytest.mark.parametrize("resize", ["bicubic", "area", "bilinear"])
def test_both_layouts_give_the_same_for_pictures_that_are_not_square(tmp_path: Path, resize: str, fit: str) -> None:
    for split in ("train", "val"):
        (tmp_path / "s" / split).mkdir(parents=True)
        for i, (width, height) in enumerate([(90, 31), (31, 90), (1, 1), (24, 24)]):
            (tmp_path / "s" / split / f"{i}.jpg").write_bytes(saved(picture(width, height, i)))
    folders = [
        run(tmp_path / "s", tmp_path / layout, layout, kind="lab", direction="AtoB", resize=resize, fit=fit)
        for layout in ("arrays", "encoded")
    ]
    assert torch.equal(every(folders[0] / "train"), every(folders[1] / "train"))


def test_images_are_read_in_any_order_and_as_often_as_asked(tmp_path: Path) -> None:
    folder = run(source(tmp_path / "source", "pairs"), tmp_path / "out", "encoded", kind="pairs", direction="AtoB") / "train"
    whole, wanted = every(folder), torch.tensor([3, 0, 3, 8])
    assert torch.equal(ImageDataset(folder).read(wanted), whole[wanted])


def test_the_files_lie_there_as_they_came(tmp_path: Path) -> None:
    folder = run(source(tmp_path / "source", "pairs"), tmp_path / "out", "encoded", kind="pairs", direction="AtoB") / "train"
    assert (folder / "files-00000.bin").read_bytes() == b"".join(contents(2, 0).values())


def test_the_same_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    here = source(tmp_path / "source", "lab")
    first, second = (run(here, tmp_path / name, "encoded", kind="lab", direction="AtoB") for name in ("first", "second"))
    for file in sorted(first.rglob("*.*")):
        assert file.read_bytes() == (second / file.relative_to(first)).read_bytes()


def test_auto_takes_the_encoded_layout_for_a_split_above_the_limit_alone(tmp_path: Path) -> None:
    here = source(tmp_path / "source", "pairs")
    train = len(contents(2, 0)) * 6 * LOAD * LOAD
    for limit, layouts in ((train, {"train": "images", "val": "images"}), (train - 1, {"train": "files", "val": "images"})):
        folder = run(here, tmp_path / str(limit), "auto", kind="pairs", direction="AtoB", arrays_max_bytes=limit)
        assert {split: next((folder / split).glob("*-00000.*")).name.partition("-")[0] for split in layouts} == layouts


def test_bad_files_are_left_out_of_both_layouts_alike(tmp_path: Path) -> None:
    here = source(tmp_path / "source", "pairs")
    (here / "train/2 exact 420.jpg").write_bytes(contents(2, 0)["2 exact 420.jpg"][:-300])
    (here / "train/5 grey.jpg").write_bytes(b"")
    folders = [
        run(here, tmp_path / layout, layout, kind="pairs", direction="AtoB", on_bad_image="skip") for layout in ("arrays", "encoded")
    ]
    assert torch.equal(every(folders[0] / "train"), every(folders[1] / "train")) and len(ImageDataset(folders[1] / "train")) == 7
    assert (folders[0] / "skipped.json").read_bytes() == (folders[1] / "skipped.json").read_bytes()


def test_plain_is_what_needs_nothing_but_decoding() -> None:
    plain = [name for name, content in contents(2, 0).items() if is_plain(content, np.asarray(decode(content)))]
    assert plain == ["1 exact.jpg", "2 exact 420.jpg", "3 progressive.JPG", "4 larger.jpeg", "9 rgb.jpg"]


def test_a_file_that_comes_out_otherwise_is_not_plain() -> None:
    content = contents(2, 0)["1 exact.jpg"]
    other = np.asarray(decode(content)).copy()
    other[3, 4, 1] ^= 1
    assert is_plain(content, np.asarray(decode(content))) and not is_plain(content, other)


def test_without_the_quick_decoder_pillow_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = run(source(tmp_path / "source", "pairs"), tmp_path / "out", "encoded", kind="pairs", direction="BtoA") / "train"
    quick = every(folder)
    monkeypatch.setattr(encoded.importlib.util, "find_spec", lambda name: None)
    assert torch.equal(every(folder), quick)


@pytest.mark.parametrize("name", ["index.npy", "files-00000.bin"])
@pytest.mark.parametrize("damage", ["missing", "cut", "empty"])
def test_a_damaged_folder_is_refused_with_the_way_out(tmp_path: Path, name: str, damage: str) -> None:
    folder = run(source(tmp_path / "source", "pairs"), tmp_path / "out", "encoded", kind="pairs", direction="AtoB") / "train"
    content = (folder / name).read_bytes()
    (folder / name).unlink()
    if damage != "missing":
        (folder / name).write_bytes(content[:-1] if damage == "cut" else b"")
    with pytest.raises(UserError, match=r"(run the stage prepare again|make them with the stage prepare)"):
        ImageDataset(folder)


def test_an_index_that_points_elsewhere_is_refused(tmp_path: Path) -> None:
    folder = run(source(tmp_path / "source", "pairs"), tmp_path / "out", "encoded", kind="pairs", direction="AtoB") / "train"
    index = np.load(folder / "index.npy")
    index[2, 0, 2] += 10**6
    np.save(folder / "index.npy", index)
    with pytest.raises(UserError, match="points outside the files"):
        ImageDataset(folder)
