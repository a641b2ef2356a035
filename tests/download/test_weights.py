import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from pix2pix.config.settings import Evaluate
from pix2pix.download import weights
from pix2pix.download.weights import FETCH, evaluation_weights, local_weights, published
from pix2pix.errors import UserError

CONTENT = b"weights"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = f"net-{SHA256[:8]}.pth"
OPTION = "-S evaluate.weights="


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place on this disk that stands for the publisher's."""
    file = tmp_path / "mirror" / NAME
    file.parent.mkdir()
    monkeypatch.setitem(weights._PUBLISHED, NAME, (file.parent.as_uri() + "/", SHA256))
    return file


def had(tmp_path: Path, given: str | None = None) -> Path:
    return published(NAME, given, tmp_path / "new" / "folder", tmp_path, option=OPTION)


@pytest.mark.parametrize("given", [None, FETCH])
def test_they_are_fetched_once(tmp_path: Path, mirror: Path, given: str | None) -> None:
    mirror.write_bytes(CONTENT)
    target = had(tmp_path, given)
    mirror.unlink()
    assert had(tmp_path, given) == target
    assert target.read_bytes() == CONTENT
    assert local_weights(NAME, target.parent) == target


def test_a_given_file_is_found_from_the_root_on_whatever_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.pth").write_bytes(b"")
    assert had(tmp_path, "mine.pth") == had(tmp_path, str(tmp_path / "mine.pth")) == tmp_path / "mine.pth"


def test_a_given_file_that_is_not_there_is_told_by_its_key(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^evaluate\.weights=mine\.pth: there is no such file"):
        had(tmp_path, "mine.pth")


def test_another_file_under_the_name_is_refused_and_not_kept(tmp_path: Path, mirror: Path) -> None:
    mirror.write_bytes(b"an error page")
    with pytest.raises(UserError, match=rf"{SHA256} was expected: .*\nBring {NAME} by other means"):
        had(tmp_path)
    assert local_weights(NAME, tmp_path / "new" / "folder") is None
    mirror.write_bytes(CONTENT)
    assert had(tmp_path).read_bytes() == CONTENT


def test_without_a_network_the_way_out_is_told_and_nothing_is_left(tmp_path: Path, mirror: Path) -> None:
    with pytest.raises(UserError, match=f"-S evaluate.weights=/path/to/{NAME}"):
        had(tmp_path)
    assert [path for path in (tmp_path / "new" / "folder").iterdir() if path.suffix != ".lock"] == []


@pytest.mark.parametrize(
    ("chosen", "ways"),
    [
        (Evaluate(features="inception_v3"), ["evaluate.inception_weights=/path/to/pt_inception", "evaluate.features=efficientnet_lite0"]),
        (Evaluate(lpips_weights=FETCH), ["evaluate.lpips_weights=/path/to/alexnet", "evaluate.lpips_weights=off"]),
    ],
)
def test_what_an_evaluation_needs_is_asked_for_with_both_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: Evaluate, ways: list[str]
) -> None:
    nowhere = {name: (tmp_path.as_uri() + "/", sha256) for name, (_, sha256) in weights._PUBLISHED.items()}
    monkeypatch.setattr(weights, "_PUBLISHED", nowhere)
    with pytest.raises(UserError) as refused:
        evaluation_weights(chosen, tmp_path / "weights", tmp_path)
    assert all(f"-S {way}" in str(refused.value) for way in ways)
    mine = tmp_path / "mine.pth"
    mine.write_bytes(b"")
    given = replace(chosen, inception_weights="mine.pth", **({} if chosen.features == "inception_v3" else {"lpips_weights": "mine.pth"}))
    assert sorted(evaluation_weights(given, tmp_path, tmp_path), key=bool) == [None, mine]


def test_an_evaluation_at_the_samples_scale_needs_none(tmp_path: Path) -> None:
    assert evaluation_weights(Evaluate(), tmp_path, tmp_path) == (None, None)


def test_the_published_hashes_are_whole_and_begin_with_the_digits_in_their_names() -> None:
    for name, (mirror, sha256) in weights._PUBLISHED.items():
        assert mirror.startswith("https://") and len(sha256) == 64 and sha256.startswith(Path(name).stem.rpartition("-")[2])
