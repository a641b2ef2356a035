"""Picture files become packed arrays: the reference's arithmetic, the same bytes every time, and no bad file passed over in silence."""

import io
import json
import resource
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2lab

from pix2pix.config.settings import Prepare
from pix2pix.data.colour_planes import LAB_UNIT
from pix2pix.data.dataset import ImageDataset
from pix2pix.data.file_counts import FileCounts
from pix2pix.data.natural_order import natural_key
from pix2pix.errors import UserError
from pix2pix.prepare import prepare as module
from pix2pix.prepare.prepare import Prepared, Skipped, prepare

Array = np.ndarray[Any, Any]
LOAD, CROP = 20, 16
HOW: dict[str, Any] = {
    "kind": "pairs",
    "direction": "AtoB",
    "load_size": LOAD,
    "crop_size": CROP,
    "val_fraction": 0.1,
    "eval_split": "val",
    "workers": 1,
}


def picture(width: int, height: int, seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def encoded(image: Image.Image, format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format)
    return buffer.getvalue()


def fill(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def listed(source: Path) -> list[PurePosixPath]:
    """As the stage lists them: in natural order."""
    names = [file.relative_to(source).as_posix() for file in source.rglob("*") if file.is_file()]
    return [PurePosixPath(name) for name in sorted(names, key=natural_key)]


def run(source: Path, into: Path, **how: Any) -> list[Skipped]:
    return done(source, into, **how).skipped


def done(source: Path, into: Path, **how: Any) -> Prepared:
    settings = {**HOW, **how}
    other = {name: settings.pop(name) for name in ("kind", "direction", "eval_split", "passed_over") if name in settings}
    return prepare(source, listed(source), into, Prepare(**settings), **other)


def archive(folder: Path, width: int = 44, height: int = 22) -> Path:
    """Pairs or pictures in three splits, the way published archives lie."""
    names = [f"set/{split}/{i}.png" for split, count in (("train", 5), ("val", 2), ("test", 3)) for i in range(1, count + 1)]
    return fill(folder / "source", {name: encoded(picture(width, height, seed)) for seed, name in enumerate(names)})


def stored(folder: Path) -> Array:
    store = ImageDataset(folder)
    return store.read(range(len(store))).numpy()


def content(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def left_behind(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name != "source"]


# the arithmetic


def planes(images: Iterable[Image.Image], size: int) -> Array:
    """What the PyTorch reference does with a picture: PIL's bicubic resize on 8 bits."""
    squares = [np.asarray(image.resize((size, size), Image.Resampling.BICUBIC)) for image in images]
    return np.concatenate([square.transpose(2, 0, 1) for square in squares])


@pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
def test_pairs_are_what_the_reference_makes_of_them(tmp_path: Path, direction: str) -> None:
    source = archive(tmp_path)
    assert run(source, tmp_path / "out", direction=direction) == []
    for split, size in (("train", LOAD), ("val", CROP), ("test", CROP)):
        files = [file for file in listed(source) if file.parts[1] == split]
        pairs = [Image.open(source / file) for file in files]
        halves = [(pair.crop((0, 0, 22, 22)), pair.crop((22, 0, 44, 22))) for pair in pairs]
        expected = np.stack([planes(half if direction == "AtoB" else half[::-1], size) for half in halves])
        assert np.array_equal(stored(tmp_path / "out" / split), expected)
        assert ImageDataset(tmp_path / "out" / split).names == [file.stem for file in files]


@pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
def test_colour_pictures_are_scikit_images_lab_of_the_resized_picture(tmp_path: Path, direction: str) -> None:
    source = archive(tmp_path, 30, 30)
    run(source, tmp_path / "out", kind="lab", direction=direction)
    for split, size in (("train", LOAD), ("val", CROP), ("test", CROP)):
        files = [file for file in listed(source) if file.parts[1] == split]
        rgb = np.stack([planes([Image.open(source / file)], size) for file in files]).transpose(0, 2, 3, 1)
        lab = np.round(rgb2lab(rgb / 255) * LAB_UNIT).transpose(0, 3, 1, 2)
        assert np.array_equal(stored(tmp_path / "out" / split), lab if direction == "AtoB" else lab[:, [1, 2, 0]])


def test_pictures_of_every_size_and_shape_come_out_at_one_size(tmp_path: Path) -> None:
    sizes = [(1, 1), (300, 7), (16, 16), (9, 200)]
    source = fill(tmp_path / "source", {f"{split}/{w}x{h}.png": encoded(picture(w, h, 0)) for split in ("train", "val") for w, h in sizes})
    for fit in ("squash", "crop", "pad"):
        run(source, tmp_path / fit, kind="lab", fit=fit)
        assert stored(tmp_path / fit / "train").shape == (4, 3, LOAD, LOAD) and stored(tmp_path / fit / "val").shape == (4, 3, CROP, CROP)


# the bytes


def test_two_runs_two_workers_and_other_chunks_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = archive(tmp_path, 30, 30)
    shutil.copy(source / "set/train/1.png", source / "set/train/10.png")
    run(source, tmp_path / "once", kind="lab")
    run(source, tmp_path / "twice", kind="lab")
    monkeypatch.setattr(module, "_BATCH", 2)
    run(source, tmp_path / "chunks", kind="lab")
    run(source, tmp_path / "workers", kind="lab", workers=2)
    assert len(content(tmp_path / "once")) == 3 * 3 + 1
    for other in ("twice", "chunks", "workers"):
        assert content(tmp_path / other) == content(tmp_path / "once")


def test_what_was_there_is_replaced_whole(tmp_path: Path) -> None:
    source = archive(tmp_path)
    fill(tmp_path / "out", {"old/thing": b"", "val/meta.json": b""})
    fill(tmp_path / ".out.0123abcd.partial", {"left/by/a/kill": b""})
    run(source, tmp_path / "out")
    run(source, tmp_path / "fresh")
    assert content(tmp_path / "out") == content(tmp_path / "fresh")
    assert sorted(left_behind(tmp_path)) == ["fresh", "out"]


# validation


def test_validation_images_are_carved_from_train_by_name_and_stay_there_when_files_are_added(tmp_path: Path) -> None:
    few = {f"train/{i}.png": encoded(picture(8, 8, i)) for i in range(0, 60, 2)}
    more = {f"train/{i}.png": encoded(picture(8, 8, i)) for i in range(60)}
    names = []
    for folder, files in (("few", few), ("more", more)):
        run(fill(tmp_path / folder / "source", files), tmp_path / folder / "out", kind="lab", val_fraction=0.2)
        val, train = (ImageDataset(tmp_path / folder / "out" / split) for split in ("val", "train"))
        assert not set(val.names) & set(train.names) and len(val) + len(train) == len(files)
        assert (val.height, train.height) == (CROP, LOAD)
        names.append(set(val.names))
    assert names[0] and names[0] == names[1] & {str(i) for i in range(0, 60, 2)}


@pytest.mark.parametrize(("how", "there"), [({"eval_split": "test"}, "train, val"), ({"val_fraction": 0.0}, "train")])
def test_an_evaluation_split_that_is_not_there_is_refused_before_any_work(tmp_path: Path, how: dict[str, Any], there: str) -> None:
    source = fill(tmp_path / "source", {f"{i}.png": b"never read" for i in range(60)})
    with pytest.raises(UserError, match=rf"those of '(test|val)' \(eval_split\), but the data has only {there}; name one of these"):
        run(source, tmp_path / "out", **how)
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("second", [None, b"no picture"])
def test_a_single_picture_to_measure_is_refused_before_anything_is_trained(tmp_path: Path, second: bytes | None) -> None:
    files = {f"{split}/{i}.png": encoded(picture(44, 22, i)) for split, count in (("train", 3), ("val", 1)) for i in range(count)}
    source = fill(tmp_path / "source", files | ({"val/9.png": second} if second else {}))
    with pytest.raises(UserError, match="val has 1 image that can be used, and measuring takes two or more: put more into its folder val"):
        run(source, tmp_path / "out", on_bad_image="skip")
    assert left_behind(tmp_path) == []


# bad files

BAD = {
    "set/train/2.png": (encoded(picture(44, 22, 1))[:-200], "damaged: "),
    "set/train/readme.txt": (b"Pictures of facades", "not an image"),
    "set/train/empty.jpg": (b"", "an empty file"),
    "set/train/odd.png": (encoded(picture(45, 22, 1)), "a pair of odd width (45x22): the halves would differ"),
    "set/val/single.png": (encoded(picture(22, 22, 1)), "22x22 is no pair"),
    "set/test/float.tiff": (encoded(Image.new("F", (44, 22)), "TIFF"), "floating-point grey levels from 0 to 0, whose range is not known"),
}


def with_bad_files(folder: Path) -> Path:
    return fill(archive(folder), {name: data for name, (data, _) in BAD.items()})


def test_bad_files_of_all_splits_are_listed_at_once_with_their_reasons_and_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        run(with_bad_files(tmp_path), tmp_path / "out")
    head, *lines, way_out, count = str(caught.value).splitlines()
    assert count.startswith("15 files: 9 used, 3 .png and 1 .jpg")
    assert head == f"{len(BAD)} image(s) cannot be used:" and "-S prepare.on_bad_image=skip" in way_out
    assert sorted(line.split(": ")[0] for line in lines) == sorted(f"  - {name}" for name in BAD)
    assert all(any(line.startswith(f"  - {name}: {reason}") for line in lines) for name, (_, reason) in BAD.items())
    assert left_behind(tmp_path) == []


def test_a_failure_leaves_what_was_there_before_alone(tmp_path: Path) -> None:
    source = archive(tmp_path)
    run(source, tmp_path / "out")
    before = content(tmp_path / "out")
    with pytest.raises(UserError):
        run(with_bad_files(tmp_path), tmp_path / "out")
    assert content(tmp_path / "out") == before and left_behind(tmp_path) == ["out"]


def test_skipped_files_are_left_out_and_reported_and_all_others_are_as_they_would_have_been(tmp_path: Path) -> None:
    source = with_bad_files(tmp_path)
    skipped = run(source, tmp_path / "out", on_bad_image="skip")
    assert {bad.file: bad.split for bad in skipped} == {name: name.split("/")[1] for name in BAD}
    assert all(bad.reason.startswith(BAD[bad.file][1]) for bad in skipped)
    report = json.loads((tmp_path / "out" / "skipped.json").read_text(encoding="utf-8"))
    assert [Skipped(**row) for row in report[:-1]] == skipped and report[-1] == {"what": "used", "files": 9}
    for name in BAD:
        (source / name).unlink()
    assert run(source, tmp_path / "without") == []
    after = content(tmp_path / "without")
    assert json.loads(after.pop("skipped.json")) == []
    assert {name: data for name, data in content(tmp_path / "out").items() if name != "skipped.json"} == after


def test_chunks_in_which_every_file_is_bad_change_nothing_for_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = with_bad_files(tmp_path)
    run(source, tmp_path / "whole", on_bad_image="skip")
    monkeypatch.setattr(module, "_BATCH", 1)
    run(source, tmp_path / "single", on_bad_image="skip")
    assert content(tmp_path / "single") == content(tmp_path / "whole")


def test_a_split_that_loses_every_image_is_refused_also_when_bad_ones_are_skipped(tmp_path: Path) -> None:
    source = archive(tmp_path, 22, 22)
    with pytest.raises(UserError, match=r"no usable image in train; the first: set/train/1\.png: 22x22 is no pair"):
        run(source, tmp_path / "out", on_bad_image="skip")
    with pytest.raises(UserError, match=r"^10 image\(s\) cannot be used"):
        run(source, tmp_path / "out", on_bad_image="fail")
    assert left_behind(tmp_path) == []


def test_all_files_of_one_name_are_refused_and_nothing_is_left(tmp_path: Path) -> None:
    source = fill(archive(tmp_path), {"set/train/1.jpg": b"", "set/test/2.jpg": b""})
    with pytest.raises(UserError, match=r"train/1\.jpg and set/train/1\.png\n  - set/test/2\.jpg and set/test/2\.png\nrename"):
        run(source, tmp_path / "out")
    assert left_behind(tmp_path) == []


def test_classes_that_share_names_make_one_set(tmp_path: Path) -> None:
    source = fill(tmp_path / "source", {f"{kind}/{i}.png": encoded(picture(8, 8, i)) for kind in ("cat", "dog") for i in range(9)})
    run(source, tmp_path / "out", kind="lab")
    names = [name for split in ("train", "val") for name in ImageDataset(tmp_path / "out" / split).names]
    assert sorted(names) == sorted(f"{kind}_{i}" for kind in ("cat", "dog") for i in range(9))


# what the user is told of a set


def smooth(width: int, height: int, seed: int) -> Image.Image:
    """A picture as a camera takes it: neighbours are alike."""
    return picture(7, 7, seed).resize((width, height), Image.Resampling.BICUBIC)


def test_single_photos_as_pairs_are_told_with_the_size_of_the_halves(tmp_path: Path) -> None:
    source = fill(tmp_path / "source", {f"{i}.png": encoded(smooth(96, 72, i)) for i in range(12)})
    notes = done(source, tmp_path / "out").notes
    assert any("of 12 images look like one image cut through the middle" in note for note in notes)
    assert notes[-1] == "the halves, A on the left and B on the right, have 48x72 pixels"


def test_pairs_are_not_told_to_be_none(tmp_path: Path) -> None:
    files = {}
    for i in range(12):
        pair = Image.new("RGB", (96, 48), "white")
        for side in (0, 1):
            pair.paste(smooth(40, 40, 2 * i + side), (48 * side + (4 if i % 2 else 8 * (1 - side)), 4))
        files[f"{i}.png"] = encoded(pair)
    assert done(fill(tmp_path / "source", files), tmp_path / "out").notes == [
        "the halves, A on the left and B on the right, have 48x48 pixels"
    ]


@pytest.mark.parametrize("layout", ["arrays", "encoded"])
def test_grey_pictures_to_learn_colour_from_are_told(tmp_path: Path, layout: str) -> None:
    greys = {f"g{i}.jpg": encoded(smooth(30, 20, i).convert("L").convert("RGB"), "JPEG") for i in range(5)}
    colours = {f"c{i}.jpg": encoded(smooth(30, 20, i), "JPEG") for i in range(4)}
    notes = done(fill(tmp_path / "source", greys | colours), tmp_path / "out", kind="lab", layout=layout).notes
    assert len(notes) == 1 and notes[0].startswith("5 of 9 images are grey")
    assert done(fill(tmp_path / "colour", colours), tmp_path / "out", kind="lab", layout=layout).notes == []


def test_shapes_of_a_and_b_may_differ_as_by_rounding_which_is_said(tmp_path: Path) -> None:
    def pair(folder: str, width: int, height: int) -> Path:
        files = {f"A/{i}.png": encoded(picture(width, height, i)) for i in range(4)}
        return fill(tmp_path / folder, files | {f"B/{i}.png": encoded(picture(192, 128, i)) for i in range(4)})

    notes = done(pair("near", 499, 336), tmp_path / "out", kind="folders").notes
    assert len(notes) == 1 and "4 of 4 images have an A and a B of shapes that differ as by rounding" in notes[0] and "499x336" in notes[0]
    assert done(pair("pixel", 383, 255), tmp_path / "out", kind="folders").notes == []
    with pytest.raises(UserError, match=r"A is 499x350 and B is 192x128 pixels: not of one shape \(they differ by 5%, 2% are allowed\)"):
        done(pair("far", 499, 350), tmp_path / "out", kind="folders")


def test_every_file_is_counted_also_those_that_were_passed_over(tmp_path: Path) -> None:
    beside = FileCounts()
    beside.pass_over("IMG_1.HEIC", "HEIC")
    result = done(with_bad_files(tmp_path), tmp_path / "out", on_bad_image="skip", passed_over=beside)
    assert (result.files.used, result.files.total) == (9, 16) and "1 .HEIC passed over (HEIC)" in result.files.line()
    rows = json.loads((tmp_path / "out" / "skipped.json").read_text(encoding="utf-8"))
    assert {"ending": ".HEIC", "reason": "HEIC", "files": 1, "what": "passed over"} in rows


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_images_for_training_and_measuring_are_told_as_such(tmp_path: Path, count: int) -> None:
    source = fill(tmp_path / "source", {f"{side}/{i}.png": encoded(picture(8, 8, i)) for side in "AB" for i in range(count)})
    with pytest.raises(UserError, match=rf"^{count} images? in all: 3 are the least"):
        run(source, tmp_path / "out", kind="folders")


# two folders


def sides(folder: Path, more: dict[str, bytes] | None = None) -> Path:
    files = {f"{split}/A/x/{i} ä.jpg": encoded(picture(30, 20, i), "JPEG") for split in ("train", "val") for i in range(1, 12)}
    files |= {f"{split}/B/x/{i} ä.PNG": encoded(picture(60, 40, 100 + i)) for split in ("train", "val") for i in range(1, 12)}
    return fill(folder / "source", {**files, **(more or {})})


@pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
def test_two_folders_become_the_pairs_of_their_pictures_in_natural_order(tmp_path: Path, direction: str) -> None:
    source = sides(tmp_path)
    assert run(source, tmp_path / "out", kind="folders", direction=direction) == []
    for split, size in (("train", LOAD), ("val", CROP)):
        pairs = [[Image.open(source / f"{split}/{side}/x/{i} ä.{end}") for side, end in (("A", "jpg"), ("B", "PNG"))] for i in range(1, 12)]
        expected = np.stack([planes(pair if direction == "AtoB" else pair[::-1], size) for pair in pairs])
        assert np.array_equal(stored(tmp_path / "out" / split), expected)
        assert ImageDataset(tmp_path / "out" / split).names == [f"{i} ä" for i in range(1, 12)]


def test_a_folder_of_both_is_the_set_of_side_by_side_pictures_that_they_make(tmp_path: Path) -> None:
    for i in range(1, 12):
        whole = picture(44, 22, i)
        for name, box in ((f"{i}.png", (0, 0, 44, 22)), (f"A/{i}.png", (0, 0, 22, 22)), (f"B/{i}.png", (22, 0, 44, 22))):
            fill(tmp_path / ("pairs" if "/" not in name else "folders"), {name: encoded(whole.crop(box))})
    run(tmp_path / "pairs", tmp_path / "one", val_fraction=0.3)
    run(tmp_path / "folders", tmp_path / "two", kind="folders", val_fraction=0.3)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_pictures_without_a_partner_of_another_shape_or_damaged_are_all_listed(tmp_path: Path) -> None:
    more = {
        "train/A/alone.jpg": encoded(picture(30, 20, 1)),
        "val/B/x/lonely.jpg": encoded(picture(30, 20, 1)),
        "train/A/upright.png": encoded(picture(20, 30, 1)),
        "train/B/upright.png": encoded(picture(30, 20, 1)),
        "train/A/cut.png": encoded(picture(30, 20, 1)),
        "train/B/cut.png": encoded(picture(30, 20, 1))[:-40],
    }
    skipped = run(sides(tmp_path, more), tmp_path / "out", kind="folders", on_bad_image="skip")
    assert {(bad.split, bad.file): bad.reason.partition(" (")[0] for bad in skipped} == {
        ("train", "train/A/alone.jpg"): "no image of this name in B",
        ("val", "val/B/x/lonely.jpg"): "no image of this name in A",
        ("train", "train/A/upright.png"): "A is 20x30 and B is 30x20 pixels: not of one shape",
        ("train", "train/A/cut.png"): "B: damaged: its chunk IDAT is cut short",
    }
    with pytest.raises(UserError, match=r"^4 image\(s\) cannot be used"):
        run(tmp_path / "source", tmp_path / "out", kind="folders")


def test_an_archives_own_lists_decide_the_splits(tmp_path: Path) -> None:
    names = [f"{dish}/{i}" for dish in ("pie", "soup") for i in (range(20) if dish == "pie" else range(20, 40))]
    files = {f"food-101/images/{name}.jpg": encoded(picture(20, 20, i)) for i, name in enumerate(names)}
    files |= {"food-101/meta/train.txt": "\n".join(names[::2]).encode(), "food-101/meta/test.txt": "\n".join(names[1::2]).encode()}
    files |= {"food-101/meta/classes.txt": b"pie\nsoup\n", "food-101/license_agreement.txt": b"terms"}
    assert run(fill(tmp_path / "source", files), tmp_path / "out", kind="lab", eval_split="test", val_fraction=0.2) == []
    stores = {split: ImageDataset(tmp_path / "out" / split).names for split in ("train", "val", "test")}
    assert stores["test"] == [name.split("/")[1] for name in names[1::2]]
    assert sorted(stores["train"] + stores["val"], key=int) == [name.split("/")[1] for name in names[::2]] and stores["val"]


# the disk


@contextmanager
def small_disk(room: int) -> Iterator[None]:
    """No file gets larger than `room` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("layout", ["arrays", "encoded"])
def test_a_disk_that_is_full_while_packing_is_told_and_the_same_call_succeeds_with_room(tmp_path: Path, layout: str) -> None:
    source = archive(tmp_path)
    for room in (1000, 8000):
        with pytest.raises(UserError, match=r"^.*no room left to write it.*run the same command again.*$"), small_disk(room):
            run(source, tmp_path / "out", layout=layout)
        assert left_behind(tmp_path) == []
    run(source, tmp_path / "out", layout=layout)
    assert len(ImageDataset(tmp_path / "out" / "train")) == 5


@pytest.mark.parametrize("layout", ["arrays", "encoded"])
def test_levels_decide_what_masks_become_and_are_asked_for_in_one_line(tmp_path: Path, layout: str) -> None:
    rng = np.random.default_rng(0)
    masks = [rng.integers(0, 4, (CROP, CROP), dtype=np.uint8) for _ in range(30)]
    source = fill(tmp_path / "in", {f"x{i}.png": encoded(Image.fromarray(mask)) for i, mask in enumerate(masks)})
    how = {"kind": "lab", "layout": layout, "load_size": CROP}
    notes = done(source, tmp_path / "stored", **how).notes
    assert any(note.startswith("30 of 30 images use a small part of their range") for note in notes)
    notes = done(source, tmp_path / "named", **how, levels="0-3").notes
    assert not any("small part" in note for note in notes)
    data = ImageDataset(tmp_path / "named" / "train")
    lightness = data.read([0])[0, 0].numpy() / LAB_UNIT
    expected = rgb2lab((masks[int(data.names[0][1:])] * 85)[..., None].repeat(3, axis=2))[..., 0]
    assert np.abs(lightness - expected).max() < 0.01
