"""A whole update with fused kernels is the plain step's, but for the order of its sums. Triton's interpreter runs the kernels."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from pix2pix.data.layout import Layout
from pix2pix.models.build import build_networks
from pix2pix.settings.model import ModelSettings
from pix2pix.settings.training import TrainSettings
from pix2pix.training.passes import Passes
from pix2pix.training.step import TrainingStep

pytest.importorskip("triton")

CPU = torch.device("cpu")
MODEL = ModelSettings(ngf=4, ndf=4, crop_size=32, dropout=0.0)
RECIPE = TrainSettings(epochs=1, batch_size=2)


def updated(model: ModelSettings, settings: TrainSettings, fused: bool, updates: int = 3) -> tuple[Tensor, TrainingStep]:
    """Losses of each update, and the step after them."""
    step = TrainingStep(*build_networks(3, 3, model, seed=0), settings, Layout("rgb", "rgb"), model.crop_size, CPU, fused=fused)
    draw = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    losses = []
    for _ in range(updates):
        images = torch.randint(0, 256, (settings.batch_size, 6, model.crop_size, model.crop_size), dtype=torch.uint8, generator=draw)
        none = torch.zeros(settings.batch_size, dtype=torch.long)
        losses.append(step(images, none, none, none.bool()))
    return torch.stack(losses), step


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        ({}, {}),
        ({}, {"batch_size": 1}),
        ({}, {"gan_mode": "lsgan", "halve_d_loss": False}),
        ({}, {"gan_mode": "hinge"}),
        ({"norm": "none"}, {}),
        ({"discriminator": "pixel", "upsample": "resize", "bottleneck_norm": False}, {}),
        ({"generator": "resnet"}, {}),  # D and the losses alone
        ({"discriminator": "multiscale", "crop_size": 64}, {"batch_size": 1}),  # G and its losses alone
    ],
    ids=str,
)
def test_an_update_is_the_plain_one(model: dict[str, object], changes: dict[str, object]) -> None:
    networks, settings = replace(MODEL, **model), replace(RECIPE, **changes)  # type: ignore[arg-type]
    (plain, plainly), (fused, step) = (updated(networks, settings, kind) for kind in (False, True))
    # after one update Adam has moved each weight by its rate times a sign, so that what follows can differ by rounding in a gradient near 0
    torch.testing.assert_close(fused[0], plain[0], rtol=2e-6, atol=1e-6)
    torch.testing.assert_close(fused, plain, rtol=2e-3, atol=2e-4)
    for network, other in ((step.generator, plainly.generator), (step.discriminator, plainly.discriminator)):
        expected = other.state_dict()
        for name, value in network.named_parameters():
            apart = (value - expected[name]).abs().detach()
            assert float(apart.mean()) < (1e-3 * float(expected[name].abs().mean()) + 1e-6), name


def test_dropout_is_drawn_from_torchs_generator() -> None:
    dropping = replace(MODEL, crop_size=64, dropout=0.5)
    first, again = (updated(dropping, RECIPE, True, updates=1)[0] for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, updated(replace(dropping, dropout=0.0), RECIPE, True, updates=1)[0])


def test_what_the_discriminator_sees_changed_is_drawn_for_each_picture() -> None:
    """Fakes and real pairs in one batch, so the draws are others than the plain step's."""
    losses, _ = updated(MODEL, replace(RECIPE, augment_d="translate+color"), True, updates=1)
    plain, _ = updated(MODEL, RECIPE, True, updates=1)
    assert torch.isfinite(losses).all()
    assert torch.equal(losses[0, 1], plain[0, 1]) and not torch.equal(losses[0, 2:], plain[0, 2:])


@pytest.mark.parametrize(
    "changes", [{"accumulate": 2}, {"gan_mode": "wgangp"}, {"d_fake_for_g": "shared"}, {"channels_last": False}], ids=str
)
def test_recipes_that_it_is_not_for_are_done_plainly(changes: dict[str, object]) -> None:
    settings = replace(RECIPE, **changes)  # type: ignore[arg-type]
    step = TrainingStep(*build_networks(3, 3, MODEL, seed=0), settings, Layout("rgb", "rgb"), 32, CPU, fused=True)
    assert type(step._passes) is Passes


def test_on_the_cpu_the_setting_changes_nothing() -> None:
    settings = replace(RECIPE, fused="auto")
    step = TrainingStep(*build_networks(3, 3, MODEL, seed=0), settings, Layout("rgb", "rgb"), 32, CPU)
    assert type(step._passes) is Passes


def test_every_kernel_compiles_for_gpus_that_are_not_there() -> None:
    """In fp32 for Ampere and in bf16 for Hopper, with all that an update of the paper's networks asks for."""
    program = Path(__file__).with_name("compile_program.py")
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"} | {"TRITON_DEFAULT_FP_FUSION": "1"}
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, env=environment, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    kernels = set(done.stdout.split())
    expected = "moments forward forward_at_once backward_sums backward backward_at_once adversarial absolute"
    assert kernels == set(expected.split())
