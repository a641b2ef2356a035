import re
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from PIL import Image

from pix2pix.compare.match import match
from pix2pix.compare.source import from_folder
from pix2pix.errors import UserError
from tests.compare.conftest import Fill


def test_images_are_matched_by_stem_whatever_their_type(fill: Fill) -> None:
    sources = [from_folder(fill("a", ["1", "2"])), from_folder(fill("b", ["2", "1"], suffix=".jpg"))]
    matched = match(sources, fill("targets", ["1", "2"], suffix=".JPEG"), common=False)
    assert (matched.stems, matched.left_out, matched.smallest, matched.inputs) == (["1", "2"], [], 16, {})


def test_missing_and_extra_images_are_named(fill: Fill) -> None:
    target = fill("targets", [str(i) for i in range(20)])
    sources = [from_folder(fill("a", [str(i) for i in range(12)])), from_folder(fill("b", [*map(str, range(20)), "new"]))]
    with pytest.raises(UserError) as caught:
        match(sources, target, common=False)
    lines = str(caught.value).splitlines()
    assert lines[1] == f"  - a lacks 8 of the 20 images in {target}: 12, 13, 14, 15, 16, 17, 18, 19"
    assert lines[2] == f"  - b has 1 that {target} has not: new"
    assert "--common" in lines[-1]
    more = match([from_folder(fill("c", ["0"]))], target, common=True)
    assert more.left_out == [f"c lacks 19 of the 20 images in {target}: 1, 2, 3, 4, 5, 6, 7, 8 and 11 more"]
    assert more.stems == ["0"]


def test_with_common_only_what_all_have_is_compared(fill: Fill) -> None:
    sources = [from_folder(fill("a", ["1", "2", "x"])), from_folder(fill("b", ["2", "3"]))]
    matched = match(sources, fill("targets", ["1", "2", "3"]), common=True)
    assert matched.stems == ["2"]
    assert len(matched.left_out) == 3


def test_nothing_in_common_is_an_error_even_then(fill: Fill) -> None:
    with pytest.raises(UserError, match=r"no image is in all sets, by its stem: .* has photo_1, a has 1"):
        match([from_folder(fill("a", ["1"]))], fill("targets", ["photo_1"]), common=True)


def test_sizes_must_agree_and_the_file_is_named(fill: Fill) -> None:
    fill("a", ["1"])
    source = from_folder(fill("a", ["2"], size=(18, 16)))
    with pytest.raises(UserError, match=re.escape("2.png is 18x16 pixels, its target")):
        match([source], fill("targets", ["1", "2"]), common=False)


def test_images_too_small_to_measure_are_refused(fill: Fill) -> None:
    with pytest.raises(UserError, match="is 20x10 pixels: SSIM needs at least 11 a side"):
        match([from_folder(fill("a", ["1"], size=(20, 10)))], fill("targets", ["1"], size=(20, 10)), common=False)


def test_a_image_lying_on_its_side_counts_upright(fill: Fill) -> None:
    folder = fill("a", ["1"], size=(20, 16), suffix=".jpg")
    with Image.open(folder / "1.jpg") as image:
        turned = image.rotate(90, expand=True)
        exif = image.getexif()
        exif[0x0112] = 6
        turned.save(folder / "1.jpg", exif=exif)
    assert match([from_folder(folder)], fill("targets", ["1"], size=(20, 16)), common=False).stems == ["1"]


def test_targets_beside_the_images_serve_all_sets(fill: Fill) -> None:
    a, b = fill("a", ["1"]), fill("b", ["1"], seed=1)
    with pytest.raises(UserError, match="none of them has the targets of its images"):
        match([from_folder(a), from_folder(b)], None, common=False)
    fill("b/targets", ["1"], seed=2)
    matched = match([from_folder(a), from_folder(b)], None, common=False)
    assert matched.targets["1"].parent == b / "targets"


