"""train.compile: the same losses as the plain engine's, for every kind of update, and a message where it cannot work."""

import shutil
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.errors import UserError
from pix2pix.train.engine import CompiledEngine, choose_engine
from pix2pix.train.step import TrainingStep
from tests.train.test_step import batches, make_step

CPU = torch.device("cpu")
PLAIN = TrainSettings(epochs=1, batch_size=2)
COMPILED = replace(PLAIN, compile="default")


def losses(settings: TrainSettings) -> Tensor:
    """Losses of two updates; without dropout, which compiled code draws otherwise, and with few kernels to compile."""
    step = make_step(settings, 32, dropout=0.0, norm="none", discriminator="pixel")
    torch.manual_seed(0)
    return torch.stack([step(*batch) for batch in batches(2, 2, 32)])


@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler on this machine")
def test_compiled_losses_are_the_plain_ones() -> None:
    """With the real compiler, on the smallest networks: each kernel takes it a second or more."""
    found = []
    for settings in (PLAIN, COMPILED):
        torch.manual_seed(0)
        generator, discriminator = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(6, 1, 3)
        step = TrainingStep(generator, discriminator, settings, ColourPlanes("rgb", "rgb"), 32, CPU)
        found.append(torch.stack([step(*batch) for batch in batches(2, 2, 32)]))
    torch.testing.assert_close(found[1], found[0], rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    "changes", [{"gan_mode": "wgangp"}, {"d_fake_for_g": "shared"}, {"accumulate": 2}, {"pool_size": 2}, {"precision": "bf16"}], ids=str
)
def test_every_kind_of_update_can_be_compiled(changes: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Traced and differentiated ahead of time as for the compiler, whose kernels would take minutes here."""
    compile_ = torch.compile
    monkeypatch.setattr(torch, "compile", lambda function, **_: compile_(function, backend="aot_eager", dynamic=False))
    plain, compiled = (losses(replace(settings, **changes)) for settings in (PLAIN, COMPILED))  # type: ignore[arg-type]
    torch.testing.assert_close(compiled, plain, rtol=1e-2 if "precision" in changes else 0, atol=1e-4)


def test_d_s_gradients_are_no_part_of_g_s_compiled_loss() -> None:
    weight = torch.nn.Parameter(torch.ones(1))
    seen: list[bool] = []

    def function(x: Tensor) -> Tensor:
        seen.append(weight.requires_grad)
        return x * weight

    engine = CompiledEngine("default", CPU)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "compile", lambda function, **_: function)
        engine.compiled(function, constant=[weight])(torch.ones(1))
    assert seen == [False] and weight.requires_grad


def test_without_a_compiler_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(UserError, match=r"train.compile = default needs a compiler, .*; install it, or set it to off"):
        choose_engine(COMPILED, CPU)


def test_sync_batch_norm_of_several_processes_is_refused() -> None:
    with pytest.raises(UserError, match=r"set train.compile=off, train.sync_batch_norm=false or train.devices=1"):
        choose_engine(COMPILED, CPU, world_size=2)
    assert isinstance(choose_engine(replace(COMPILED, sync_batch_norm=False), CPU, world_size=2), CompiledEngine)
