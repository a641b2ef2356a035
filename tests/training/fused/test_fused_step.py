"""A whole update with fused kernels is the plain step's, but for the order of its sums. Triton's interpreter runs the kernels."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.planes import Layout
from pix2pix.models.build import build_networks
from pix2pix.training.passes import Passes
from pix2pix.training.step import TrainingStep

pytest.importorskip("triton", "3.9")  # the interpreter of 3.6 does not go with this NumPy
from pix2pix.training.fused import networks
from pix2pix.training.fused.networks import fused_discriminator, fused_generator

CPU = torch.device("cpu")
MODEL = ModelSettings(ngf=4, ndf=4, crop_size=32, dropout=0.0)
RECIPE = TrainSettings(epochs=1, batch_size=2)


def updated(
    model: ModelSettings, settings: TrainSettings, fused: bool, updates: int = 3, *, overlap: bool = False, seed: int = 0
) -> tuple[Tensor, TrainingStep]:
    """Losses of each update, and the step after them."""
    built = build_networks(3, 3, model, seed=0)
    step = TrainingStep(*built, settings, Layout("rgb", "rgb"), model.crop_size, CPU, overlap=overlap, fused=fused)
    draw = torch.Generator().manual_seed(0)
    torch.manual_seed(seed)
    losses = []
    for _ in range(updates):
        images = torch.randint(0, 256, (settings.batch_size, 6, model.crop_size, model.crop_size), dtype=torch.uint8, generator=draw)
        none = torch.zeros(settings.batch_size, dtype=torch.long)
        losses.append(step(images, none, none, none.bool()))
    return torch.stack(losses), step


@pytest.mark.parametrize(
    ("model", "changes", "overlap"),
    [
        ({}, {}, False),
        ({}, {}, True),  # as on CUDA
        ({}, {"batch_size": 1}, True),
        ({}, {"gan_mode": "lsgan", "halve_d_loss": False}, False),
        ({}, {"gan_mode": "hinge"}, True),
        ({"norm": "none", "discriminator": "pixel"}, {"batch_size": 1}, False),
        ({"discriminator": "pixel", "upsample": "resize", "bottleneck_norm": False}, {"batch_size": 1}, True),
        ({"generator": "resnet"}, {}, True),  # D and the losses alone
        ({"discriminator": "multiscale", "crop_size": 64}, {"batch_size": 1}, False),  # G and its losses alone
    ],
    ids=str,
)
def test_an_update_is_the_plain_one(model: dict[str, object], changes: dict[str, object], overlap: bool) -> None:
    sizes, settings = replace(MODEL, **model), replace(RECIPE, **changes)  # type: ignore[arg-type]
    plain, plainly = updated(sizes, settings, False)
    fused, step = updated(sizes, settings, True, overlap=overlap)
    # after one update Adam has moved each weight by its rate times a sign, so that what follows can differ by rounding in a gradient near 0
    torch.testing.assert_close(fused[0], plain[0], rtol=2e-6, atol=1e-6)
    torch.testing.assert_close(fused, plain, rtol=2e-3, atol=2e-4)
    for network, other in ((step.generator, plainly.generator), (step.discriminator, plainly.discriminator)):
        expected = other.state_dict()
        for name, value in network.named_parameters():
            apart = (value - expected[name]).abs().detach()
            assert float(apart.mean()) < (1e-3 * float(expected[name].abs().mean()) + 1e-6), name


def test_in_bf16_an_update_is_the_plain_one_in_bf16() -> None:
    """As close as two orders of the same sums are: a number of 8 bits is off by up to 1/256, and so are the means of many less."""
    half = replace(RECIPE, precision="bf16")
    (plain, _), (fused, step) = (updated(MODEL, half, kind, updates=1) for kind in (False, True))
    torch.testing.assert_close(fused, plain, rtol=1e-2, atol=1e-3)
    assert all(torch.isfinite(weight).all() for weight in step.generator.parameters())


def test_dropout_is_drawn_anew_from_torchs_generator_and_for_each_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    dropping, still = replace(MODEL, crop_size=64, dropout=0.5), replace(RECIPE, lr=0.0)
    numbers = []

    def recorded(x: Tensor, layer: networks.Layer, *more: Tensor | None) -> tuple[Tensor, Tensor]:
        if layer.dropout:
            numbers.append(layer.number)
        return between(x, layer, *more)

    between = networks.between
    monkeypatch.setattr(networks, "between", recorded)
    first, again, other = (updated(replace(dropping, ngf=2), still, True, updates=1, seed=seed)[0] for seed in (0, 0, 1))
    assert torch.equal(first, again) and not torch.equal(first, other)
    each = len(numbers) // 3
    assert each == len(set(numbers)) > 0
    step = updated(dropping, still, True, updates=1)[1]
    picture = torch.randn(1, 3, 64, 64).contiguous(memory_format=torch.channels_last)
    generator = fused_generator(step.generator)
    assert generator is not None
    with torch.no_grad():
        assert not torch.equal(generator(picture), generator(picture))


def test_a_network_with_a_layer_that_it_does_not_know_has_no_fused_pass() -> None:
    generator, discriminator = build_networks(3, 3, MODEL, seed=0)
    assert fused_generator(generator) is not None and fused_discriminator(discriminator) is not None
    for network in (generator, discriminator):
        for module in list(network.modules()):
            for name, child in module.named_children():
                if isinstance(child, torch.nn.BatchNorm2d):
                    setattr(module, name, torch.nn.GroupNorm(1, child.num_features))
    assert fused_generator(generator) is None and fused_discriminator(discriminator) is None


def test_a_training_that_diverges_is_seen_to() -> None:
    _, step = updated(MODEL, RECIPE, True, updates=1)
    with torch.no_grad():
        next(step.generator.downs[2].parameters())[0, 0, 0, 0] = torch.nan  # type: ignore[index]
    none = torch.zeros(2, dtype=torch.long)
    losses = step(torch.zeros((2, 6, 32, 32), dtype=torch.uint8), none, none, none.bool())
    assert torch.isnan(losses[:2]).all()


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
    variants = done.stdout.splitlines()
    for kernel in ("moments", "forward", "forward_at_once", "backward_sums", "backward", "backward_at_once", "adversarial", "absolute"):
        assert any(line.startswith(f"{kernel} ") for line in variants), kernel
    for kernel in ("forward", "forward_at_once", "backward_sums", "backward", "backward_at_once"):
        assert any(line.startswith(f"{kernel} ") and "DROP=True" in line for line in variants), kernel
    assert any(line.startswith("forward ") and "GROUPS=2" in line for line in variants)