def test_sets_with_other_targets_are_not_compared_with_each_other(fill: Fill) -> None:
    a, b = fill("a", ["1"]), fill("b", ["1"], seed=1)
    fill("a/targets", ["1"], seed=2)
    fill("b/targets", ["1"], seed=3)
    with pytest.raises(UserError, match="a and b were made for different targets"):
        match([from_folder(a), from_folder(b)], None, common=False)
    with Image.open(a / "targets" / "1.png") as image:
        image.save(b / "targets" / "1.png", compress_level=1)  # other bytes, the same pixels
    assert match([from_folder(a), from_folder(b)], None, common=False).stems == ["1"]


def test_inputs_come_along_where_they_fit(fill: Fill) -> None:
    folder = fill("a", ["1", "2"])
    fill("a/targets", ["1", "2"])
    fill("a/inputs", ["1"])
    assert match([from_folder(folder)], None, common=False).inputs == {}
    fill("a/inputs", ["1", "2"])
    assert set(match([from_folder(folder)], None, common=False).inputs) == {"1", "2"}
    fill("a/inputs", ["1", "2"], size=(8, 8))
    assert match([from_folder(folder)], None, common=False).inputs == {}


def test_an_empty_target_folder_is_named(fill: Fill) -> None:
    with pytest.raises(UserError, match="targets holds no images to compare with"):
        match([from_folder(fill("a", ["1"]))], fill("targets", []), common=False)


@pytest.mark.parametrize(
    ("layout", "endings"),
    [
        ("images/{stem}_fake_B.png images/{stem}_real_B.png images/{stem}_real_A.png images/{stem}_rec_A.png", "pytorch"),
        ("images/{stem}-outputs.png images/{stem}-targets.png images/{stem}-inputs.png", "tensorflow"),
        ("output/{stem}.jpg target/{stem}.jpg input/{stem}.jpg", "lua"),
        ("synthesized_image/{stem}.webp targets/{stem}.webp input_label/{stem}.webp", "spade"),
        ("a/{stem}.bmp targets/a/{stem}.tif inputs/a/{stem}.jfif", "ours, in subfolders"),
    ],
)
def test_the_layouts_of_published_programs_bring_their_targets_and_inputs(tmp_path: Path, layout: str, endings: str) -> None:
    for seed, name in enumerate(layout.split()):
        for stem in ("1", "2 b_c"):
            noise(tmp_path / "all" / name.format(stem=stem), seed)
    matched = match([from_folder(tmp_path / "all")], None, common=False)
    assert [PurePosixPath(stem).name for stem in matched.stems] == ["1", "2 b_c"] and len(matched.inputs) == 2
    places = layout.format(stem="1").split()
    own = (matched.sources[0].outputs, matched.targets, matched.inputs)
    assert [next(iter(files.values())).relative_to(tmp_path / "all").as_posix() for files in own] == places[:3]
    assert matched.counts.line().startswith("8 files: 6 used, 2 .png passed over" if endings == "pytorch" else "6 files: 6 used")


@pytest.mark.parametrize(
    ("outputs", "targets"),
    [
        ("{n}_fake_B.png", "{n}_real_B.jpg"),
        ("{n}_fake_B.png", "{n}.webp"),
        ("{n}.png", "x/{n}.jpg"),
        ("deep/er/{n}_out.png", "{n}_gt.png"),
        ("cat/{n}.png", "cat/{n}.tiff"),
    ],
)
def test_names_match_without_the_folders_and_the_word_that_a_set_shares(tmp_path: Path, outputs: str, targets: str) -> None:
    for n in range(3):
        noise(tmp_path / "a" / outputs.format(n=n), n)
        noise(tmp_path / "t" / targets.format(n=n), n)
    (tmp_path / "t/README.txt").write_text("")
    matched = match([from_folder(tmp_path / "a")], tmp_path / "t", common=False)
    assert [PurePosixPath(stem).name for stem in matched.stems] == ["0", "1", "2"]
    assert bool(matched.left_out) == (outputs in ("{n}.png", "deep/er/{n}_out.png"))  # said, where names were shortened
    assert matched.counts.line() == "7 files: 6 used, 1 .txt passed over (no image)"


def noise(file: Path, seed: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file, "JPEG" if file.suffix == ".jfif" else None)
