import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity
from torch import Tensor

from pix2pix.metrics.ssim import ssim

Pairs = tuple[Tensor, Tensor]
CONVENTION = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1, "channel_axis": 0}


def scikit_image(fake_b: Tensor, real_b: Tensor) -> list[float]:
    return [structural_similarity(a.double().numpy(), b.double().numpy(), **CONVENTION) for a, b in zip(fake_b, real_b, strict=True)]


def test_ssim_is_scikit_images(pairs: Pairs) -> None:
    values = ssim(*pairs)
    assert values.dtype == torch.float64
    np.testing.assert_allclose(values, scikit_image(*pairs), rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [(11, 11), (11, 40), (34, 35), (58, 12), (64, 64), (83, 107)], ids=str)
def test_ssim_is_scikit_images_at_every_size(size: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(1)
    a, b = (torch.rand(1, 3, *size, generator=generator) for _ in range(2))
    np.testing.assert_allclose(ssim(a, b), scikit_image(a, b), rtol=0, atol=1e-12)


def test_ssim_of_an_image_is_the_same_alone_and_in_any_batch(pairs: Pairs) -> None:
    fake_b, real_b = pairs
    alone = torch.cat([ssim(fake_b[i : i + 1], real_b[i : i + 1]) for i in range(5)])
    assert torch.equal(ssim(fake_b, real_b), alone)
    assert torch.equal(ssim(fake_b.flip(0), real_b.flip(0)), alone.flip(0))


def test_ssim_does_not_depend_on_memory_layout_or_floating_type(pairs: Pairs) -> None:
    fake_b, real_b = pairs
    strided = fake_b.contiguous(memory_format=torch.channels_last), real_b.flip(-1).flip(-1)
    torch.testing.assert_close(ssim(*strided), ssim(fake_b, real_b), rtol=0, atol=1e-14)
    torch.testing.assert_close(ssim(fake_b.double(), real_b.double()), ssim(fake_b, real_b), rtol=0, atol=1e-14)


def test_ssim_leaves_its_input_alone(pairs: Pairs) -> None:
    doubles = pairs[0].double(), pairs[1].double()
    before = doubles[0].clone(), doubles[1].clone()
    ssim(*doubles)
    assert torch.equal(doubles[0], before[0])
    assert torch.equal(doubles[1], before[1])


def test_ssim_is_symmetric_and_1_for_identical_images(pairs: Pairs) -> None:
    fake_b, real_b = pairs
    torch.testing.assert_close(ssim(fake_b, real_b), ssim(real_b, fake_b), rtol=0, atol=1e-14)
    torch.testing.assert_close(ssim(real_b, real_b), torch.ones(5, dtype=torch.float64), rtol=0, atol=1e-14)


def test_ssim_of_flat_images_is_the_luminance_term() -> None:
    a, b = torch.full((1, 3, 20, 20), 0.25, dtype=torch.float64), torch.full((1, 3, 20, 20), 0.75, dtype=torch.float64)
    expected = (2 * 0.25 * 0.75 + 1e-4) / (0.25**2 + 0.75**2 + 1e-4)
    assert ssim(a, b).item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("size", [(10, 64), (64, 10)], ids=str)
def test_an_image_smaller_than_the_window_is_refused(size: tuple[int, int]) -> None:
    image = torch.zeros(1, 3, *size)
    with pytest.raises(ValueError, match=rf"window of 11x11 px: images of {size[1]}x{size[0]} px"):
        ssim(image, image)
