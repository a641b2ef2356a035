"""Small folders of images."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Fill = Callable[..., Path]


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """`fill("a", ["1", "2"], seed=0, size=(20, 16), suffix=".png") -> folder` with random images, the same for the same seed and stem."""

    def filled(folder: str, stems: Sequence[str], *, seed: int = 0, size: tuple[int, int] = (20, 16), suffix: str = ".png") -> Path:
        home = tmp_path / folder
        home.mkdir(parents=True, exist_ok=True)
        for place, stem in enumerate(stems):
            pixels = np.random.default_rng((seed, place)).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
            Image.fromarray(pixels).save(home / f"{stem}{suffix}")
        return home

    return filled
