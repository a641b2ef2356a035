"""The animation of sample sheets."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from pix2pix.cli.main import main
from pix2pix.errors import UserError
from pix2pix.film.film import STRIP, write_film


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """Sheets of epochs 2 and 10, one colour each, and files that are none."""
    folder = tmp_path / "samples"
    folder.mkdir()
    for epoch, colour in ((10, (20, 200, 40)), (2, (200, 30, 40))):
        Image.new("RGB", (60, 40), colour).save(folder / f"epoch-{epoch:04d}.png")
    (folder / "epoch-last.png").write_text("no sheet")
    return folder


@pytest.mark.parametrize("suffix", [".webp", ".gif"])
def test_the_sheets_play_in_the_order_of_epochs_and_the_last_one_stays_longer(samples: Path, tmp_path: Path, suffix: str) -> None:
    assert main(["film", "--samples", str(samples), "--output", str(tmp_path / f"film{suffix}"), "--seconds", "0.2"]) == 0
    with Image.open(tmp_path / f"film{suffix}") as film:
        frames = [(frame.convert("RGB"), frame.info["duration"]) for frame in ImageSequence.Iterator(film)]
        assert film.info["loop"] == 0
    colours = [np.asarray(frame)[5, 5] for frame, _ in frames]
    assert np.allclose(colours, [(200, 30, 40), (20, 200, 40)], atol=12)
    assert frames[0][0].size == (60, 40 + STRIP)
    assert 0 < frames[0][1] < frames[1][1]


def test_what_cannot_be_a_film_is_refused_by_name_and_nothing_is_written(samples: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"film\.png must end in \.webp or \.gif"):
        write_film(samples, tmp_path / "film.png", seconds=1)
    with pytest.raises(UserError, match="nowhere has no sample sheets"):
        write_film(tmp_path / "nowhere", tmp_path / "film.gif", seconds=1)
    Image.new("RGB", (8, 8)).save(samples / "epoch-0011.png")
    with pytest.raises(UserError, match=r"epoch-0011\.png is of another size than epoch-0002\.png"):
        write_film(samples, tmp_path / "film.gif", seconds=1)
    (samples / "epoch-0011.png").write_bytes(b"torn")
    with pytest.raises(UserError, match=r"epoch-0011\.png cannot be read"):
        write_film(samples, tmp_path / "film.gif", seconds=1)
    assert [path.name for path in tmp_path.iterdir()] == ["samples"]
