from pathlib import Path

import pytest

from pix2pix.errors import UserError
from pix2pix.evaluation import weights
from pix2pix.evaluation.weights import ALEXNET, alexnet


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place on this disk that stands for the publisher's."""
    file = tmp_path / "mirror" / ALEXNET
    file.parent.mkdir()
    monkeypatch.setattr(weights, "_ALEXNET_MIRRORS", (file.as_uri(),))
    return file


def test_lpipss_trunk_is_the_given_file_or_the_one_that_lies_there_or_none(tmp_path: Path) -> None:
    assert alexnet("some/where.pth", tmp_path, option="") == Path("some/where.pth")
    assert alexnet(None, tmp_path, option="") is None
    (tmp_path / ALEXNET).write_bytes(b"weights")
    assert alexnet(None, tmp_path, option="") == tmp_path / ALEXNET


def test_it_is_fetched_once_when_asked_for(tmp_path: Path, mirror: Path) -> None:
    mirror.write_bytes(b"weights")
    target = tmp_path / "new" / "folder" / ALEXNET
    assert alexnet("fetch", target.parent, option="") == target
    mirror.unlink()
    assert alexnet("fetch", target.parent, option="") == target
    assert target.read_bytes() == b"weights"


def test_without_a_network_the_way_out_is_told_and_nothing_is_left(tmp_path: Path, mirror: Path) -> None:
    with pytest.raises(UserError, match="--lpips-weights /path/to/alexnet-owt"):
        alexnet("fetch", tmp_path / "new", option="--lpips-weights ")
    assert list((tmp_path / "new").iterdir()) == []
