"""Networks from their settings, with first weights that come from the seed alone."""

from dataclasses import replace
from itertools import product

import pytest
import torch
from torch import nn

from pix2pix.config.constraints import annotations, choices
from pix2pix.config.model_settings import ModelSettings
from pix2pix.models.build import DISCRIMINATORS, GENERATORS, build_networks

SMALL = ModelSettings(ngf=4, ndf=4, crop_size=64)


def state(networks: tuple[nn.Module, nn.Module]) -> list[torch.Tensor]:
    return [value for network in networks for value in network.state_dict().values()]


def same(a: tuple[nn.Module, nn.Module], b: tuple[nn.Module, nn.Module]) -> bool:
    return all(torch.equal(one, other) for one, other in zip(state(a), state(b), strict=True))


def test_params_yaml_may_name_every_network() -> None:
    assert list(GENERATORS) == list(choices(annotations(ModelSettings)["generator"])), "GENERATORS of config/model_settings.py"
    assert list(DISCRIMINATORS) == list(choices(annotations(ModelSettings)["discriminator"])), "DISCRIMINATORS of config/model_settings.py"


@pytest.mark.parametrize(
    ("generator", "discriminator", "norm", "upsample"),
    list(product(GENERATORS, DISCRIMINATORS, ["batch", "instance", "none"], ["deconv", "resize"])),
)
def test_every_choice_gives_networks_that_fit_together(generator: str, discriminator: str, norm: str, upsample: str) -> None:
    settings = replace(SMALL, generator=generator, discriminator=discriminator, norm=norm, upsample=upsample)
    g, d = build_networks(1, 2, settings, seed=0)
    real_a = torch.rand(1, 1, 64, 64)
    fake_b = g(real_a)
    assert fake_b.shape == (1, 2, 64, 64)
    d(torch.cat([real_a, fake_b], dim=1)).mean().backward()
    for network in (g, d):
        assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in network.parameters())


def test_the_seed_decides_the_weights_alone_and_the_training_s_stream_is_left_alone() -> None:
    torch.manual_seed(1)
    first = build_networks(3, 3, SMALL, seed=5)
    torch.manual_seed(2)
    assert same(first, build_networks(3, 3, SMALL, seed=5))
    assert not same(first, build_networks(3, 3, SMALL, seed=6))


@torch.no_grad()
@pytest.mark.parametrize("generator", GENERATORS)
def test_first_weights_are_the_papers(generator: str) -> None:
    networks = build_networks(3, 3, replace(SMALL, ngf=16, ndf=16, generator=generator), seed=0)
    modules = [module for network in networks for module in network.modules()]
    kernels = torch.cat([m.weight.flatten() for m in modules if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)])
    scales = torch.cat([m.weight for m in modules if isinstance(m, nn.BatchNorm2d)])
    shifts = torch.cat([m.bias for m in modules if isinstance(m, nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d) and m.bias is not None])
    assert abs(float(kernels.mean())) < 5e-4 and float(kernels.std()) == pytest.approx(0.02, rel=0.02)
    assert float(scales.mean()) == pytest.approx(1.0, abs=5e-3) and float(scales.std()) == pytest.approx(0.02, rel=0.2)
    assert not shifts.any()
    # as many as that many draws of a normal distribution have beyond three sigmas
    assert float((kernels.abs() > 0.06).float().mean()) == pytest.approx(0.0027, rel=0.3)


def test_networks_share_no_memory_with_those_built_before() -> None:
    first, second = build_networks(3, 3, SMALL, seed=5), build_networks(3, 3, SMALL, seed=5)
    pointers = [value.data_ptr() for value in state(first) + state(second)]
    assert len(set(pointers)) == len(pointers)
