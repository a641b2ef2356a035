"""Two folders A and B: who belongs to whom, and who is left over."""

import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pix2pix.errors import UserError
from pix2pix.prepare.match_sides import match_sides


def files(*names: str) -> list[PurePosixPath]:
    return [PurePosixPath(name) for name in names]


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
    assert list(matched.partner) == files("A/2.jpg") and set(matched.unmatched) == set(files("A/x/1.jpg", "B/y/1.jpg"))


def test_spaces_dots_and_letters_of_any_script_are_part_of_the_name() -> None:
    names = ["Straße 1", "a.b.c", "写真", "été", "عربي"]
    assert pairs(*(f"A/{name}.jpg" for name in names), *(f"B/{name}.png" for name in names)) == [
        (f"A/{name}.jpg", f"B/{name}.png") for name in names
    ]


def test_an_accent_matches_in_both_of_its_spellings() -> None:
    one, two = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    assert one != two and pairs(f"A/{one}.jpg", f"B/{two}.jpg") == [(f"A/{one}.jpg", f"B/{two}.jpg")]


def test_files_without_a_partner_are_listed_with_the_side_that_lacks_them() -> None:
    unmatched = match_sides(files("A/1.jpg", "A/2.jpg", "B/1.jpg", "B/3.jpg")).unmatched
    assert unmatched == {files("A/2.jpg")[0]: "no image of this name in B", files("B/3.jpg")[0]: "no image of this name in A"}


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["1.jpg"], "no folder A and no folder B with images.*kind pairs"),
        (["A/1.jpg"], "no folder B with images"),
        (["A/1.jpg", "B/1.jpg", "readme.txt"], r"files outside the folders A and B: readme\.txt; move them"),
        (["A/1.jpg", "A/1.png", "B/1.jpg"], r"A/1\.jpg and A/1\.png have the same name"),
    ],
)
def test_what_cannot_be_matched_is_refused_with_the_way_out(names: list[str], told: str) -> None:
    with pytest.raises(UserError, match=told):
        match_sides(files(*names))


@given(a=st.sets(st.integers(0, 30), min_size=1), b=st.sets(st.integers(0, 30), min_size=1))
def test_every_file_is_matched_or_listed(a: set[int], b: set[int]) -> None:
    matched = match_sides(files(*(f"A/{i}.jpg" for i in sorted(a)), *(f"B/{i}.png" for i in sorted(b))))
    assert [int(file.stem) for file in matched.partner] == sorted(a & b)
    assert {int(file.stem) for file in matched.unmatched} == a ^ b
