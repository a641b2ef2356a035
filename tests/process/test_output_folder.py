"""The output folder belongs to one call: nothing of anyone else's is written over, and sources stay sources."""

from pathlib import Path

import pytest
from PIL import Image

from pix2pix.cli.main import main
from pix2pix.errors import UserError
from pix2pix.process.plan import NOTE, acquire, check_overlap

CALL = {"operation": "resize", "size": 256}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    (tmp_path / "photos/deep").mkdir(parents=True)
    return tmp_path / "photos"


def test_the_folder_of_the_sources_and_what_lies_in_it_are_no_place_for_output(photos: Path) -> None:
    with pytest.raises(UserError, match="is the input folder itself"):
        check_overlap(photos, [photos])
    with pytest.raises(UserError, match="is the input folder itself"):
        check_overlap(photos / "deep/..", [photos])
    with pytest.raises(UserError, match=r"lies inside .*photos"):
        check_overlap(photos / "deep/new", [photos.parent / "other", photos])
    check_overlap(photos.parent / "photos2", [photos])
    check_overlap(photos.parent, [photos])


def test_a_link_into_the_folder_of_the_sources_is_seen_through(photos: Path) -> None:
    (photos.parent / "link").symlink_to(photos / "deep")
    with pytest.raises(UserError, match="lies inside"):
        check_overlap(photos.parent / "link", [photos])


def test_an_output_folder_that_a_link_below_the_sources_leads_to_is_not_read(
    photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(photos.parent)
    Image.new("RGB", (40, 40)).save("photos/1.png")
    Path("photos/link").symlink_to("../out")
    call = ["process", "grayscale", "--input", "photos", "--output", "out", "--workers", "1"]
    main(call)  # the link leads nowhere yet
    assert [path.name for path in Path("out").glob("*.*g")] == ["1.png"]
    capsys.readouterr()
    assert main(call) == 1
    assert "--output out is read as a source, as photos/link" in capsys.readouterr().err


def test_a_new_an_empty_and_an_own_folder_are_taken(tmp_path: Path, photos: Path) -> None:
    acquire(tmp_path / "new/deep", CALL, [photos])
    acquire(tmp_path / "new/deep", CALL, [photos])
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/.DS_Store").touch()
    acquire(tmp_path / "empty", CALL, [photos])
    assert [path.name for path in (tmp_path / "new/deep").iterdir()] == [NOTE]


def test_a_folder_with_files_of_someone_else_is_refused_and_left_alone(tmp_path: Path, photos: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/holiday.png").touch()
    with pytest.raises(UserError, match="holds files that pix2pix process did not make"):
        acquire(tmp_path / "mine", CALL, [photos])
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["holiday.png"]


def test_a_folder_of_another_call_is_refused_with_what_differs(tmp_path: Path, photos: Path) -> None:
    acquire(tmp_path / "out", CALL, [photos])
    with pytest.raises(UserError, match=r"another call made \(size was 256, now 64\)"):
        acquire(tmp_path / "out", {**CALL, "size": 64}, [photos])
    with pytest.raises(UserError, match=r"\(input was \['../photos'\], now \['../photos/deep'\]\)"):
        acquire(tmp_path / "out", CALL, [photos / "deep"])
    with pytest.raises(UserError, match=r"\(operation was resize, now edges, sigma was None, now 2.0, size was 256, now None\)"):
        acquire(tmp_path / "out", {"operation": "edges", "sigma": 2.0}, [photos])
    acquire(tmp_path / "out", CALL, [photos])


def test_sources_and_output_may_be_moved_together(tmp_path: Path, photos: Path) -> None:
    acquire(tmp_path / "out", CALL, [photos])
    (tmp_path / "else where").mkdir()
    for folder in ("photos", "out"):
        (tmp_path / folder).rename(tmp_path / "else where" / folder)
    acquire(tmp_path / "else where/out", CALL, [tmp_path / "else where/photos"])


@pytest.mark.parametrize("content", [b"", b"{", b"\xff"])
def test_a_damaged_note_is_told(tmp_path: Path, photos: Path, content: bytes) -> None:
    acquire(tmp_path / "out", CALL, [photos])
    (tmp_path / "out" / NOTE).write_bytes(content)
    with pytest.raises(UserError, match="is damaged: choose another --output, or remove"):
        acquire(tmp_path / "out", CALL, [photos])


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, photos: Path) -> None:
    (tmp_path / "file").touch()
    for output in (tmp_path / "file", tmp_path / "file/out"):
        with pytest.raises(UserError, match=r"cannot be written: (Not a directory|File exists)"):
            acquire(output, CALL, [photos])
