"""The discriminators: how many parameters, how much of the picture each logit sees."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.models.build import build_discriminator
from pix2pix.models.discriminator import MultiScale, PatchGAN, PixelGAN
from pix2pix.models.layers import initialise, parameter_count

SMALL = ModelSettings(ngf=4, ndf=4, crop_size=64)


def seen_by(network: nn.Module, size: int, row: int, column: int) -> Tensor:
    """Whether a logit of an image of `size` pixels depends on each of them: (size, size) bool, from the gradient."""
    for parameter in network.parameters():
        parameter.data.abs_()  # nothing can cancel
    image = torch.rand(1, 6, size, size, requires_grad=True)
    network.eval()(image)[0, 0, row, column].backward()
    assert image.grad is not None
    return image.grad[0].abs().sum(0) > 0


def extent(seen: Tensor) -> tuple[int, int, int, int]:
    rows, columns = seen.any(1).nonzero()[:, 0], seen.any(0).nonzero()[:, 0]
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    assert seen[top:bottom, left:right].all(), "a patch has no holes"
    return top, left, bottom - top, right - left


def test_the_published_network_has_its_number_of_parameters() -> None:
    # junyanz/pytorch-CycleGAN-and-pix2pix prints 2.769 M for basic
    assert parameter_count(build_discriminator(6, ModelSettings(ngf=64, ndf=64, crop_size=256))) == 2_768_705


def test_256_pixels_are_judged_as_30_by_30_patches() -> None:
    assert PatchGAN(6, SMALL)(torch.zeros(2, 6, 256, 256)).shape == (2, 1, 30, 30)


@pytest.mark.parametrize(("layers", "pixels"), [(1, 16), (2, 34), (3, 70), (4, 142), (5, 286)])  # 16, 70 and 286 are the paper's
def test_a_logit_sees_a_patch_of_the_papers_size(layers: int, pixels: int) -> None:
    network = PatchGAN(6, replace(SMALL, ndf=1, discriminator_layers=layers, norm="none"))
    size = 2 ** (layers + 1) * ((pixels >> layers) + 2)
    middle = network(torch.zeros(1, 6, size, size)).shape[2] // 2
    assert extent(seen_by(network, size, middle, middle))[2:] == (pixels, pixels)


def test_neighbouring_patches_lie_8_pixels_apart() -> None:
    network = PatchGAN(6, replace(SMALL, ndf=1))
    top, left, *_ = extent(seen_by(network, 256, 14, 14))
    assert extent(seen_by(network, 256, 15, 13))[:2] == (top + 8, left - 8)


def test_a_pixel_discriminator_sees_one_pixel() -> None:
    network = PixelGAN(6, SMALL)
    assert network(torch.zeros(2, 6, 20, 24)).shape == (2, 1, 20, 24)
    assert extent(seen_by(network, 16, 5, 9)) == (5, 9, 1, 1)


def test_several_scales_judge_the_picture_the_half_and_the_quarter() -> None:
    network = MultiScale(6, replace(SMALL, discriminator_scales=3)).eval()
    pair = torch.rand(2, 6, 128, 128)
    logits = network(pair)
    full, half, quarter = network.scales
    assert logits.shape == (2, 14 * 14 + 6 * 6 + 2 * 2)
    assert torch.equal(logits[:, : 14 * 14], full(pair).flatten(1))
    # an average over the 3x3 neighbourhood of every second pixel, of those that there are
    small = nn.functional.avg_pool2d(pair, 3, 2, 1, count_include_pad=False)
    assert torch.equal(logits[:, 14 * 14 : -4], half(small).flatten(1))
    assert torch.equal(logits[:, -4:], quarter(nn.functional.avg_pool2d(small, 3, 2, 1, count_include_pad=False)).flatten(1))


def test_the_scales_have_weights_of_their_own() -> None:
    one, two = (parameter_count(MultiScale(6, replace(SMALL, discriminator_scales=scales))) for scales in (1, 2))
    assert two == 2 * one == 2 * parameter_count(PatchGAN(6, SMALL))


@pytest.mark.parametrize("kind", ["patch", "pixel", "multiscale"])
@pytest.mark.parametrize("norm", ["batch", "instance", "none"])
def test_all_give_logits_without_bounds_for_every_image_by_itself(kind: str, norm: str) -> None:
    network = build_discriminator(6, replace(SMALL, discriminator=kind, norm=norm))
    initialise(network, torch.Generator().manual_seed(0))
    for parameter in network.parameters():
        parameter.data *= 50
    pair = torch.rand(3, 6, 64, 64) * 2 - 1
    logits = network.eval()(pair)
    assert logits.min() < -1 and logits.max() > 1
    torch.testing.assert_close(network(pair[1:2]), logits[1:2], rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize(("kind", "smallest"), [({"discriminator": "patch"}, 32), ({"discriminator": "multiscale"}, 64)])
@pytest.mark.parametrize("norm", ["batch", "instance"])
def test_the_smallest_crop_that_the_parameters_allow_can_be_judged_in_training(kind: dict[str, str], smallest: int, norm: str) -> None:
    network = build_discriminator(6, replace(SMALL, **kind, norm=norm))  # type: ignore[arg-type]
    assert network.train()(torch.rand(1, 6, smallest, smallest)).numel() >= 1
    with pytest.raises((ValueError, RuntimeError)):
        network(torch.rand(1, 6, smallest // 2, smallest // 2))
