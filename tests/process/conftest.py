"""Folders of pictures, as people have them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Draw = Callable[..., Path]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Writes a picture of noise below the test's folder and returns its path; the same seed gives the same pixels."""

    def draw(name: str, width: int = 12, height: int = 10, seed: int = 0) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(file)
        return file

    return draw
