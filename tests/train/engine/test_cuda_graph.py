"""What can be held about the captured graph without a GPU; the rest is checked on one by `python -m benchmarks.gpu`."""

import copy
from dataclasses import replace

import torch

from pix2pix.train.engine.cuda_graph import GraphedStep, captured
from tests.train.test_step import EXACT, batches, make_step, weights

CPU = torch.device("cpu")


def test_on_the_cpu_with_graph_off_and_of_several_processes_the_step_is_itself() -> None:
    step = make_step(EXACT)
    assert captured(step, EXACT, CPU) is step
    fused = replace(EXACT, adam="fused")
    for settings, world_size in (
        (replace(fused, graph="off"), 1),
        (fused, 2),
        (replace(fused, pool_size=2), 1),
        (EXACT, 1),
    ):
        assert captured(step, settings, torch.device("cuda"), world_size) is step
    assert isinstance(captured(step, fused, torch.device("cuda")), GraphedStep)


def test_a_batch_that_is_not_full_is_worked_eagerly_also_when_it_comes_first() -> None:
    eager, graphed = make_step(EXACT), make_step(EXACT)
    torch.manual_seed(0)
    expected = eager(*batches(1, 2)[0])
    torch.manual_seed(0)
    assert torch.equal(GraphedStep(graphed, batch_size=4)(*batches(1, 2)[0]), expected)
    one, other = weights(eager), weights(graphed)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_restoring_puts_back_every_value_where_it_lies() -> None:
    """As after the warm-up of a capture, for a fresh step and for one that was trained before."""
    for updates in (0, 2):
        settings = replace(EXACT, adam="fused")
        step = make_step(settings)
        graphed = GraphedStep(step, batch_size=1)
        for batch in batches(updates):
            step(*batch)
        places = {name: value.data_ptr() for name, value in weights(step).items()}
        before = {name: value.clone() for name, value in weights(step).items()}
        whole = copy.deepcopy(step.state())
        for batch in batches(3):
            step(*batch)
        graphed._restore(whole)
        now = weights(step)
        assert all(torch.equal(now[name], before[name]) and now[name].data_ptr() == places[name] for name in before)
        torch.manual_seed(1)
        step(*batches(1)[0])
        again = make_step(settings)
        again.load_state(whole)
        torch.manual_seed(1)
        again(*batches(1)[0])
        assert all(torch.equal(weights(step)[name], value) for name, value in weights(again).items()), "optimiser state too"


def test_a_resumed_step_keeps_the_very_tensor_of_the_rate() -> None:
    """A graph reads it where it lies; a loaded one would lie on the CPU and be read once."""
    step = make_step(replace(EXACT, adam="fused"))
    saved = step.state()
    rate = torch.tensor(1e-3)
    step.optimizer_g.param_groups[0]["lr"] = rate
    step.load_state(saved)
    assert step.optimizer_g.param_groups[0]["lr"] is rate
    step.set_lr(5e-4)
    assert float(rate) == torch.tensor(5e-4)
