"""Adam on views is PyTorch's Adam."""

import copy

import pytest
import torch
from torch import nn

from pix2pix.train.engine.adam import ViewAdam


@pytest.mark.parametrize("settings", [{"fused": True}, {"foreach": False}], ids=str)
@pytest.mark.parametrize("memory_format", [torch.channels_last, torch.contiguous_format], ids=str)
def test_the_bits_are_those_of_pytorch(settings: dict[str, bool], memory_format: torch.memory_format) -> None:
    layers = nn.Sequential(nn.Conv2d(3, 6, 4, bias=True), nn.BatchNorm2d(6), nn.ConvTranspose2d(6, 1, 1)).to(memory_format=memory_format)  # type: ignore[call-overload]
    theirs = copy.deepcopy(layers)
    ours, reference = ViewAdam(layers.parameters(), lr=0.1, **settings), torch.optim.Adam(theirs.parameters(), lr=0.1, **settings)
    draw = torch.Generator().manual_seed(0)
    for update in range(3):
        without = list(layers.parameters())[update]  # a weight without a gradient stays as it is, and so do its moments
        for mine, other in zip(layers.parameters(), theirs.parameters(), strict=True):
            if mine is not without:
                other.grad = torch.randn(other.shape, generator=draw).to(
                    memory_format=memory_format if other.dim() == 4 else torch.contiguous_format
                )
                mine.grad = other.grad.clone()
        for optimizer in (ours, reference):
            optimizer.step()
            optimizer.zero_grad()
        assert all(parameter.grad is None for parameter in layers.parameters())
        assert all(torch.equal(a, b) for a, b in zip(layers.parameters(), theirs.parameters(), strict=True))


def test_a_state_that_was_saved_goes_on() -> None:
    draw = torch.Generator().manual_seed(0)
    gradients = [torch.randn(2, 3, 4, 4, generator=draw).contiguous(memory_format=torch.channels_last) for _ in range(4)]
    whole, before, after = (nn.Conv2d(3, 2, 4, bias=False).to(memory_format=torch.channels_last) for _ in range(3))  # type: ignore[call-overload]
    before.load_state_dict(whole.state_dict())

    def updated(layer: nn.Conv2d, optimizer: ViewAdam, given: list[torch.Tensor]) -> ViewAdam:
        for gradient in given:
            layer.weight.grad = gradient.clone()
            optimizer.step()
        return optimizer

    updated(whole, ViewAdam(whole.parameters(), fused=True), gradients)
    half = updated(before, ViewAdam(before.parameters(), fused=True), gradients[:2])
    after.load_state_dict(before.state_dict())
    resumed = ViewAdam(after.parameters(), fused=True)
    resumed.load_state_dict(copy.deepcopy(half.state_dict()))
    updated(after, resumed, gradients[2:])
    assert torch.equal(whole.weight, after.weight)
