"""Which pictures a folder holds."""

import os
from pathlib import Path, PurePosixPath

import pytest

from pix2pix.data.image_folder import ImageFolder
from pix2pix.errors import UserError


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def test_pictures_are_found_at_any_depth_by_their_ending_in_any_case_in_the_order_a_person_expects(tmp_path: Path) -> None:
    fill(tmp_path, "10.png", "2.JPG", "a b/ü 1.jpeg", "a b/deep/x.TIFF", "notes.txt", "no-ending", "v.mp4")
    assert list(map(str, ImageFolder.with_images(tmp_path).images)) == ["2.JPG", "10.png", "a b/deep/x.TIFF", "a b/ü 1.jpeg"]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    fill(tmp_path, "x.png", ".y.png", ".thumbnails/z.png", "__MACOSX.png", "@eaDir/a.jpg/SYNO_M.jpg", "Thumbs.db/b.png")
    found = ImageFolder.with_images(tmp_path)
    assert list(map(str, found.images)) == ["Thumbs.db/b.png", "__MACOSX.png", "x.png"]
    assert found.counts.line() == "3 files: 0 used, 2 .png and 1 .jpg passed over (hidden, or written by the system)"


def test_links_are_followed_and_what_leads_nowhere_is_told(tmp_path: Path) -> None:
    fill(tmp_path, "elsewhere/x.png", "here/y.png")
    (tmp_path / "here/z.png").symlink_to(tmp_path / "elsewhere/x.png")
    (tmp_path / "here/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "here/broken.png").symlink_to(tmp_path / "gone.png")
    os.mkfifo(tmp_path / "here/pipe.png")
    found = ImageFolder.with_images(tmp_path / "here")
    assert list(map(str, found.images)) == ["linked/x.png", "y.png", "z.png"]
    assert {str(path) for path in found.unusable} == {"broken.png", "pipe.png"}


def test_a_folder_is_read_once_under_its_own_name_whatever_links_lead_there(tmp_path: Path) -> None:
    fill(tmp_path, "here/2024/x.png", "store/y.png")
    for name, target in (("1-latest", "here/2024"), ("round", "here"), ("store-a", "store"), ("store-b", "store")):
        (tmp_path / "here" / name).symlink_to(tmp_path / target)
    (tmp_path / "here/.hidden").symlink_to(tmp_path / "store")
    found = ImageFolder.with_images(tmp_path / "here")
    assert list(map(str, found.images)) == ["2024/x.png", "store-a/y.png"] and not found.unusable
    assert found.counts.passed_over.total() == 4


def test_a_link_to_a_hidden_folder_beside_it_is_followed(tmp_path: Path) -> None:
    fill(tmp_path, ".store/2024/x.png")
    (tmp_path / "photos").symlink_to(".store/2024")
    assert list(map(str, ImageFolder.with_images(tmp_path).images)) == ["photos/x.png"]


def test_a_link_to_itself_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    fill(tmp_path, "x.png")
    for name in ("loop", ".loop"):
        (tmp_path / name).symlink_to(name)
    found = ImageFolder.with_images(tmp_path)
    assert list(map(str, found.images)) == ["x.png"] and list(map(str, found.unusable)) == ["loop"]


def test_what_lies_beside_the_pictures_is_counted_by_ending_and_reason(tmp_path: Path) -> None:
    fill(tmp_path, "x.jpg", "deep/invoice.pdf", "clip.mpg", "a.HEIC.psd", "README.txt", "labels.csv")
    line = ImageFolder.with_images(tmp_path).counts.line()
    assert line.startswith("5 files: 0 used, ") and "1 .pdf" in line and "(no image)" in line and "1 .psd passed over (an image of" in line


def test_what_is_no_folder_of_pictures_is_told(tmp_path: Path) -> None:
    fill(tmp_path, "empty/readme.txt", "file.png")
    with pytest.raises(UserError, match=r"empty holds no images .*\.jpg.*: 1 file: 0 used, 1 \.txt passed over"):
        ImageFolder.with_images(tmp_path / "empty")
    with pytest.raises(UserError, match="gone cannot be read as a folder: No such file"):
        ImageFolder.with_images(tmp_path / "gone")
    with pytest.raises(UserError, match=r"file\.png cannot be read as a folder: Not a directory"):
        ImageFolder.with_images(tmp_path / "file.png")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_without_the_right_to_read_it_is_told_not_passed_over(tmp_path: Path) -> None:
    fill(tmp_path, "x.png", "locked/y.png")
    (tmp_path / "locked").chmod(0)
    try:
        found = ImageFolder.with_images(tmp_path)
        assert list(map(str, found.unusable)) == ["locked"] and "Permission denied" in found.unusable[PurePosixPath("locked")]
    finally:
        (tmp_path / "locked").chmod(0o700)
