import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pix2pix.data.palettes import FACADES as PALETTE
from pix2pix.errors import UserError
from pix2pix.synthetic.archive import SYNTHETIC_SETS, archive_name, write_archive


def contents(path: Path) -> dict[str, bytes]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            assert packed.testzip() is None
            return {name: packed.read(name) for name in packed.namelist()}
    with tarfile.open(path, "r:gz") as packed:
        return {info.name: member.read() for info in packed if (member := packed.extractfile(info))}


@pytest.mark.parametrize("name", SYNTHETIC_SETS)
def test_the_archive_is_laid_out_like_the_published_one(name: str, tmp_path: Path) -> None:
    path = tmp_path / archive_name(name)
    write_archive(name, path, seed=0, size=32, counts={"train": 2, "val": 1})
    folder = {"food": "food_resized", "anime": "anime_resized"}.get(name, name)
    stems = ["train/1", "train/2", "val/1"]
    if name in ("food", "anime"):
        stems = ["train/0001", "train/0002", "val/0001"]
    if name.startswith("edges2"):
        stems = [f"{stem}_AB" for stem in stems]
    members = contents(path)
    assert list(members) == [f"{folder}/{stem}.jpg" for stem in stems]
    for content in members.values():
        assert Image.open(io.BytesIO(content)).size == ((32, 32) if name in ("food", "anime") else (64, 32))


def test_archives_carry_the_published_names() -> None:
    assert archive_name("facades") == "facades.tar.gz"
    assert archive_name("food") == "food_resized.zip"
    assert archive_name("anime") == "anime_resized.zip"


@pytest.mark.parametrize("name", ["facades", "food"])
def test_two_processes_write_the_same_bytes(name: str, tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from pix2pix.synthetic.archive import write_archive\n"
        "write_archive(sys.argv[1], pathlib.Path(sys.argv[2]), seed=7, size=32, counts={'val': 2, 'train': 3})"
    )
    digests = set()
    for hash_seed in "12":
        path = tmp_path / f"{hash_seed}-{archive_name(name)}"
        subprocess.run([sys.executable, "-c", program, name, str(path)], check=True, env={**os.environ, "PYTHONHASHSEED": hash_seed})
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1


@pytest.mark.parametrize("name", ["facades", "anime"])
def test_more_images_change_none_of_the_others(name: str, tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    write_archive(name, few, seed=1, size=32, counts={"train": 2, "val": 1})
    write_archive(name, many, seed=1, size=32, counts={"train": 4, "val": 3})
    assert contents(few).items() <= contents(many).items()


def test_splits_and_seeds_share_no_image(tmp_path: Path) -> None:
    drawn: list[bytes] = []
    for seed in (0, 1):
        write_archive("food", tmp_path / "food", seed=seed, size=32, counts={"train": 2, "val": 2})
        drawn += contents(tmp_path / "food").values()
    assert len(set(drawn)) == len(drawn) == 8


def test_the_labels_survive_the_jpeg(tmp_path: Path) -> None:
    write_archive("facades", tmp_path / "facades", seed=0, size=96, counts={"val": 3})
    palette = np.asarray(list(PALETTE.values()), int)
    for content in contents(tmp_path / "facades").values():
        labels = np.asarray(Image.open(io.BytesIO(content)))[:, 96:].astype(int)
        off = np.abs(labels[:, :, None] - palette).sum(axis=-1).min(axis=-1)
        assert (off < 60).mean() > 0.97


def test_the_gzip_and_tar_headers_hold_neither_time_nor_owner(tmp_path: Path) -> None:
    write_archive("maps", tmp_path / "maps", seed=0, size=32, counts={"train": 1})
    assert (tmp_path / "maps").read_bytes()[4:8] == bytes(4)
    with tarfile.open(tmp_path / "maps") as packed:
        assert [(info.mtime, info.uid, info.gid, info.uname, info.gname, info.mode) for info in packed] == [(0, 0, 0, "", "", 0o644)]


def test_any_gzip_reader_reads_the_stream_whole(tmp_path: Path) -> None:
    write_archive("facades", tmp_path / "facades", seed=0, size=64, counts={"train": 12})
    assert len(gzip.decompress((tmp_path / "facades").read_bytes())) % 512 == 0  # raises when a length or the checksum is wrong


def test_an_empty_archive_is_an_archive(tmp_path: Path) -> None:
    for name in ("facades", "food"):
        write_archive(name, tmp_path / name, seed=0, size=32, counts={})
        assert contents(tmp_path / name) == {}


def test_only_the_finished_archive_is_left_in_the_folder(tmp_path: Path) -> None:
    write_archive("anime", tmp_path / "anime.zip", seed=0, size=32, counts={"train": 1})
    assert [path.name for path in tmp_path.iterdir()] == ["anime.zip"]


def test_a_dataset_that_cannot_be_drawn_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no synthetic images of the dataset 'cats'.*facades.*source"):
        write_archive("cats", tmp_path / "cats", seed=0, size=32, counts={"train": 1})
    with pytest.raises(UserError, match="cats"):
        archive_name("cats")
