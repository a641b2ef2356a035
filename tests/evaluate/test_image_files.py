from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pix2pix.errors import UserError
from pix2pix.evaluate.images import ImageFiles


def test_a_picture_is_what_pillow_reads_whatever_the_file_is_called(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "no-suffix")
    pictures = ImageFiles([tmp_path / "no-suffix"])
    assert (len(pictures), pictures[0].dtype) == (1, torch.float32)
    torch.testing.assert_close(pictures[0], torch.from_numpy(pixels).permute(2, 0, 1) / 255, rtol=0, atol=0)


def test_grey_pictures_and_those_with_alpha_become_rgb(tmp_path: Path) -> None:
    Image.new("L", (4, 4), 51).save(tmp_path / "grey.png")
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    grey, clear = ImageFiles([tmp_path / "grey.png", tmp_path / "clear.png"])[0], ImageFiles([tmp_path / "clear.png"])[0]
    assert grey.unique().tolist() == [pytest.approx(0.2)]
    assert clear.unique().tolist() == [1.0]  # nothing lies over white


def test_files_that_are_missing_or_no_pictures_are_named(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("not a picture")
    with pytest.raises(UserError, match=r"text\.png cannot be used as an image"):
        ImageFiles([tmp_path / "text.png"])[0]
    with pytest.raises(UserError, match=r"gone\.png is missing"):
        ImageFiles([tmp_path / "gone.png"])[0]


def test_pictures_that_are_read_several_times_are_kept_up_to_a_limit_of_memory(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 5, 7, 3), dtype=np.uint8)
    files = [tmp_path / f"{i}.png" for i in range(3)]
    for file, image in zip(files, pixels, strict=True):
        Image.fromarray(image).save(file)
    pictures = ImageFiles(files, memory=2 * pixels[0].nbytes)
    first = [pictures[i] for i in range(3)]
    for file in files:
        file.unlink()
    assert all(torch.equal(pictures[i], first[i]) for i in range(2))
    with pytest.raises(UserError, match=r"2\.png is missing"):
        pictures[2]
