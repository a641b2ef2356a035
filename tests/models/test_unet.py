"""The U-Net generator: the published network at 256 pixels, and one that follows the crop size at others."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.models.build import build_generator
from pix2pix.models.layers import initialise, parameter_count
from pix2pix.models.unet import UNet

SMALL = ModelSettings(ngf=4, ndf=4, crop_size=64)


def unet(settings: ModelSettings = SMALL, channels_in: int = 3, channels_out: int = 3) -> UNet:
    network = UNet(channels_in, channels_out, settings)
    initialise(network, torch.Generator().manual_seed(0))
    return network


def output_sizes(network: UNet, size: int) -> dict[nn.Module, tuple[int, int]]:
    """Height and width behind every encoder and decoder step, as an image of `size` passes."""
    sizes: dict[nn.Module, tuple[int, int]] = {}

    def note(module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        sizes[module] = (out.shape[2], out.shape[3])

    for step in [*network.downs, *network.ups]:
        step.register_forward_hook(note)
    with torch.no_grad():
        network.eval()(torch.zeros(1, 3, size, size))
    return sizes


def dropped_at(settings: ModelSettings) -> set[int]:
    """Sizes in pixels of the decoder's outputs that dropout is applied to."""
    network = unet(settings)
    sizes = output_sizes(network, settings.crop_size)
    return {sizes[up][0] for up in network.ups if any(isinstance(layer, nn.Dropout) for layer in up.children())}


def test_the_published_network_has_its_number_of_parameters() -> None:
    # junyanz/pytorch-CycleGAN-and-pix2pix prints 54.414 M for unet_256
    with torch.device("meta"):
        network = build_generator(3, 3, ModelSettings(ngf=64, ndf=64, crop_size=256))
    assert parameter_count(network) == 54_413_955


@pytest.mark.parametrize("crop", [32, 64, 128, 256, 512, 1024])
def test_the_depth_follows_the_crop_so_that_the_bottleneck_is_one_pixel(crop: int) -> None:
    network = unet(replace(SMALL, ngf=1, crop_size=crop))
    sizes = output_sizes(network, crop)
    assert [sizes[down][0] for down in network.downs] == [crop // 2 ** (level + 1) for level in range(crop.bit_length() - 1)]
    assert sizes[network.downs[-1]] == (1, 1)
    assert [sizes[up][0] for up in network.ups] == [2 ** (level + 1) for level in range(crop.bit_length() - 2)]


@pytest.mark.parametrize("upsample", ["deconv", "resize"])
@pytest.mark.parametrize(("channels_in", "channels_out"), [(3, 3), (1, 2), (2, 1)])
@pytest.mark.parametrize(("height", "width"), [(64, 64), (128, 64)])
def test_the_output_has_the_targets_planes_the_inputs_size_and_the_range_of_a_picture(
    upsample: str, channels_in: int, channels_out: int, height: int, width: int
) -> None:
    network = unet(replace(SMALL, upsample=upsample), channels_in, channels_out)
    for parameter in network.parameters():
        parameter.data *= 20  # far outside of what tanh passes unchanged
    out = network(torch.rand(2, channels_in, height, width) * 2 - 1)
    assert out.shape == (2, channels_out, height, width)
    assert out.abs().max() <= 1 and out.std() > 0.1


@pytest.mark.parametrize(
    ("crop", "dropout_at", "expected"),
    [
        (256, (4, 8, 16), {4, 8, 16}),  # the PyTorch reference's three inner blocks behind the innermost
        (256, (2, 4, 8), {2, 4, 8}),  # the paper's Torch program and TensorFlow's
        (256, (2, 4, 8, 16, 32, 64), {2, 4, 8, 16}),  # only the widest layers are ever dropped
        (128, (4, 8, 16), {4, 8}),
        (64, (4, 8, 16), {4}),
        (64, (2, 4, 8), {2, 4}),
        (32, (4, 8, 16), set()),  # the reference with five levels has no block to drop
        (32, (2, 4, 8), {2}),
        (256, (), set()),
    ],
)
def test_dropout_stands_where_the_references_have_it(crop: int, dropout_at: tuple[int, ...], expected: set[int]) -> None:
    assert dropped_at(replace(SMALL, ngf=1, crop_size=crop, dropout_at=dropout_at)) == expected


def test_no_dropout_at_probability_zero() -> None:
    assert dropped_at(replace(SMALL, crop_size=256, ngf=1, dropout=0.0)) == set()


def test_dropout_comes_last_in_its_step_and_has_the_probability_asked_for() -> None:
    network = unet(replace(SMALL, dropout=0.3))
    dropouts = [up[-1] for up in network.ups if isinstance(up[-1], nn.Dropout)]
    assert [dropout.p for dropout in dropouts] == [0.3]


@pytest.mark.parametrize("bottleneck_norm", [False, True])
def test_all_encoder_steps_but_the_outer_ones_are_normalised_and_the_innermost_on_request(bottleneck_norm: bool) -> None:
    network = unet(replace(SMALL, bottleneck_norm=bottleneck_norm))
    normalised = [any(isinstance(layer, nn.BatchNorm2d) for layer in down.children()) for down in network.downs]
    assert normalised == [False, True, True, True, True, bottleneck_norm]
    assert all(any(isinstance(layer, nn.BatchNorm2d) for layer in up.children()) for up in network.ups)


def test_a_normalised_bottleneck_says_nothing_at_batch_size_1_as_in_the_tensorflow_program() -> None:
    network = unet(replace(SMALL, bottleneck_norm=True, dropout=0.0)).train()
    innermost = network.downs[-1][1]
    image = torch.rand(2, 3, 64, 64)
    before, before_two = network(image[:1]), network(image)
    before.sum().backward()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in network.parameters())
    innermost.weight.data.normal_()
    assert torch.equal(network(image[:1]), before)
    assert not torch.equal(network(image), before_two)
    assert all(value.isfinite().all() for value in network.state_dict().values())


@pytest.mark.parametrize("norm", ["batch", "instance", "none"])
def test_normalisation_is_of_the_kind_asked_for_and_alone_takes_the_biases_place(norm: str) -> None:
    network = unet(replace(SMALL, norm=norm))
    kinds = {"batch": nn.BatchNorm2d, "instance": nn.InstanceNorm2d, "none": nn.Identity}
    for up in network.ups:
        assert isinstance(up[2], kinds[norm])
        assert (up[1].bias is None) == (norm == "batch")
    assert network.downs[0][0].bias is None if norm == "batch" else network.downs[0][0].bias is not None
    assert network.last[1].bias is not None


def test_upsampling_by_resize_has_no_transposed_convolution_and_leaves_no_checkerboard() -> None:
    network = unet(replace(SMALL, upsample="resize", norm="none"))
    assert not any(isinstance(module, nn.ConvTranspose2d) for module in network.modules())
    step = network.ups[-1]
    for module in step.modules():
        if isinstance(module, nn.Conv2d):
            module.weight.data.fill_(1.0)
    flat = step(torch.ones(1, step[1][1].in_channels, 8, 8))[:, :, 1:-1, 1:-1]
    assert (flat == flat[0, 0, 0, 0]).all()


def test_every_level_hears_the_encoder_level_of_its_size() -> None:
    network = unet(replace(SMALL, norm="none", dropout=0.0))
    kept: list[Tensor] = []

    def keep(module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        out.retain_grad()
        kept.append(out)

    for down in network.downs:
        down.register_forward_hook(keep)
    network(torch.rand(1, 3, 64, 64)).sum().backward()
    assert len(kept) == 6 and all(skip.grad is not None and skip.grad.abs().sum() > 0 for skip in kept)
