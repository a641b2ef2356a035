"""Archives that name their splits in lists, in the layout of Food-101."""

from pathlib import Path, PurePosixPath

import pytest

from pix2pix.errors import UserError
from pix2pix.prepare.split import read_lists

TRAIN = ["apple_pie/1005649", "apple_pie/1014775", "waffles/7"]
TEST = ["apple_pie/1011328", "waffles/12"]


def archive(folder: Path, train: list[str] = TRAIN, test: list[str] = TEST, more: tuple[str, ...] = ()) -> list[PurePosixPath]:
    """Food-101 in small: pictures never read here, lists, and the texts beside them."""
    pictures = [f"food-101/images/{name}.jpg" for name in (*TRAIN, *TEST)]
    texts = {
        "meta/train.txt": "\n".join(train) + "\n",
        "meta/test.txt": "\n".join(test),
        "meta/classes.txt": "apple_pie\n",
        "README.txt": "",
    }
    for name, content in {**dict.fromkeys([*pictures, *more], ""), **{f"food-101/{name}": text for name, text in texts.items()}}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return sorted(PurePosixPath(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_lists_decide_and_texts_are_passed_over(tmp_path: Path) -> None:
    listed = read_lists(tmp_path, archive(tmp_path))
    assert listed is not None and listed.unlisted == []
    assert {split: [f"{file.parent.name}/{file.stem}" for file in files] for split, files in listed.splits.items()} == {
        "train": sorted(TRAIN),
        "test": sorted(TEST),
    }


def test_a_picture_in_no_list_is_named(tmp_path: Path) -> None:
    listed = read_lists(tmp_path, archive(tmp_path, more=("food-101/images/waffles/99.jpg",)))
    assert listed is not None and [str(file) for file in listed.unlisted] == ["food-101/images/waffles/99.jpg"]


@pytest.mark.parametrize("missing", ["meta/train.txt", "meta/test.txt", "images"])
def test_an_archive_without_both_lists_and_pictures_has_none(tmp_path: Path, missing: str) -> None:
    assert read_lists(tmp_path, [file for file in archive(tmp_path) if not file.is_relative_to(f"food-101/{missing}")]) is None


@pytest.mark.parametrize(
    ("train", "told"),
    [
        ([*TRAIN, "waffles/nosuch"], r"food-101/meta/train\.txt, line 4: the image food-101/images/waffles/nosuch is not there"),
        (["../../etc/passwd"], "line 1: .* is not there"),
        ([*TRAIN, TEST[0]], r"meta/test\.txt, line 1: .*apple_pie/1011328 is in the list of train already"),
    ],
)
def test_a_list_that_does_not_fit_the_pictures_is_refused(tmp_path: Path, train: list[str], told: str) -> None:
    with pytest.raises(UserError, match=told):
        read_lists(tmp_path, archive(tmp_path, train))


def test_a_list_that_is_no_text_is_refused(tmp_path: Path) -> None:
    files = archive(tmp_path)
    (tmp_path / "food-101/meta/train.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match=r"food-101/meta/train\.txt: cannot be read as a list"):
        read_lists(tmp_path, files)
