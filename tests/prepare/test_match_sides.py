"""Two folders A and B: who belongs to whom, and who is left over."""

import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pix2pix.errors import UserError
from pix2pix.prepare.folder_names import SplitFolders
from pix2pix.prepare.match_sides import Matched
from pix2pix.prepare.match_sides import match_sides as match


def files(*names: str) -> list[PurePosixPath]:
    return [PurePosixPath(name) for name in names]


def match_sides(given: list[PurePosixPath]) -> Matched:
    return match(given, SplitFolders.of(given))


def alone(matched: Matched) -> dict[PurePosixPath, str]:
    return {**matched.alone_in_a, **matched.alone_in_b}


def pairs(*names: str) -> list[tuple[str, str]]:
    return [(str(a), str(b)) for a, b in match_sides(files(*names)).partner.items()]


def test_files_are_matched_by_name_whatever_their_ending_and_its_case() -> None:
    assert pairs("A/1.jpg", "A/2.JPG", "B/1.PNG", "B/2.jpeg") == [("A/1.jpg", "B/1.PNG"), ("A/2.JPG", "B/2.jpeg")]


@pytest.mark.parametrize("a", ["A/train/1.jpg", "train/A/1.jpg", "mine/A/train/deep/er/1.jpg", "mine/train/A/deep/er/1.jpg"])
def test_the_two_folders_may_lie_in_the_splits_or_hold_them_at_any_depth(a: str) -> None:
    b = a.replace("A/", "B/").replace(".jpg", ".webp")
    assert pairs(a, b) == [(a, b)]


def test_a_picture_elsewhere_below_b_is_no_partner() -> None:
    matched = match_sides(files("A/x/1.jpg", "A/2.jpg", "B/y/1.jpg", "B/2.jpg"))
    assert list(matched.partner) == files("A/2.jpg") and set(alone(matched)) == set(files("A/x/1.jpg", "B/y/1.jpg"))


def test_spaces_dots_and_letters_of_any_script_are_part_of_the_name() -> None:
    names = ["Straße 1", "a.b.c", "写真", "été", "عربي"]
    assert pairs(*(f"A/{name}.jpg" for name in names), *(f"B/{name}.png" for name in names)) == [
        (f"A/{name}.jpg", f"B/{name}.png") for name in names
    ]


def test_an_accent_matches_in_both_of_its_spellings() -> None:
    one, two = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    assert one != two and pairs(f"A/{one}.jpg", f"B/{two}.jpg") == [(f"A/{one}.jpg", f"B/{two}.jpg")]


def test_files_without_a_partner_are_listed_with_the_side_that_lacks_them() -> None:
    unmatched = alone(match_sides(files("A/1.jpg", "A/2.jpg", "B/1.jpg", "B/3.jpg")))
    assert unmatched == {files("A/2.jpg")[0]: "no image of this name in B", files("B/3.jpg")[0]: "no image of this name in A"}


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["1.jpg"], "no folder A and no folder B with images.*kind pairs"),
        (["A/1.jpg"], "no folder B with images"),
        (["A/1.jpg", "B/1.jpg", "readme.txt"], r"files outside the folders A and B: readme\.txt; move them"),
        (["A/1.jpg", "A/1.png", "B/1.jpg"], r"files of the same name.*\n  - A/1\.jpg and A/1\.png\nrename"),
        (["A/1.jpg", "A/1.png", "B/1.jpg", "B/2.jpg", "B/2.png"], r"A/1\.png\n  - B/2\.jpg and B/2\.png"),
        (["in/1.jpg", "out/1.jpg"], r"no folder A and no folder B with images \(its folders are in, out: rename the two\)"),
        (["A/cat.jpg", "A/dog.jpg", "B/1.jpg", "B/2.jpg"], "no name in A has a partner in B: cat.jpg, dog.jpg in A and 1.jpg, 2.jpg in B"),
        (["A/p.jpg", *(f"B/q{i}.jpg" for i in range(9))], r"p\.jpg in A and q0\.jpg, q1\.jpg, q2\.jpg, … in B"),
    ],
)
def test_what_cannot_be_matched_is_refused_with_the_way_out(names: list[str], told: str) -> None:
    with pytest.raises(UserError, match=told):
        match_sides(files(*names))


