"""Tiles: every pixel covered, no seam where the model does the same everywhere."""

import numpy as np
import pytest

from pix2pix.inference.pipeline import ImageToImage
from pix2pix.predict.memory import needed, shortage
from pix2pix.predict.tiles import tiled
from tests.inference.models import model, noise_image


@pytest.mark.parametrize("size", [(64, 64), (65, 64), (31, 200), (1, 1), (100, 33), (16, 16)])
def test_a_model_that_changes_nothing_gives_the_image_back(size: tuple[int, int]) -> None:
    image = noise_image(*size)
    assert np.array_equal(tiled(lambda tiles: tiles, image, 32), image)


def test_tiles_have_the_training_size_and_outputs_are_blended_between_their_values() -> None:
    seen = []

    def generate(tiles: np.ndarray) -> np.ndarray:
        seen.extend(tile.shape for tile in tiles)
        return np.full_like(tiles, 100) + (np.arange(len(tiles), dtype=np.uint8) * 10)[:, None, None, None]

    out = tiled(generate, noise_image(80, 90), 32)
    assert set(seen) == {(32, 32, 3)} and out.min() >= 100 and out.max() <= 170
    assert np.abs(np.diff(out[..., 0].astype(int), axis=1)).max() < 10  # a hard border would be a whole step


def test_what_cannot_fit_is_told_with_ways_out() -> None:
    about = ImageToImage(model()).description
    assert shortage(64, 64, about, "torch") is None
    message = shortage(10**6, 10**6, about, "torch")
    assert message is not None and "--tile" in message and "--size" in message
    assert needed(33, 32, about, "torch") == needed(64, 32, about, "torch") == 2 * needed(32, 32, about, "torch")
