"""The door between stored planes and the numbers that networks see."""

import pytest
import torch
from torch import Tensor

from pix2pix.data.colour_planes import LAB_UNIT, ColourPlanes
from pix2pix.data.lab import rgb_to_lab

RGB = ColourPlanes("rgb", "rgb")
LIGHTNESS_TO_COLOUR = ColourPlanes("L", "ab")
COLOUR_TO_LIGHTNESS = ColourPlanes("ab", "L")


def stored_lab(rgb: Tensor, layout: ColourPlanes) -> Tensor:
    """(N, 3, H, W) uint8 -> planes as the stage prepare stores them."""
    lab = (rgb_to_lab(rgb.double() / 255) * LAB_UNIT).round().to(torch.int16)
    return lab if layout.input == "L" else lab[:, [1, 2, 0]]


def some_colours(count: int) -> Tensor:
    draw = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (1, 3, count // 256, 256), dtype=torch.uint8, generator=draw)


def nhwc(image: Tensor) -> Tensor:
    return image.permute(0, 2, 3, 1)


@pytest.mark.parametrize(
    ("kind", "direction", "layout", "channels", "dtype"),
    [
        ("pairs", "AtoB", RGB, (3, 3), "uint8"),
        ("pairs", "BtoA", RGB, (3, 3), "uint8"),
        ("lab", "AtoB", LIGHTNESS_TO_COLOUR, (1, 2), "int16"),
        ("lab", "BtoA", COLOUR_TO_LIGHTNESS, (2, 1), "int16"),
    ],
)
def test_kind_and_direction_decide_the_planes(
    kind: str, direction: str, layout: ColourPlanes, channels: tuple[int, int], dtype: str
) -> None:
    found = ColourPlanes.of(kind, direction)
    assert found == layout and (found.channels_in, found.channels_out) == channels and found.dtype == dtype
    assert ColourPlanes(**found.as_dict()) == found


def test_rgb_is_scaled_bit_for_bit_as_the_reference_does() -> None:
    levels = torch.arange(256, dtype=torch.uint8)
    images = torch.stack([levels, levels.flip(0)] * 3).reshape(1, 6, 16, 16)
    real_a, real_b = RGB.split(images)
    # torchvision's ToTensor, then Normalize(0.5, 0.5)
    expected = (images.to(torch.float32).div(255) - 0.5) / 0.5
    assert real_a.dtype == torch.float32
    assert torch.equal(torch.cat([real_a, real_b], dim=1), expected)
    assert expected.min() == -1 and expected.max() == 1


@pytest.mark.parametrize("layout", [LIGHTNESS_TO_COLOUR, COLOUR_TO_LIGHTNESS])
def test_lab_is_scaled_as_the_references_do_and_stays_within_one(layout: ColourPlanes) -> None:
    rgb = torch.cartesian_prod(*[torch.tensor([0, 51, 102, 153, 204, 255], dtype=torch.uint8)] * 3).T.reshape(1, 3, 12, 18)
    real_a, real_b = layout.split(stored_lab(rgb, layout))
    lab = rgb_to_lab(rgb.double() / 255)
    lightness, colour = (real_a, real_b) if layout.input == "L" else (real_b, real_a)
    torch.testing.assert_close(lightness.double(), lab[:, :1] / 50 - 1, rtol=0, atol=0.005 / 50 + 1e-6)
    torch.testing.assert_close(colour.double(), lab[:, 1:] / 110, rtol=0, atol=0.005 / 110 + 1e-6)
    assert max(real_a.abs().max(), real_b.abs().max()) <= 1


def test_rgb_there_and_back_is_exact() -> None:
    images = some_colours(256 * 64).repeat(1, 2, 1, 1)
    real_a, real_b = RGB.split(images)
    assert torch.equal(RGB.input_rgb(real_a), nhwc(images[:, :3]))
    assert torch.equal(RGB.output_rgb(real_a, real_b), nhwc(images[:, 3:]))


@pytest.mark.parametrize("layout", [LIGHTNESS_TO_COLOUR, COLOUR_TO_LIGHTNESS])
def test_8_bit_colours_survive_being_stored_as_lab_exactly(layout: ColourPlanes) -> None:
    """Hundredths of a Lab unit are fine enough for every one of the 16.7 million; a large sample is tried here."""
    edges = torch.cartesian_prod(*[torch.tensor([0, 1, 2, 3, 10, 11, 128, 253, 254, 255], dtype=torch.uint8)] * 3).T.reshape(1, 3, 25, 40)
    for rgb in (some_colours(256 * 1024), edges):
        assert torch.equal(layout.output_rgb(*layout.split(stored_lab(rgb, layout))), nhwc(rgb))


def test_lightness_alone_is_shown_as_grey_of_that_lightness() -> None:
    rgb = some_colours(256 * 4)
    real_a, _ = LIGHTNESS_TO_COLOUR.split(stored_lab(rgb, LIGHTNESS_TO_COLOUR))
    shown = LIGHTNESS_TO_COLOUR.input_rgb(real_a).int()
    assert (shown.amax(-1) - shown.amin(-1)).max() <= 1
    again = rgb_to_lab(shown.permute(0, 3, 1, 2).double() / 255)[:, :1]
    assert (again - rgb_to_lab(rgb.double() / 255)[:, :1]).abs().max() < 0.3, "a level of grey is up to 0.45 of lightness"


def test_colour_alone_is_shown_at_middle_lightness() -> None:
    grey = torch.tensor([0.0, 0.0]).view(1, 2, 1, 1)
    assert (COLOUR_TO_LIGHTNESS.input_rgb(grey) - 119).abs().max() <= 1  # L = 50
    red = torch.tensor([0.5, 0.0]).view(1, 2, 1, 1)
    shown = COLOUR_TO_LIGHTNESS.input_rgb(red)[0, 0, 0].int()
    assert shown[0] > shown[1] + 50 and shown[0] > shown[2] + 50


def test_outputs_beyond_the_range_are_clipped_to_pictures() -> None:
    wild = torch.tensor([[-3.0, 0.0, 3.0]]).view(1, 3, 1, 1)
    assert RGB.output_rgb(wild, wild).tolist() == [[[[0, 128, 255]]]]
    shown = LIGHTNESS_TO_COLOUR.output_rgb(torch.ones(1, 1, 2, 2), torch.full((1, 2, 2, 2), 5.0))
    assert shown.dtype == torch.uint8 and shown.shape == (1, 2, 2, 3)


def test_half_precision_outputs_become_pictures_too() -> None:
    real_a, real_b = RGB.split(some_colours(256).repeat(1, 2, 1, 1))
    shown = RGB.output_rgb(real_a, real_b.bfloat16())
    assert (shown.int() - RGB.output_rgb(real_a, real_b).int()).abs().max() <= 1
