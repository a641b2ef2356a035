"""Which file belongs to which split."""

import random
from collections.abc import Sequence
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pix2pix.errors import UserError
from pix2pix.prepare.folder_names import SplitFolders
from pix2pix.prepare.split import image_names
from pix2pix.prepare.split import split_files as split_by

Path = PurePosixPath
MANY = [Path(f"cats/{number}.jpg") for number in range(2000)]


def files(*names: str) -> list[Path]:
    return [Path(name) for name in names]


def split_files(given: Sequence[Path], *, val_fraction: float) -> dict[str, list[Path]]:
    return split_by(given, SplitFolders.of(given), val_fraction=val_fraction)


def names(given: Sequence[Path]) -> list[str]:
    return image_names({"train": given}, SplitFolders.of(given))["train"]


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


def test_the_outermost_split_folder_decides_unless_it_is_around_all_files() -> None:
    assert split_files(files("set/train/val/1.jpg", "set/test/train/2.jpg"), val_fraction=0.0) == {
        "train": files("set/train/val/1.jpg"),
        "test": files("set/test/train/2.jpg"),
    }
    given = files("x/train/train/1.jpg", "x/train/val/2.jpg", "x/train/test/3.jpg")
    assert split_files(given, val_fraction=0.0) == {split: [file] for split, file in zip(("train", "val", "test"), given, strict=True)}


def random_case(word: str, seed: int) -> str:
    rng = random.Random(seed)
    return "".join(rng.choice([letter.lower(), letter.upper()]) for letter in word)


@pytest.mark.parametrize("form", ["{}", "{}A", "{}_b", "{}2017", "{}_images", "{}-set", "DIV2K_{}_HR"])
def test_splits_are_known_as_people_name_them(form: str) -> None:
    for seed in range(20):
        words = [random_case(random.Random(seed).choice(choice), seed) for choice in SPELLINGS]
        given = files(*(f"set/{form.format(word)}/x/{number}.jpg" for word in words for number in range(2)))
        assert split_files(given, val_fraction=0.5) == {"train": given[:2], "val": given[2:4], "test": given[4:]}, words


SPELLINGS = (("train", "training"), ("val", "valid", "validation"), ("test", "testing"))


@pytest.mark.parametrize("name", ["bullet_train", "train station", "val-d'isere", "latest", "trains", "contest"])
def test_a_word_beside_others_is_no_split_and_said_to_be_none_where_it_may_be_one(name: str) -> None:
    given = files(f"{name}/1.jpg", "cat/2.jpg", "dog/3.jpg")
    assert split_files(given, val_fraction=0.0) == {"train": given}
    assert [folder.name for folder in SplitFolders.of(given).doubtful] == [name] * (name not in ("latest", "trains", "contest"))


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


@pytest.mark.parametrize("form", ["{}.jpg", "IMG_{:04d}.png", "c{}/img.jpg", "class/{}/0.png"])
def test_of_few_files_two_are_taken_whatever_they_are_called(form: str) -> None:
    for count, val in [(1, 0), (2, 1), *((count, 2) for count in range(3, 12))]:
        for start in range(0, 200, 10):
            found = split_files(files(*(form.format(number) for number in range(start, start + count))), val_fraction=0.001)
            assert (len(found.get("val", ())), len(found["train"])) == (val, count - val)
            found = split_files(files(*(form.format(number) for number in range(start, start + count))), val_fraction=0.9)
            assert found["train"]


def test_adding_files_moves_no_other_to_another_split() -> None:
    before, after = split_files(MANY[::3], val_fraction=0.1), split_files(MANY, val_fraction=0.1)
    assert set(before["val"]) <= set(after["val"]) and set(before["train"]) <= set(after["train"])


def test_a_larger_share_keeps_what_the_smaller_had() -> None:
    assert set(split_files(MANY, val_fraction=0.1)["val"]) < set(split_files(MANY, val_fraction=0.2)["val"])


def test_the_share_goes_by_name_and_not_by_folder() -> None:
    moved = [Path("dogs/train") / file.name for file in MANY]
    here, there = split_files(MANY, val_fraction=0.1)["val"], split_files(moved, val_fraction=0.1)["val"]
    assert [file.name for file in here] == [file.name for file in there]


def test_an_archives_own_val_is_never_added_to() -> None:
    found = split_files([*files("val/a.jpg"), *(Path("train") / file.name for file in MANY)], val_fraction=0.5)
    assert found["val"] == files("val/a.jpg") and len(found["train"]) == len(MANY)


def test_files_beside_the_split_folders_are_refused_by_name() -> None:
    with pytest.raises(UserError, match=r"files outside the folders of splits \(x/train\): x/a\.jpg, b\.jpg; move them"):
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
    assert names(files("a/1.jpg", "b/2.tar.png", "c/ä ö.JPG", "<b>&.png")) == ["1", "2.tar", "ä ö", "<b>&"]


def test_pictures_of_one_name_in_several_folders_keep_their_folders() -> None:
    given = files("pets/cat/1.jpg", "pets/Dog/1.jpg", "pets/Dog/more/2.jpg")
    assert names(given) == ["cat_1", "Dog_1", "Dog_more_2"]
    assert names(files("trainA/1.jpg", "trainB/1.jpg")) == ["trainA_1", "trainB_1"]
    splits = {"train": files("train/cat/1.jpg", "train/dog/1.jpg"), "val": files("val/cat/3.jpg")}
    folders = SplitFolders.of([*splits["train"], *splits["val"]])
    assert image_names(splits, folders) == {"train": ["cat_1", "dog_1"], "val": ["cat_3"]}


def test_all_pictures_of_one_name_are_refused_at_once() -> None:
    given = files("1.jpg", "1.png", "Cat.jpg", "cat.jpg", "x/a.jpg", "x/a.JPG", "2.jpg")
    with pytest.raises(UserError) as caught:
        names(given)
    listed = ["1.jpg and 1.png", "Cat.jpg and cat.jpg", "x/a.jpg and x/a.JPG"]
    assert [line.strip(" -") for line in str(caught.value).splitlines()[1:-1]] == listed


def test_a_name_too_long_for_the_files_made_of_it_is_refused_before_training() -> None:
    with pytest.raises(UserError, match=f"more than 220 bytes.*\n  - {'ä' * 120}.jpg"):
        names(files(f"{'ä' * 120}.jpg", "b.jpg"))


@pytest.mark.parametrize(
    ("train", "test"),
    [("trainimages", "testimages"), ("TrainingData", "TestData"), ("Trainingsdaten", "testbilder"),
     ("trainsetA", "testsetA"), ("TrainImagesB", "TestImagesB")],
)  # fmt: skip
def test_a_split_and_a_word_for_images_may_be_written_as_one(train: str, test: str) -> None:
    found = SplitFolders.of([PurePosixPath(train, "1.png"), PurePosixPath(test, "2.png")])
    assert found.splits == {PurePosixPath(train): "train", PurePosixPath(test): "test"}
