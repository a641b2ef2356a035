import pytest
from PIL import Image

from pix2pix.data.image_grid import MIDDLE_GREY, grid


def solid(colour: tuple[int, int, int], size: tuple[int, int] = (6, 4)) -> Image.Image:
    return Image.new("RGB", size, colour)


def test_every_picture_comes_out_at_its_place_and_gaps_are_grey() -> None:
    colours = [[(10 * x + 100 * y, x, y) for x in range(3)] for y in range(2)]
    sheet = grid([[solid(colour) for colour in row] for row in colours], gap=2)
    assert sheet.size == (3 * 6 + 2 * 2, 2 * 4 + 2)
    for y, row in enumerate(colours):
        for x, colour in enumerate(row):
            assert sheet.crop((x * 8, y * 6, x * 8 + 6, y * 6 + 4)).getcolors() == [(24, colour)]
    assert sheet.crop((6, 0, 8, 10)).getcolors() == [(20, MIDDLE_GREY)]
    assert sheet.crop((0, 4, 22, 6)).getcolors() == [(44, MIDDLE_GREY)]


def test_without_a_gap_pictures_touch() -> None:
    assert grid([[solid((9, 9, 9))] * 2] * 2, gap=0).getcolors() == [(96, (9, 9, 9))]


def test_a_grey_picture_is_shown_as_rgb() -> None:
    assert grid([[Image.new("L", (2, 2), 77)]]).getcolors() == [(4, (77, 77, 77))]


@pytest.mark.parametrize("rows", [[], [[]], [[solid((0, 0, 0)), solid((0, 0, 0), (4, 6))]]])
def test_what_is_no_grid_is_refused(rows: list[list[Image.Image]]) -> None:
    with pytest.raises(ValueError):
        grid(rows)
