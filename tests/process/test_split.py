"""Which split a picture goes to: decided by its name and a seed, by nothing else."""

import unicodedata
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pix2pix.prepare.folder_names import SplitFolders
from pix2pix.prepare.split import split_files
from pix2pix.process.operations import plan_split, split_of

MANY = [PurePosixPath(f"{number}.jpg") for number in range(5000)]
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/."), min_size=1, max_size=20)
SHARES = st.floats(0, 0.49)


def splits(files: list[PurePosixPath], val: float = 0.1, test: float = 0.2, seed: int = 0) -> dict[PurePosixPath, str]:
    return {file: str(split_of(file, val=val, test=test, seed=seed)) for file in files}


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_the_shares_come_out_as_asked(seed: int) -> None:
    found = list(splits(MANY, val=0.1, test=0.2, seed=seed).values())
    # five standard deviations of a binomial of 5,000
    assert abs(found.count("val") / 5000 - 0.1) < 0.022
    assert abs(found.count("test") / 5000 - 0.2) < 0.029


def test_a_share_of_nothing_gives_nothing() -> None:
    assert set(splits(MANY, val=0, test=0).values()) == {"train"}
    assert set(splits(MANY, val=0.5, test=0).values()) == {"train", "val"}


@given(name=NAMES, seed=st.integers(0, 2**32), val=SHARES, test=SHARES, more=SHARES)
def test_folder_and_ending_and_the_size_of_val_move_nothing_out_of_test(name: str, seed: int, val: float, test: float, more: float) -> None:
    places = [PurePosixPath(f"{name}.png"), PurePosixPath(f"A/{name}.png"), PurePosixPath(f"B/deep/{name}.JPEG")]
    assert len({split_of(file, val=val, test=test, seed=seed) for file in places}) == 1
    assert (str(split_of(places[0], val=val, test=test, seed=seed)) == "test") == (
        str(split_of(places[0], val=more, test=test, seed=seed)) == "test"
    )


def test_letters_with_accents_taken_apart_as_on_macos_make_no_difference() -> None:
    names = [f"\u00e9{number}.png" for number in range(50)]
    whole, apart = ([PurePosixPath(unicodedata.normalize(form, name)) for name in names] for form in ("NFC", "NFD"))
    assert whole != apart
    assert list(splits(whole).values()) == list(splits(apart).values())


def test_another_seed_is_another_split() -> None:
    assert splits(MANY, seed=0) != splits(MANY, seed=1)


def test_what_prepare_takes_from_train_for_validation_is_a_part_of_train_like_any_other() -> None:
    train = [PurePosixPath("train") / file for file, split in splits(MANY, val=0, test=0.2).items() if split == "train"]
    later = split_files(train, SplitFolders.of(train), val_fraction=0.1)
    assert 0.08 < len(later["val"]) / len(train) < 0.12


def test_adding_pictures_moves_no_other_and_each_is_copied_byte_for_byte(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number}.png").write_bytes(bytes([number]))
    before = {task.target: task.content() for task in plan_split(tmp_path, val=0.3, test=0.3, seed=0).tasks}
    assert {path.parts[0] for path in before} == {"train", "val", "test"}
    assert sorted(before.values()) == [bytes([number]) for number in range(40)]
    (tmp_path / "more").mkdir()
    for number in range(40, 80):
        (tmp_path / f"more/{number}.jpg").write_bytes(bytes([number]))
    after = {task.target: task.content() for task in plan_split(tmp_path, val=0.3, test=0.3, seed=0).tasks}
    assert len(after) == 80 and before.items() <= after.items()
