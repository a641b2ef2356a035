import re

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
