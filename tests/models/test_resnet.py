"""The ResNet generator."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.models.build import build_generator
from pix2pix.models.layers import ReflectionPad, initialise, parameter_count
from pix2pix.models.resnet import ResidualBlock, ResNet

SMALL = ModelSettings(ngf=4, ndf=4, crop_size=32, generator="resnet")


def resnet(settings: ModelSettings = SMALL, channels_in: int = 3, channels_out: int = 3) -> nn.Module:
    network = build_generator(channels_in, channels_out, settings)
    assert isinstance(network, ResNet)
    initialise(network, torch.Generator().manual_seed(0))
    return network


def test_the_published_network_has_its_number_of_parameters() -> None:
    # junyanz/pytorch-CycleGAN-and-pix2pix prints 11.378 M for resnet_9blocks with instance normalisation
    with torch.device("meta"):
        network = build_generator(3, 3, replace(SMALL, ngf=64, norm="instance"))
    convolution = {name: inputs * outputs * k * k for name, inputs, outputs, k in (("in", 3, 64, 7), ("a", 64, 128, 3), ("b", 128, 256, 3))}
    weights = 2 * (convolution["in"] + convolution["a"] + convolution["b"]) + 18 * 256 * 256 * 9
    biases = 64 + 128 + 256 + 18 * 256 + 128 + 64 + 3
    assert parameter_count(network) == weights + biases == 11_378_179


@pytest.mark.parametrize("upsample", ["deconv", "resize"])
@pytest.mark.parametrize("norm", ["batch", "instance", "none"])
@pytest.mark.parametrize(("channels_in", "channels_out"), [(3, 3), (1, 2)])
def test_the_output_has_the_targets_planes_the_inputs_size_and_the_range_of_a_picture(
    upsample: str, norm: str, channels_in: int, channels_out: int
) -> None:
    network = resnet(replace(SMALL, upsample=upsample, norm=norm), channels_in, channels_out)
    for parameter in network.parameters():
        parameter.data *= 10
    out = network(torch.rand(2, channels_in, 32, 44) * 2 - 1)
    assert out.shape == (2, channels_out, 32, 44)
    assert out.abs().max() <= 1 and out.std() > 0.1


def test_there_are_nine_blocks_each_with_one_dropout_or_none() -> None:
    with_dropout, without = resnet(), resnet(replace(SMALL, dropout=0.0))
    for network, dropouts in ((with_dropout, 9), (without, 0)):
        assert sum(isinstance(module, ResidualBlock) for module in network.modules()) == 9
        assert sum(isinstance(module, nn.Dropout) for module in network.modules()) == dropouts


def test_upsampling_by_resize_has_no_transposed_convolution() -> None:
    transposed = {
        kind: [m for m in resnet(replace(SMALL, upsample=kind)).modules() if isinstance(m, nn.ConvTranspose2d)]
        for kind in ("deconv", "resize")
    }
    assert len(transposed["deconv"]) == 2 and not transposed["resize"]


def test_a_block_adds_to_what_it_is_given() -> None:
    block = ResidualBlock(4, "none", 0.0)
    for parameter in block.parameters():
        parameter.data.zero_()
    given = torch.rand(2, 4, 8, 8)
    assert torch.equal(block(given), given)


def test_a_block_shows_no_border_on_a_flat_picture() -> None:
    flat = ResidualBlock(4, "none", 0.0)(torch.full((1, 4, 8, 8), 0.3))
    torch.testing.assert_close(flat, flat[:, :, 4:5, 4:5].expand_as(flat), rtol=0, atol=1e-6)


def test_the_mirrored_border_is_pytorchs() -> None:
    x, same = (torch.rand(2, 3, 7, 9, generator=torch.Generator().manual_seed(0)).requires_grad_() for _ in range(2))
    ours, theirs = ReflectionPad(3)(x), nn.ReflectionPad2d(3)(same)
    assert torch.equal(ours, theirs)
    weights = torch.rand_like(ours)
    (ours * weights).sum().backward()
    (theirs * weights).sum().backward()
    assert x.grad is not None and same.grad is not None
    torch.testing.assert_close(x.grad, same.grad)
