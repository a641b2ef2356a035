"""One list of images and one rule for litter, and no other reader beside it."""

import io
import re
import subprocess
from pathlib import Path

import pytest
from PIL import Image, UnidentifiedImageError

from pix2pix.data.image_files import is_image, is_litter, open_image, why_passed_over

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["a.jpg", "a.JPEG", "a.jpe", "a.JFIF", "x/a.png", "a.pbm", "a.tiff", "a.b.webp", "a.avif"])
def test_images_are_known_by_their_ending_in_any_case(name: str) -> None:
    assert is_image(name)


@pytest.mark.parametrize("name", ["README.txt", "labels.csv", "a.pdf", "clip.mpg", "a.h5", "logo.eps", "jpg", "a.jpg.part"])
def test_what_lies_beside_images_is_none(name: str) -> None:
    assert not is_image(name)


def test_an_image_of_a_format_that_is_not_read_is_passed_over_by_its_name() -> None:
    assert "raw" in why_passed_over("IMG_1.CR2")
    assert why_passed_over("README.txt") == "no image"
    assert "pip install pillow-heif" in why_passed_over("a.HEIC")


@pytest.mark.parametrize(
    "path",
    ["._a.jpg", ".DS_Store", ".gitkeep", "x/.hidden/a.jpg", "__MACOSX/a.jpg", "x/@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg", "Thumbs.db",
     "x/thumbs.DB", "ehthumbs.db", "desktop.ini", "#recycle/a.jpg"],
)  # fmt: skip
def test_litter(path: str) -> None:
    assert is_litter(path.split("/"))


@pytest.mark.parametrize("path", ["a.jpg", "x/y/a.jpg", "thumbs/a.jpg"])
def test_what_is_no_litter(path: str) -> None:
    assert not is_litter(path.split("/"))


def test_a_format_outside_the_list_is_not_opened_and_starts_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    eps = io.BytesIO()
    Image.new("RGB", (8, 8)).save(eps, "EPS")
    started: list[object] = []
    monkeypatch.setattr(subprocess, "check_call", lambda *args, **_: started.append(args))
    with pytest.raises(UnidentifiedImageError):
        open_image(eps)
    assert not started


def test_no_other_module_opens_images() -> None:
    own = ROOT / "src/pix2pix/data/image_files.py"
    calls = re.compile(r"\bImage\.open\(")
    found = [file for file in (ROOT / "src").rglob("*.py") if file != own and calls.search(file.read_text(encoding="utf-8"))]
    assert not found
