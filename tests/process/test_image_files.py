"""Which pictures a folder holds."""

import os
from pathlib import Path

import pytest

from pix2pix.errors import UserError
from pix2pix.process.image_files import list_images


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def test_pictures_are_found_at_any_depth_by_their_ending_in_any_case_in_the_order_a_person_expects(tmp_path: Path) -> None:
    fill(tmp_path, "10.png", "2.JPG", "a b/ü 1.jpeg", "a b/deep/x.TIFF", "notes.txt", "no-ending", "v.mp4")
    assert list(map(str, list_images(tmp_path))) == ["2.JPG", "10.png", "a b/deep/x.TIFF", "a b/ü 1.jpeg"]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    fill(tmp_path, "x.png", ".y.png", ".thumbnails/z.png", "__MACOSX.png")
    assert list(map(str, list_images(tmp_path))) == ["__MACOSX.png", "x.png"]


def test_a_link_to_a_picture_is_a_picture_and_a_link_to_a_folder_is_told(tmp_path: Path) -> None:
    fill(tmp_path, "elsewhere/x.png", "here/y.png")
    (tmp_path / "here/z.png").symlink_to(tmp_path / "elsewhere/x.png")
    assert list(map(str, list_images(tmp_path / "here"))) == ["y.png", "z.png"]
    (tmp_path / "here/linked").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="linked is a link to a folder"):
        list_images(tmp_path / "here")


def test_what_is_no_folder_of_pictures_is_told(tmp_path: Path) -> None:
    fill(tmp_path, "empty/readme.txt", "file.png")
    with pytest.raises(UserError, match=r"empty holds no images .*\.jpg"):
        list_images(tmp_path / "empty")
    with pytest.raises(UserError, match="gone cannot be read as a folder: No such file"):
        list_images(tmp_path / "gone")
    with pytest.raises(UserError, match=r"file\.png cannot be read as a folder: Not a directory"):
        list_images(tmp_path / "file.png")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_without_the_right_to_read_it_is_told_not_passed_over(tmp_path: Path) -> None:
    fill(tmp_path, "x.png", "locked/y.png")
    (tmp_path / "locked").chmod(0)
    try:
        with pytest.raises(UserError, match="locked cannot be read as a folder: Permission denied"):
            list_images(tmp_path)
    finally:
        (tmp_path / "locked").chmod(0o700)
