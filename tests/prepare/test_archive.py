"""From what the stage download left to what the stage prepare says: everything counted, a changed folder noticed."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pix2pix.config.settings import Download, Prepare
from pix2pix.download.source import fetch
from pix2pix.errors import UserError
from pix2pix.prepare.archive import prepare_archive
from pix2pix.prepare.prepare import Prepared

AGAIN = "`dvc repro -f -s download@food`, then the same command as before"


def draw(file: Path, seed: int = 0) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)).save(file)
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(8):
        draw(tmp_path / f"mine/{number}.png", number)
    (tmp_path / "mine/IMG_1.CR2").write_bytes(b"raw")
    (tmp_path / "mine/notes.txt").write_text("seen on Monday")
    return tmp_path / "mine"


def download(root: Path) -> None:
    fetch("mine", root / "raw/food", Download(), dataset="food", root=root, key="source", progress=False)


def prepared(root: Path, **settings: object) -> Prepared:
    how = Prepare(load_size=8, crop_size=8, workers=1, **settings)  # type: ignore[arg-type]
    return prepare_archive(root / "raw/food", root / "out", how, root=root, kind="lab", direction="AtoB", eval_split="val")[1]


def test_the_line_counts_also_what_the_download_passed_over(tmp_path: Path, folder: Path) -> None:
    download(tmp_path)
    done = prepared(tmp_path)
    assert done.files.line() == (
        "10 files: 8 used, 1 .CR2 passed over (a camera's raw file: convert it to JPEG or PNG), 1 .txt passed over (no image)"
    )
    assert json.loads((tmp_path / "out/skipped.json").read_text())[-1] == {"what": "used", "files": 8} and not done.notes


def test_a_folder_that_changed_is_told_with_the_command_that_fetches_it_again(tmp_path: Path, folder: Path) -> None:
    draw(folder / "8.png").write_bytes(b"torn")
    download(tmp_path)
    with pytest.raises(UserError) as caught:
        prepared(tmp_path)
    assert str(caught.value).endswith(f"after a change of the source, fetch it again with {AGAIN}")
    draw(folder / "8.png")  # mended, but the archive is the old one
    told = f"the folder mine has changed since it was fetched: fetch it again with {AGAIN}"
    with pytest.raises(UserError) as caught:
        prepared(tmp_path)
    assert str(caught.value).startswith(f"{told}\nwhat was fetched is refused: 1 image")
    assert prepared(tmp_path, on_bad_image="skip").notes == [told]
    download(tmp_path)
    assert not prepared(tmp_path).notes


def test_a_limit_that_a_message_names_is_a_parameter_that_lifts_it(tmp_path: Path) -> None:
    for number in range(80):
        file = draw(tmp_path / f"flat/{number}.bmp")
        Image.new("RGB", (600, 500), "white").save(file)
    shutil.make_archive(str(tmp_path / "flat"), "zip", tmp_path / "flat")
    fetch("flat.zip", tmp_path / "raw/food", Download(), dataset="food", root=tmp_path, key="source", progress=False)
    with pytest.raises(UserError, match=r"raise prepare\.max_ratio"):
        prepared(tmp_path)
    assert prepared(tmp_path, max_ratio=1100).files.line() == "80 files: 80 used"


def test_a_note_that_is_damaged_or_missing_stops_nothing(tmp_path: Path, folder: Path) -> None:
    download(tmp_path)
    for text in ("", "[]", "{"):
        (tmp_path / "raw/food/source.json").write_text(text)
        assert prepared(tmp_path).files.used == 8
