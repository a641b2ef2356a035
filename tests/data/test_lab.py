"""Lab is scikit-image's Lab, in both directions and at both precisions."""

import numpy as np
import pytest
import torch
from skimage.color import lab2rgb, rgb2lab
from torch import Tensor

from pix2pix.data.lab import lab_to_rgb, rgb8_to_lab, rgb_to_lab

# a lattice of 8-bit colours that has black, white, all greys' neighbours and the corners of the cube in it
LATTICE = torch.cartesian_prod(*[torch.tensor([0, 1, 5, 10, 11, 12, 64, 127, 128, 200, 254, 255])] * 3).T.reshape(1, 3, 48, 36) / 255.0
NOISE = torch.rand(2, 3, 31, 17, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
COLOURS = {"lattice": LATTICE.double(), "noise": NOISE}


def nhwc(image: Tensor) -> np.ndarray:  # type: ignore[type-arg]
    return image.permute(0, 2, 3, 1).double().numpy()


@pytest.mark.parametrize("name", COLOURS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-3), (torch.float64, 1e-9)])
def test_rgb_to_lab_is_scikit_images(name: str, dtype: torch.dtype, tolerance: float) -> None:
    found = rgb_to_lab(COLOURS[name].to(dtype))
    assert found.dtype == dtype
    assert np.abs(nhwc(found) - rgb2lab(nhwc(COLOURS[name]))).max() < tolerance


@pytest.mark.filterwarnings("ignore:Conversion from CIE-LAB")
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-4), (torch.float64, 1e-9)])
def test_lab_to_rgb_is_scikit_images_also_for_colours_that_no_screen_shows(dtype: torch.dtype, tolerance: float) -> None:
    draw = torch.Generator().manual_seed(1)
    lab = torch.rand(2, 3, 40, 40, dtype=torch.float64, generator=draw) * torch.tensor([100.0, 220, 220]).view(1, 3, 1, 1)
    lab[:, 1:] -= 110
    found = lab_to_rgb(lab.to(dtype))
    assert found.dtype == dtype and found.min() >= 0 and found.max() <= 1
    assert np.abs(nhwc(found) - lab2rgb(nhwc(lab))).max() < tolerance


@pytest.mark.parametrize("name", COLOURS)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 2e-5), (torch.float64, 1e-6)]
)  # the standard's two thresholds meet to 1e-7
def test_there_and_back_again_is_the_same_colour(name: str, dtype: torch.dtype, tolerance: float) -> None:
    rgb = COLOURS[name].to(dtype)
    torch.testing.assert_close(lab_to_rgb(rgb_to_lab(rgb)), rgb, rtol=0, atol=tolerance)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_black_white_and_grey_are_themselves(dtype: torch.dtype) -> None:
    grey = torch.tensor([0.0, 0.5, 1.0], dtype=dtype).view(1, 1, 1, 3).repeat(1, 3, 1, 1)
    lab = rgb_to_lab(grey)
    torch.testing.assert_close(lab[0, 0, 0, [0, 2]], torch.tensor([0.0, 100.0], dtype=dtype), rtol=0, atol=1e-4)
    assert lab[:, 1:].abs().max() < 0.01, "the matrix and the white point of the definition agree to five digits"
    torch.testing.assert_close(lab_to_rgb(lab), grey, rtol=0, atol=2e-6)


def test_every_image_of_a_batch_is_converted_by_itself() -> None:
    assert torch.equal(rgb_to_lab(NOISE)[1:], rgb_to_lab(NOISE[1:]))
    assert torch.equal(lab_to_rgb(rgb_to_lab(NOISE))[:1], lab_to_rgb(rgb_to_lab(NOISE[:1])))


def test_gradients_are_finite_also_where_the_formulas_meet() -> None:
    rgb = LATTICE.clone().requires_grad_(True)
    lab_to_rgb(rgb_to_lab(rgb)).sum().backward()
    assert rgb.grad is not None and rgb.grad.isfinite().all()


def test_eight_bits_are_looked_up_to_the_bit() -> None:
    rgb = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(2))
    rgb[0, 0] = torch.arange(256).repeat(16).view(64, 64)
    assert torch.equal(rgb8_to_lab(rgb), rgb_to_lab(rgb.double() / 255))
    assert np.abs(nhwc(rgb8_to_lab(rgb, torch.float32)) - rgb2lab(rgb.permute(0, 2, 3, 1).numpy())).max() < 1e-3
