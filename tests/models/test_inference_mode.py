"""A generator made prepare_for_inference for use: deterministic, and blind to the other images of a batch."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.models.build import build_networks
from pix2pix.models.inference_mode import generate, prepare_for_inference

SMALL = ModelSettings(ngf=4, ndf=4, crop_size=32, dropout=0.0)
NETWORKS = {
    "unet": SMALL,
    "unet with a normalised bottleneck": replace(SMALL, bottleneck_norm=True),
    "unet of resizes": replace(SMALL, upsample="resize"),
    "resnet": replace(SMALL, generator="resnet"),
}


def trained(settings: ModelSettings = SMALL) -> nn.Module:
    """A generator in training mode whose running statistics fit no image."""
    generator, _ = build_networks(3, 3, settings, seed=0)
    draw = torch.Generator().manual_seed(1)
    for module in generator.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            module.weight.data *= 5
        if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None and module.running_var is not None:
            module.running_mean.normal_(generator=draw)
            module.running_var.uniform_(0.5, 3, generator=draw)
            module.bias.data.normal_(0, 0.3, generator=draw)
    return generator.train()


def images(count: int, seed: int = 0) -> Tensor:
    return torch.rand(count, 3, 32, 32, generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.mark.parametrize("name", NETWORKS)
def test_batch_is_what_training_mode_does_at_batch_size_1(name: str) -> None:
    generator = trained(NETWORKS[name])
    with torch.no_grad():
        expected = torch.cat([generator(image[None]) for image in images(3)])
    found = prepare_for_inference(generator, "batch")(images(3))
    assert expected.std() > 0.05
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_running_is_evaluation_mode(name: str) -> None:
    generator = trained(NETWORKS[name])
    with torch.no_grad():
        expected = copy.deepcopy(generator).eval()(images(3))
    assert torch.equal(prepare_for_inference(generator, "running")(images(3)), expected)


def test_the_two_statistics_differ() -> None:
    assert not torch.allclose(
        prepare_for_inference(trained(), "batch")(images(1)), prepare_for_inference(trained(), "running")(images(1)), atol=1e-2
    )


@pytest.mark.parametrize("norm", ["batch", "running"])
@pytest.mark.parametrize(
    ("name", "kind"),
    # the check of the parameters refuses a bottleneck with instance normalisation: one pixel has no statistics of its own
    [
        (name, kind)
        for name in NETWORKS
        for kind in ("batch", "instance", "none")
        if kind != "instance" or not NETWORKS[name].bottleneck_norm
    ],
)
def test_an_image_comes_out_the_same_whoever_is_in_its_batch(norm: str, kind: str, name: str) -> None:
    generator = prepare_for_inference(trained(replace(NETWORKS[name], norm=kind)), norm)
    image = images(1)
    among_some, among_others = (generator(torch.cat([image, images(3, seed) * 5])) for seed in (1, 2))
    assert torch.equal(among_some[0], among_others[0])
    torch.testing.assert_close(among_some[:1], generator(image), rtol=0, atol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 2, 3, 5, 100])
def test_the_batch_size_of_inference_changes_nothing(batch_size: int) -> None:
    generator = prepare_for_inference(trained(), "batch")
    torch.testing.assert_close(generate(generator, images(5), batch_size), generate(generator, images(5), 5), rtol=0, atol=1e-5)


@pytest.mark.parametrize("norm", ["batch", "running"])
def test_dropout_is_off(norm: str) -> None:
    generator = trained(replace(SMALL, crop_size=32, dropout=0.5, dropout_at=(2, 4)))
    assert any(isinstance(module, nn.Dropout) for module in generator.modules())
    in_use = prepare_for_inference(generator, norm)
    assert torch.equal(in_use(images(2)), in_use(images(2)))
    assert not torch.equal(generator(images(2)), generator(images(2)))


@pytest.mark.parametrize("norm", ["batch", "running"])
def test_the_network_in_training_is_left_as_it_was(norm: str) -> None:
    generator = trained()
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    in_use = prepare_for_inference(generator, norm)
    generate(in_use, images(2), 2)
    for value in in_use.state_dict().values():
        value.zero_()
    assert generator.training and all(parameter.requires_grad for parameter in generator.parameters())
    assert all(torch.equal(value, before[name]) for name, value in generator.state_dict().items())
    assert not any(parameter.requires_grad for parameter in in_use.parameters())


@pytest.mark.parametrize("norm", ["batch", "running"])
def test_the_memory_layout_changes_nothing_but_rounding(norm: str) -> None:
    plain = prepare_for_inference(trained(), norm)(images(2))
    fast = prepare_for_inference(trained().to(memory_format=torch.channels_last), norm)(
        images(2).contiguous(memory_format=torch.channels_last)
    )
    torch.testing.assert_close(fast, plain, rtol=0, atol=1e-5)
