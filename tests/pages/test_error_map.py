import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2lab

from pix2pix.pages.error_map import COLOURS, error_map


def ramp() -> tuple[Image.Image, Image.Image]:
    """Two grey pictures 256 wide whose difference runs from 0 to 255."""
    row = np.arange(256, dtype=np.uint8)[None]
    return Image.fromarray(row), Image.fromarray(np.zeros_like(row))


def lightness(picture: Image.Image) -> np.ndarray:
    return rgb2lab(np.asarray(picture))[..., 0]


def test_alike_is_darkest_and_the_brightest_colour_stands_for_one_over_gain_and_more() -> None:
    for gain in (1, 2, 5):
        shown = np.asarray(error_map(*ramp(), gain=gain))[0]
        assert tuple(shown[0]) == COLOURS[0]
        assert tuple(shown[255]) == COLOURS[-1]
        full = next(step for step in range(256) if tuple(shown[step]) == COLOURS[-1])
        assert full / 255 == pytest.approx(1 / gain, abs=1 / 255)


def test_more_error_is_never_darker_and_equal_steps_look_equal() -> None:
    steps = lightness(error_map(*ramp(), gain=1))[0]
    assert (np.diff(steps) > -0.5).all()  # half a unit: colours are whole numbers
    line = np.linspace(steps[0], steps[-1], 256)
    assert np.abs(steps - line).max() < 4


def test_it_does_not_matter_which_picture_is_which_and_all_three_colours_count() -> None:
    red, green = Image.new("RGB", (3, 3), (90, 0, 0)), Image.new("RGB", (3, 3), (0, 90, 0))
    black = Image.new("RGB", (3, 3))
    assert error_map(red, green).tobytes() == error_map(green, red).tobytes()
    assert error_map(red, black).tobytes() == error_map(green, black).tobytes()
    assert lightness(error_map(red, green))[0, 0] > lightness(error_map(red, black))[0, 0]


def test_pictures_of_different_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="different sizes"):
        error_map(Image.new("RGB", (2, 2)), Image.new("RGB", (3, 2)))
