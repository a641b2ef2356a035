"""How pictures lie in memory changes nothing that a network does."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.models.build import build_networks

SMALL = ModelSettings(ngf=4, ndf=4, crop_size=32, dropout=0.0)


def gradients(network: nn.Module, x: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(network(x).sin().sum(), list(network.parameters())))


@pytest.mark.parametrize("generator", ["unet", "resnet"])
@pytest.mark.parametrize("norm", ["batch", "instance", "none"])
@pytest.mark.parametrize("batch_size", [1, 2])
def test_gradients_are_the_same_however_pictures_lie(generator: str, norm: str, batch_size: int) -> None:
    """PyTorch's own instance normalisation has wrong ones at batch size 1 for pictures in channels_last, without an error."""
    x = torch.randn(batch_size, 6, 32, 32, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for network, shown in zip(build_networks(3, 3, replace(SMALL, generator=generator, norm=norm), seed=0), (x[:, :3], x), strict=True):
        contiguous = network.double().train()
        channels_last = copy.deepcopy(contiguous).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        expected = gradients(contiguous, shown.contiguous())
        found = gradients(channels_last, shown.contiguous(memory_format=torch.channels_last))
        for a, b in zip(found, expected, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-11)
