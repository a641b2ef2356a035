import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio
from torch import Tensor

from pix2pix.metrics.psnr import CAP_DB, psnr

Pairs = tuple[Tensor, Tensor]


def test_psnr_is_scikit_images(pairs: Pairs) -> None:
    oracle = [peak_signal_noise_ratio(b.double().numpy(), a.double().numpy(), data_range=1) for a, b in zip(*pairs, strict=True)]
    values = psnr(*pairs)
    assert values.dtype == torch.float64
    np.testing.assert_allclose(values, oracle, rtol=1e-12)


def test_psnr_of_an_image_is_the_same_alone_and_in_any_batch(pairs: Pairs) -> None:
    fake_b, real_b = pairs
    alone = torch.cat([psnr(fake_b[i : i + 1], real_b[i : i + 1]) for i in range(5)])
    assert torch.equal(psnr(fake_b, real_b), alone)
    assert torch.equal(psnr(fake_b.flip(0), real_b.flip(0)), alone.flip(0))


def test_identical_images_score_the_cap_so_that_a_mean_stays_finite(pairs: Pairs) -> None:
    assert psnr(pairs[1], pairs[1]).tolist() == [CAP_DB] * 5
    assert psnr(torch.zeros(1, 3, 4, 4), torch.full((1, 3, 4, 4), 1e-9)).item() == CAP_DB


def test_black_against_white_is_0_db() -> None:
    assert psnr(torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4)).item() == pytest.approx(0, abs=1e-12)
