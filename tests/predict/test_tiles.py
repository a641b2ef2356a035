"""Tiles: every pixel covered, no seam where the model does the same everywhere."""

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from pix2pix.inference.pipeline import ImageToImage
from pix2pix.predict.memory import needed, shortage
from pix2pix.predict.tiles import tiled
from tests.inference.models import model, noise_image

Pixels = NDArray[np.uint8]


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


def blended_at_once(generate: Callable[[Pixels], Pixels], image: Pixels, side: int) -> Pixels:
    """`tiled` as it is written down most plainly: all sums of the whole image in memory."""
    height, width = image.shape[:2]
    tall, wide = min(side, height), min(side, width)
    down, across = ((np.minimum(place, length - place)) for length in (tall, wide) for place in [np.arange(length, dtype=np.float32) + 0.5])
    ramps = np.outer(down, across)[:, :, None].astype(np.float32)
    total, weight = np.zeros((height, width, 3), np.float32), np.zeros((height, width, 1), np.float32)
    for top in sorted({*range(0, height - tall, max(1, tall // 2)), height - tall}):
        for left in sorted({*range(0, width - wide, max(1, wide // 2)), width - wide}):
            total[top : top + tall, left : left + wide] += generate(image[None, top : top + tall, left : left + wide])[0] * ramps
            weight[top : top + tall, left : left + wide] += ramps
    return np.rint(total / weight).astype(np.uint8)


@pytest.mark.parametrize("size", [(200, 70), (97, 33), (32, 99), (33, 32), (20, 10), (160, 160)])
def test_rows_that_are_finished_early_have_the_bytes_of_blending_everything_at_once(size: tuple[int, int]) -> None:
    image = noise_image(*size)

    def generate(tiles: Pixels) -> Pixels:
        return np.cumsum(tiles, axis=1, dtype=np.uint8) ^ np.flip(tiles, axis=2)  # a pixel's value depends on its place in the tile

    assert np.array_equal(tiled(generate, image, 32), blended_at_once(generate, image, 32))


def test_besides_the_result_a_row_of_tiles_is_in_memory() -> None:
    image = np.zeros((4000, 500, 3), np.uint8)
    tracemalloc.start()
    tiled(lambda tiles: tiles, image, 32)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * image.nbytes


def test_what_cannot_fit_is_told_with_ways_out() -> None:
    about = ImageToImage(model()).description
    assert shortage(64, 64, about, "torch") is None
    message = shortage(10**6, 10**6, about, "torch")
    assert message is not None and "--tile" in message and "--size" in message
    assert needed(33, 32, about, "torch") == needed(64, 32, about, "torch") == 2 * needed(32, 32, about, "torch")
