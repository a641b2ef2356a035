import numpy as np
import pytest
import torch
from skimage.color import rgb2lab
from torch import Tensor

from pix2pix.metrics.colour import ab_distance, colour_histogram, colourfulness

Pairs = tuple[Tensor, Tensor]


def test_colourfulness_is_its_published_formula(pairs: Pairs) -> None:
    def oracle(image: np.ndarray) -> float:
        red, green, blue = image * 255
        rg, yb = red - green, 0.5 * (red + green) - blue
        return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))

    np.testing.assert_allclose(colourfulness(pairs[0]), [oracle(image.double().numpy()) for image in pairs[0]], rtol=1e-10)


def test_colourfulness_of_an_image_is_the_same_alone_and_in_any_batch(pairs: Pairs) -> None:
    alone = torch.cat([colourfulness(image[None]) for image in pairs[0]])
    torch.testing.assert_close(colourfulness(pairs[0]), alone, rtol=1e-12, atol=0)


def test_grey_has_no_colour_and_saturation_adds_to_it() -> None:
    grey = torch.rand(1, 1, 8, 8).expand(1, 3, 8, 8)
    red = torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    assert colourfulness(grey).item() == pytest.approx(0, abs=1e-9)
    assert colourfulness(red).item() == pytest.approx(0.3 * np.hypot(255, 127.5))


def test_the_histogram_counts_scikit_images_lab(pairs: Pairs) -> None:
    lab = np.concatenate([rgb2lab(image.double().permute(1, 2, 0).numpy()).reshape(-1, 3) for image in pairs[0]])
    edges = np.arange(-110, 111, 10)
    oracle = np.histogram2d(lab[:, 1], lab[:, 2], bins=[edges, edges])[0]
    # A colour on the edge of a bin may fall to either side with the constants' last digits.
    assert np.abs(colour_histogram(pairs[0]).numpy() - oracle).sum() <= 4
    assert colour_histogram(pairs[0]).sum() == lab.shape[0]


def test_the_histogram_does_not_depend_on_the_order(pairs: Pairs) -> None:
    assert torch.equal(colour_histogram(pairs[0]), colour_histogram(pairs[0].flip(0)))


def test_the_distance_spans_0_to_1_and_is_symmetric(pairs: Pairs) -> None:
    fake, real = pairs
    assert ab_distance(real, real) == pytest.approx(0, abs=1e-12)
    assert 0 < ab_distance(fake, real) < 1
    assert ab_distance(fake, real) == ab_distance(real, fake)
    black = torch.zeros(1, 3, 4, 4)
    red = torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1).expand(1, 3, 4, 4)
    assert ab_distance(black, red) == 1
    # Ten times the images of the same colours are the same distribution.
    assert ab_distance(torch.cat([black, red]), torch.cat([black, red] * 10)) == pytest.approx(0, abs=1e-12)


def test_an_empty_set_is_refused() -> None:
    with pytest.raises(ValueError, match="no image"):
        ab_distance([], [torch.zeros(3, 4, 4)])
