"""Which file belongs to which split."""

from collections.abc import Sequence
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pix2pix.errors import UserError
from pix2pix.prepare.split import split_files, stems

Path = PurePosixPath
MANY = [Path(f"cats/{number}.jpg") for number in range(2000)]


def files(*names: str) -> list[Path]:
    return [Path(name) for name in names]


def test_the_folders_of_the_archive_decide() -> None:
    given = files("facades/test/1.jpg", "facades/train/1.jpg", "facades/train/2.jpg", "facades/val/1.jpg")
    assert split_files(given, val_fraction=0.5) == {
        "train": files("facades/train/1.jpg", "facades/train/2.jpg"),
        "val": files("facades/val/1.jpg"),
        "test": files("facades/test/1.jpg"),
    }


def test_a_split_folder_may_lie_anywhere_but_a_file_of_that_name_is_none() -> None:
    found = split_files(files("a/b/train/c/1.jpg", "val/2.jpg", "x/train/val"), val_fraction=0.0)
    assert found == {"train": files("a/b/train/c/1.jpg", "x/train/val"), "val": files("val/2.jpg")}


def test_the_outermost_split_folder_decides() -> None:
    assert split_files(files("set/train/val/1.jpg", "set/test/train/2.jpg"), val_fraction=0.0) == {
        "train": files("set/train/val/1.jpg"),
        "test": files("set/test/train/2.jpg"),
    }


def test_a_file_called_like_a_split_makes_no_split() -> None:
    assert split_files(files("cats/val", "cats/1.jpg"), val_fraction=0.0) == {"train": files("cats/val", "cats/1.jpg")}


def test_splits_that_have_no_files_are_left_out() -> None:
    assert list(split_files(files("train/1.jpg", "test/1.jpg"), val_fraction=0.0)) == ["train", "test"]


def test_the_order_given_is_kept() -> None:
    assert split_files(MANY[::-1], val_fraction=0.0)["train"] == MANY[::-1]


@pytest.mark.parametrize("given", [MANY, [Path("cats/train") / file.name for file in MANY]])
def test_without_val_a_share_of_train_becomes_it(given: Sequence[Path]) -> None:
    found = split_files(given, val_fraction=0.1)
    assert len(found["val"]) == pytest.approx(200, abs=50)
    assert sorted(found["train"] + found["val"]) == sorted(given)


def test_of_few_files_one_is_taken_too() -> None:
    for count in range(2, 9):
        found = split_files(files(*(f"{number}.jpg" for number in range(count))), val_fraction=0.001)
        assert (len(found["val"]), len(found["train"])) == (1, count - 1)


def test_adding_files_moves_no_other_to_another_split() -> None:
    before, after = split_files(MANY[::3], val_fraction=0.1), split_files(MANY, val_fraction=0.1)
    assert set(before["val"]) <= set(after["val"]) and set(before["train"]) <= set(after["train"])


def test_a_larger_share_keeps_what_the_smaller_had() -> None:
    assert set(split_files(MANY, val_fraction=0.1)["val"]) < set(split_files(MANY, val_fraction=0.2)["val"])


def test_the_share_goes_by_name_and_not_by_folder() -> None:
    moved = [Path("dogs/train") / file.name for file in MANY]
    here, there = split_files(MANY, val_fraction=0.1)["val"], split_files(moved, val_fraction=0.1)["val"]
    assert [file.name for file in here] == [file.name for file in there]


@pytest.mark.parametrize("count", [2, 3, 10, 30])
def test_of_few_pictures_at_least_one_is_for_validation(count: int) -> None:
    for start in range(0, 1000, 50):
        found = split_files([Path(f"{number}.jpg") for number in range(start, start + count)], val_fraction=0.01)
        assert found["val"] and found["train"]


def test_an_archives_own_val_is_never_added_to() -> None:
    found = split_files([*files("val/a.jpg"), *(Path("train") / file.name for file in MANY)], val_fraction=0.5)
    assert found["val"] == files("val/a.jpg") and len(found["train"]) == len(MANY)


def test_files_beside_the_split_folders_are_refused_by_name() -> None:
    with pytest.raises(UserError, match=r"files outside the folders train, val and test: x/a\.jpg, b\.jpg; move them"):
        split_files(files("x/train/1.jpg", "x/a.jpg", "b.jpg"), val_fraction=0.0)
    with pytest.raises(UserError, match=r"4\.jpg, …; move"):
        split_files([*files("train/1.jpg"), *(Path(f"{number}.jpg") for number in range(9))], val_fraction=0.0)


@pytest.mark.parametrize("given", [[], files("test/1.jpg"), files("val/1.jpg", "test/1.jpg")])
def test_an_archive_without_training_images_is_refused(given: list[Path]) -> None:
    with pytest.raises(UserError, match="no images to train on: the archive needs a folder train"):
        split_files(given, val_fraction=0.1)


@given(
    names=st.lists(st.tuples(st.sampled_from(["train", "val", "test"]), st.integers(0, 99)), unique=True).map(
        lambda n: [("train", 100), *n]
    ),
    share=st.floats(0, 0.4),
)
def test_every_file_is_in_exactly_one_split(names: list[tuple[str, int]], share: float) -> None:
    given = [Path(split) / f"{number}.png" for split, number in names]
    try:
        found = split_files(given, val_fraction=share)
    except UserError as error:
        assert "no images to train on" in str(error)  # so few that the share took all
    else:
        assert sorted(file for members in found.values() for file in members) == sorted(given)
        assert all(members for members in found.values())


def test_a_picture_is_called_as_its_file_without_folder_and_ending() -> None:
    assert stems(files("a/1.jpg", "b/2.tar.png", "c/ä ö.JPG", "<b>&.png")) == ["1", "2.tar", "ä ö", "<b>&"]


@pytest.mark.parametrize("pair", [("a/1.jpg", "b/1.jpg"), ("1.jpg", "1.png"), ("Cat.jpg", "cat.jpg"), ("cat.jpg", "CAT.png")])
def test_two_pictures_of_one_name_are_refused_by_name(pair: tuple[str, str]) -> None:
    with pytest.raises(UserError, match=f"^{pair[0]} and {pair[1]} would get the same name; rename one$"):
        stems(files(*pair))