@pytest.mark.parametrize(
    ("a", "b"),
    [("{}_A", "{}_B"), ("{:03d}", "{}"), ("IMG_{}", "img_{}"), ("{}A", "{}B"), ("{}-a", "{}-b"), ("{}_real_A", "{}_fake_B"),
     ("photo_{}", "mask_{}"), ("x {}", "x_{:04d}_mask"), ("été {}", "ÉTÉ_{:02d}.target")],
)  # fmt: skip
def test_names_match_that_differ_by_case_zeros_separators_or_a_mark_of_the_side(a: str, b: str) -> None:
    given = files(*(f"A/{a.format(i)}.png" for i in range(12)), *(f"B/{b.format(i)}.jpg" for i in range(12)))
    matched = match_sides(given)
    assert list(matched.partner.items()) == list(zip(given[:12], given[12:], strict=True)) and not alone(matched)
    assert matched.notes()[0].startswith("12 of 12 pairs have names that differ a little")


@pytest.mark.parametrize(
    ("a", "b"),
    [("A", "B"), ("a", "b"), ("trainA", "trainB"), ("train_A", "train_B"), ("real_A", "fake_B"), ("TRAINA", "TrainB"), ("x_b/A", "x_b/B")],
)
def test_sides_are_known_as_people_name_their_folders(a: str, b: str) -> None:
    assert pairs(f"set/{a}/1.jpg", f"set/{b}/1.png") == [(f"set/{a}/1.jpg", f"set/{b}/1.png")]


def test_a_name_alike_to_several_has_no_partner_and_an_equal_one_comes_first() -> None:
    matched = match_sides(files("A/1.jpg", "A/02.jpg", "B/1.jpg", "B/01.jpg", "B/2_b.jpg", "B/2.jpg"))
    assert {str(a): str(b) for a, b in matched.partner.items()} == {"A/1.jpg": "B/1.jpg"}
    assert "several that are alike (B/2_b.jpg, B/2.jpg)" in alone(matched)[PurePosixPath("A/02.jpg")]
    assert alone(matched)[PurePosixPath("B/01.jpg")] == "no image of this name in A"


def test_vowels_that_are_marks_are_part_of_a_name() -> None:
    with pytest.raises(UserError, match="no name in A has a partner in B"):
        match_sides(files("A/कि.jpg", "B/का.jpg"))


@given(a=st.sets(st.integers(0, 30), min_size=1), b=st.sets(st.integers(0, 30), min_size=1))
def test_every_file_is_matched_or_listed(a: set[int], b: set[int]) -> None:
    assume(a & b)
    matched = match_sides(files(*(f"A/{i}.jpg" for i in sorted(a)), *(f"B/{i}.png" for i in sorted(b))))
    assert [int(file.stem) for file in matched.partner] == sorted(a & b)
    assert {int(file.stem) for file in alone(matched)} == a ^ b


@pytest.mark.parametrize(("a", "b"), [("7_in", "7_out"), ("7-before", "7-after"), ("day_7", "night_7"), ("7_x", "7_y")])
def test_more_words_that_name_a_side_are_left_out_of_account(a: str, b: str) -> None:
    assert pairs(f"A/{a}.png", f"B/{b}.png") == [(f"A/{a}.png", f"B/{b}.png")]


def test_a_word_that_both_sides_use_to_tell_their_images_apart_is_part_of_the_name() -> None:
    given = files("A/scene1_day.jpg", "A/scene1_night.jpg", "B/Scene1-Day.png", "B/Scene1-Night.png")
    assert list(match_sides(given).partner.items()) == list(zip(given[:2], given[2:], strict=True))
