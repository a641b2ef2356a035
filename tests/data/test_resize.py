"""Both ways to resize give Pillow's pixels, bit for bit."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from pix2pix.data import resize as module
from pix2pix.data.compiled_resize import compiled_resize
from pix2pix.data.resize import pillow_resize, resize_to_planes

Array = np.ndarray[Any, Any]
FILTERS = {"bicubic": Image.Resampling.BICUBIC, "area": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR}
sides = st.integers(1, 200)


def pillows(picture: Array, size: int, resize: str) -> Array:
    return np.asarray(Image.fromarray(picture).resize((size, size), FILTERS[resize])).transpose(2, 0, 1)


def resized(picture: Array, size: int, resize: str) -> Array:
    compiled, plain = (np.zeros((3, size, size), dtype=np.uint8) for _ in range(2))
    compiled_resize(picture, size, compiled, resize)
    pillow_resize(picture, size, plain, resize)
    assert np.array_equal(compiled, plain)
    return compiled


@given(height=sides, width=sides, size=sides, resize=st.sampled_from(list(FILTERS)), seed=st.integers(0, 99), extreme=st.booleans())
@example(height=256, width=256, size=286, resize="bicubic", seed=0, extreme=False)
@example(height=512, width=384, size=286, resize="bicubic", seed=0, extreme=True)  # Pillow begins with the columns
@example(height=400, width=384, size=286, resize="bicubic", seed=0, extreme=True)  # with the rows
@example(height=64, width=64, size=64, resize="area", seed=0, extreme=False)
@example(height=1500, width=3, size=7, resize="area", seed=0, extreme=False)
def test_every_pixel_is_pillows(height: int, width: int, size: int, resize: str, seed: int, extreme: bool) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    if extreme:  # black and white only: bicubic weights overshoot the most
        picture = np.where(picture > 127, 255, 0).astype(np.uint8)
    assert np.array_equal(resized(picture, size, resize), pillows(picture, size, resize))


@pytest.mark.parametrize("resize", FILTERS)
def test_half_of_a_pair_needs_no_copy(resize: str) -> None:
    pair = np.random.default_rng(0).integers(0, 256, (80, 120, 3), dtype=np.uint8)
    for half in (pair[:, :60], pair[:, 60:]):
        assert np.array_equal(resized(half, 50, resize), pillows(np.ascontiguousarray(half), 50, resize))


def test_levels_that_do_not_change_over_a_picture_stay() -> None:
    for level in (0, 1, 127, 254, 255):
        flat = np.full((33, 47, 3), level, dtype=np.uint8)
        assert (resized(flat, 71, "bicubic") == level).all()


@pytest.mark.parametrize("turned", ["left", "right", "mirrored", "upside down", "by columns"])
def test_a_picture_of_the_size_already_is_only_taken_apart(turned: str) -> None:
    pair = np.random.default_rng(0).integers(0, 256, (37, 74, 3), dtype=np.uint8)
    pair.setflags(write=False)
    left = pair[:, :37]
    picture = {
        "left": left,
        "right": pair[:, 37:],
        "mirrored": left[:, ::-1],
        "upside down": left[::-1],
        "by columns": np.asfortranarray(left),
    }
    assert np.array_equal(resized(picture[turned], 37, "bicubic"), picture[turned].transpose(2, 0, 1))


@pytest.mark.parametrize("installed", [True, False])
def test_pillow_resizes_where_numba_is_not_installed(installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: object() if installed else None)
    module._fastest.cache_clear()
    assert module._fastest() is (compiled_resize if installed else pillow_resize)
    planes = np.zeros((3, 5, 5), dtype=np.uint8)
    resize_to_planes(np.full((9, 9, 3), 7, dtype=np.uint8), 5, planes, resize="area")
    assert (planes == 7).all()
    module._fastest.cache_clear()
