"""The moving average of the generator's weights."""

import numpy as np
import pytest
import torch
from torch import nn

from pix2pix.models.inference_mode import prepare_for_inference
from pix2pix.train.ema import EMA


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Conv2d(3, 1, 1))


def wander(generator: nn.Module) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    """Move every weight, and let the statistics follow a batch."""
    for parameter in generator.parameters():
        parameter.data += torch.randn_like(parameter)
    generator(torch.randn(4, 2, 8, 8))
    return {name: value.double().numpy().copy() for name, value in generator.state_dict().items()}


@pytest.mark.parametrize("decay", [0.5, 0.9, 0.999])
def test_weights_are_the_geometric_mean_of_their_history_and_statistics_the_latest(decay: float) -> None:
    generator = network()
    average = EMA(generator, decay)
    weights = {name for name, _ in generator.named_parameters()}
    expected = {name: value.double().numpy().copy() for name, value in generator.state_dict().items()}
    for _ in range(6):
        now = wander(generator)
        average.update()
        for name in expected:
            expected[name] = decay * expected[name] + (1 - decay) * now[name] if name in weights else now[name]
    for name, value in average.network().state_dict().items():
        np.testing.assert_allclose(value.double().numpy(), expected[name], rtol=0, atol=1e-6)


def test_decay_zero_is_the_generator_itself() -> None:
    generator = network()
    average = EMA(generator, 0.0)
    wander(generator)
    average.update()
    assert average.network() is generator and average.state() == {}
    average.load_state({})


def test_the_generator_in_training_is_not_touched() -> None:
    generator = network()
    average = EMA(generator, 0.9)
    now = wander(generator)
    average.update()
    assert all(np.array_equal(value.double().numpy(), now[name]) for name, value in generator.state_dict().items())
    mine, theirs = average.network(), generator
    assert not {value.data_ptr() for value in mine.state_dict().values()} & {value.data_ptr() for value in theirs.state_dict().values()}
    assert all(parameter.requires_grad for parameter in theirs.parameters())
    assert not any(parameter.requires_grad for parameter in mine.parameters())


def test_it_goes_on_from_its_saved_state() -> None:
    generator = network()
    whole = EMA(generator, 0.8)
    wander(generator)
    whole.update()
    resumed = EMA(generator, 0.8)
    resumed.load_state({name: value.clone() for name, value in whole.state().items()})
    wander(generator)
    for average in (whole, resumed):
        average.update()
    assert all(torch.equal(value, whole.state()[name]) for name, value in resumed.state().items())


def test_the_average_can_be_used_and_keeps_the_memory_layout() -> None:
    generator = network().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = EMA(generator, 0.9)
    wander(generator)
    average.update()
    assert average.network()[0].weight.is_contiguous(memory_format=torch.channels_last)  # type: ignore[index]
    assert prepare_for_inference(average.network(), "batch")(torch.zeros(1, 2, 8, 8)).isfinite().all()
