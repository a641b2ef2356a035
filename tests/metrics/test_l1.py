import numpy as np
import pytest
import torch
from torch import Tensor

from pix2pix.metrics.l1 import l1

Pairs = tuple[Tensor, Tensor]


def test_l1_is_numpys_mean_absolute_difference_of_each_image(pairs: Pairs) -> None:
    fake_b, real_b = (images.double().numpy() for images in pairs)
    values = l1(*pairs)
    assert values.dtype == torch.float64
    np.testing.assert_allclose(values, np.abs(fake_b - real_b).mean(axis=(1, 2, 3)), rtol=1e-12)


def test_l1_of_an_image_is_the_same_alone_and_in_any_batch(pairs: Pairs) -> None:
    fake_b, real_b = pairs
    alone = torch.cat([l1(fake_b[i : i + 1], real_b[i : i + 1]) for i in range(5)])
    assert torch.equal(l1(fake_b, real_b), alone)
    assert torch.equal(l1(fake_b.flip(0), real_b.flip(0)), alone.flip(0))


def test_l1_spans_0_to_1() -> None:
    black, white = torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4)
    assert l1(black, black).item() == 0
    assert l1(black, white).item() == 1


def test_what_is_no_pair_of_image_batches_is_refused() -> None:
    image = torch.zeros(1, 3, 4, 4)
    with pytest.raises(ValueError, match="one shape"):
        l1(image, torch.zeros(2, 3, 4, 4))
    for wrong in (image[0], image[:, :1], image.to(torch.uint8), image[:0]):
        with pytest.raises(ValueError, match=r"expected RGB images"):
            l1(wrong, wrong)
