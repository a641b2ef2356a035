"""What is made of one picture, against scikit-image and the published formulas."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage.feature import canny
from skimage.measure import label

from pix2pix.data.bad_image import BadImage
from pix2pix.process.transforms import blank, edges, grayscale, side_by_side, with_original
from tests.halves import halves

Array = np.ndarray[Any, Any]
SIDES = st.integers(1, 40)


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def blurred(width: int, height: int, seed: int = 0) -> Image.Image:
    """Something between noise and a photo: shapes with soft borders."""
    return noise(6, 6, seed).resize((width, height), Image.Resampling.BICUBIC)


def test_grey_is_the_luma_of_bt_601() -> None:
    expected = np.asarray(noise(40, 30)) @ (0.299, 0.587, 0.114)
    found = grayscale(noise(40, 30))
    assert found.mode == "L"
    assert np.abs(np.asarray(found) - expected).max() <= 0.51


@given(width=SIDES, height=SIDES, share=st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_a_hole_is_grey_in_the_centre_and_as_large_as_asked_and_the_rest_is_as_it_was(width: int, height: int, share: float) -> None:
    before, after = np.asarray(noise(width, height)), np.asarray(blank(noise(width, height), share=share))
    wide, high = max(1, round(width * share)), max(1, round(height * share))
    left, top = (width - wide) // 2, (height - high) // 2
    expected = before.copy()
    expected[top : top + high, left : left + wide] = 128
    assert np.array_equal(after, expected)


def lines(picture: Image.Image, sigma: float = 2, threshold: float = 0.2, shortest: int = 0) -> Array:
    """Where the edge map is black."""
    found = edges(picture, sigma=sigma, threshold=threshold, shortest=shortest)
    assert found.mode == "L" and found.size == picture.size and set(np.unique(np.asarray(found))) <= {0, 255}
    return np.asarray(found) == 0


@pytest.mark.parametrize("sigma", [1, 2.5])
def test_edges_are_scikit_images_canny(sigma: float) -> None:
    grey = np.asarray(blurred(60, 50).convert("L")) / 255
    expected = canny(grey, sigma=sigma, low_threshold=0.05, high_threshold=0.1, mode="nearest")
    assert expected.any()
    assert np.array_equal(lines(blurred(60, 50), sigma=sigma, threshold=0.1), expected)


def test_the_edge_of_a_shape_is_a_line_around_it() -> None:
    picture = Image.new("RGB", (60, 60), (255, 255, 255))
    picture.paste((40, 60, 90), (20, 20, 40, 40))
    found = lines(picture, sigma=1)
    assert found[18:22, 24:36].any(axis=0).all() and found[24:36, 38:42].any(axis=1).all()
    assert not found[23:37, 23:37].any() and not found[:17].any()


def test_lines_shorter_than_asked_are_left_out_and_the_others_stay() -> None:
    every, long = lines(blurred(80, 80), sigma=1, threshold=0.05), lines(blurred(80, 80), sigma=1, threshold=0.05, shortest=20)
    lengths = np.bincount(label(every, connectivity=2).ravel())
    assert lengths[1:].min() < 20 <= lengths[1:].max()
    kept = (lengths >= 20)[label(every, connectivity=2)] & every
    assert np.array_equal(long, kept)


@pytest.mark.parametrize("more", [{"sigma": 4}, {"threshold": 0.4}, {"shortest": 30}])
def test_more_of_any_option_gives_fewer_lines(more: dict[str, Any]) -> None:
    assert (
        0 < lines(blurred(80, 80), **{"sigma": 1, "threshold": 0.05, **more}).sum() < lines(blurred(80, 80), sigma=1, threshold=0.05).sum()
    )


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (30, 1), (3, 3)])
def test_a_picture_of_one_colour_has_no_lines_however_small_it_is(size: tuple[int, int]) -> None:
    assert not lines(Image.new("RGB", size, (30, 60, 90))).any()


@given(width=SIDES, height=SIDES)
def test_two_pictures_side_by_side_come_apart_again_as_they_were_or_are_refused(width: int, height: int) -> None:
    a, b = noise(width, height, 1), noise(width, height, 2)
    if 2 * width <= height:
        with pytest.raises(BadImage, match="too narrow"):
            side_by_side(a, b)
        return
    left, right = halves(side_by_side(a, b))
    assert np.array_equal(np.asarray(left), np.asarray(a)) and np.array_equal(np.asarray(right), np.asarray(b))


def test_two_pictures_of_different_sizes_are_no_pair() -> None:
    with pytest.raises(BadImage, match="A is 20x10, B is 10x20 pixels"):
        side_by_side(noise(20, 10), noise(10, 20))


@pytest.mark.parametrize("transform", [grayscale, lambda picture: picture.copy()])
def test_with_original_puts_what_is_made_on_the_left_and_the_original_on_the_right(transform: Callable[[Image.Image], Image.Image]) -> None:
    made, original = halves(with_original(noise(20, 16), transform=transform))
    assert np.array_equal(np.asarray(made), np.asarray(transform(noise(20, 16)).convert("RGB")))
    assert np.array_equal(np.asarray(original), np.asarray(noise(20, 16)))
