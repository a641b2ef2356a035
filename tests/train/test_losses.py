"""Adversarial losses: each objective's published formula, worked out by hand in NumPy."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from pix2pix.config.constraints import annotations, choices
from pix2pix.config.train_settings import PENALISED, TrainSettings
from pix2pix.train.losses import GAN_MODES, colour_weights, discriminator_loss, generator_loss, gradient_penalty

Array = np.ndarray[Any, Any]
Formula = Callable[[Array], Array]


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


# what G pays for a fake, what D pays for a fake, what D pays for a real pair; Goodfellow et al. 2014 (in its non-saturating form, which the
# paper uses), Mao et al. 2017, Lim and Ye 2017, Arjovsky et al. 2017
FORMULAS: dict[str, tuple[Formula, Formula, Formula]] = {
    "vanilla": (lambda x: -np.log(sigmoid(x)), lambda x: -np.log(1 - sigmoid(x)), lambda x: -np.log(sigmoid(x))),
    "lsgan": (lambda x: (x - 1) ** 2, lambda x: x**2, lambda x: (x - 1) ** 2),
    "hinge": (lambda x: -x, lambda x: np.maximum(0, 1 + x), lambda x: np.maximum(0, 1 - x)),
    "wgangp": (lambda x: -x, lambda x: x, lambda x: -x),
}
FAKE = torch.randn(3, 1, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 3
REAL = torch.randn(3, 1, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 3


@pytest.mark.parametrize("mode", FORMULAS)
def test_every_objective_is_its_formula_averaged_over_all_patches(mode: str) -> None:
    for_g, for_fake, for_real = (formula(logits.numpy()).mean() for formula, logits in zip(FORMULAS[mode], (FAKE, FAKE, REAL), strict=True))
    gan = GAN_MODES[mode]
    found = [float(loss) for loss in (gan.generator(FAKE), gan.d_fake(FAKE), gan.d_real(REAL))]
    assert found == pytest.approx([for_g, for_fake, for_real], rel=1e-12)


@pytest.mark.parametrize("mode", FORMULAS)
def test_g_wants_higher_logits_for_fakes_and_d_lower_ones_and_higher_for_real(mode: str) -> None:
    fake, real = torch.zeros(1, 1, 2, 2, requires_grad=True), torch.zeros(1, 1, 2, 2, requires_grad=True)
    gan = GAN_MODES[mode]
    (wanted_by_g,) = torch.autograd.grad(gan.generator(fake), fake)
    wanted_by_d = torch.autograd.grad(gan.d_fake(fake + 0.1) + gan.d_real(real), [fake, real])
    assert (wanted_by_g < 0).all() and (wanted_by_d[0] > 0).all() and (wanted_by_d[1] < 0).all()


@pytest.mark.parametrize("mode", FORMULAS)
@pytest.mark.parametrize("far", [-1e4, 1e4])
def test_logits_far_off_still_give_numbers(mode: str, far: float) -> None:
    logits = torch.full((1, 1, 2, 2), far, requires_grad=True)
    gan = GAN_MODES[mode]
    loss = gan.generator(logits) + gan.d_fake(logits) + gan.d_real(logits)
    loss.backward()
    assert loss.isfinite() and logits.grad is not None and logits.grad.isfinite().all()


def test_logits_of_any_shape_are_averaged_alike() -> None:
    for gan in GAN_MODES.values():
        torch.testing.assert_close(gan.generator(FAKE), gan.generator(FAKE.flatten(1)), rtol=1e-12, atol=0)


def test_every_mode_is_tested_and_can_be_asked_for() -> None:
    assert set(GAN_MODES) == set(FORMULAS), "FORMULAS of this file: the published formulas of each mode"
    assert set(GAN_MODES) == set(choices(annotations(TrainSettings)["gan_mode"])), (
        "GAN_MODES of config/train_settings.py: each mode with its meaning"
    )
    assert {name for name, mode in GAN_MODES.items() if mode.penalty} == set(PENALISED), "PENALISED of config/train_settings.py"


def test_d_and_g_minimise_the_weighted_sums_of_their_parts() -> None:
    settings = TrainSettings(epochs=1, batch_size=1, lambda_gan=0.5, lambda_l1=10.0, lambda_perceptual=3.0)
    loss, d_real, d_fake = discriminator_loss(settings, FAKE, REAL)
    assert float(loss) == pytest.approx(float(d_real + d_fake) / 2)
    assert float(discriminator_loss(replace(settings, halve_d_loss=False), FAKE, REAL)[0]) == pytest.approx(2 * float(loss))
    fake_b, real_b = torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4)
    total, gan, l1, distance = generator_loss(settings, FAKE, fake_b, real_b, lambda a, b: (a - b).square().sum())
    assert (float(l1), float(distance)) == (1.0, 48.0) and float(total) == pytest.approx(0.5 * float(gan) + 10 + 3 * 48)


def test_colours_count_more_than_grey_in_a_colouring_and_nothing_changes_for_pairs() -> None:
    real_b = torch.rand(2, 2, 8, 8, generator=torch.Generator().manual_seed(3)) - 0.5
    real_b[:, :, :4] = 0  # grey
    counts = colour_weights(real_b)
    assert counts.mean((1, 2, 3)).tolist() == pytest.approx([1.0, 1.0]) and counts[:, :, :4].unique().tolist() == pytest.approx([1 / 3])
    even, coloured = (TrainSettings(epochs=1, batch_size=1, l1_weights=name) for name in ("even", "colour"))
    l1 = [float(generator_loss(settings, FAKE, torch.zeros_like(real_b), real_b)[2]) for settings in (even, coloured)]
    assert l1[1] == pytest.approx(float((counts * real_b.abs()).mean())) and l1[1] > l1[0]
    pair = torch.rand(2, 3, 4, 4), torch.rand(2, 3, 4, 4)
    assert float(generator_loss(even, FAKE, *pair)[2]) == float(generator_loss(coloured, FAKE, *pair)[2])
    assert colour_weights(torch.zeros(1, 2, 4, 4)).isfinite().all()


class Linear(nn.Module):
    """A discriminator whose gradient is its weight, everywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(2, 3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(2)))
        self.seen: list[Tensor] = []

    def forward(self, pair: Tensor) -> Tensor:
        self.seen.append(pair.detach())
        return (pair * self.weight).sum(dim=(1, 2, 3))[:, None]


def pairs(seed: int) -> Tensor:
    return torch.randn(50, 2, 3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_the_gradient_penalty_of_a_linear_discriminator_is_known() -> None:
    discriminator = Linear()
    loss = gradient_penalty(discriminator, pairs(0), pairs(1))
    length = float(discriminator.weight.detach().norm())
    assert loss.item() == pytest.approx(10 * (length - 1) ** 2, rel=1e-9)
    loss.backward()  # and it teaches: the slope is pulled towards 1
    torch.testing.assert_close(discriminator.weight.grad, 20 * (length - 1) * discriminator.weight.detach() / length, rtol=1e-9, atol=1e-12)


def test_the_gradient_penalty_is_of_each_image_by_itself() -> None:
    real = pairs(0)
    loss = gradient_penalty(lambda pair: 0.5 * pair.square().sum(dim=(1, 2, 3)), real, real)  # its gradient is the image
    assert loss.item() == pytest.approx(10 * np.mean((real.flatten(1).norm(dim=1).numpy() - 1) ** 2), rel=1e-9)


def test_the_penalty_is_taken_between_real_and_fake_at_a_place_drawn_for_each_image() -> None:
    discriminator = Linear()
    real, fake = pairs(0).requires_grad_(True), pairs(1).requires_grad_(True)
    gradient_penalty(discriminator, real, fake).backward()
    (between,) = discriminator.seen
    share = ((between - fake) / (real - fake)).detach().flatten(1)
    torch.testing.assert_close(share, share[:, :1].expand_as(share), rtol=0, atol=1e-6)
    assert share.min() >= -1e-6 and share.max() <= 1 + 1e-6 and share[:, 0].std() > 0.2
    assert real.grad is None and fake.grad is None, "it is D's alone"


def test_a_discriminator_without_slope_is_penalised_with_a_finite_gradient() -> None:
    discriminator = Linear()
    discriminator.weight.data.zero_()
    gradient_penalty(discriminator, pairs(0), pairs(1)).backward()
    assert discriminator.weight.grad is not None and discriminator.weight.grad.isfinite().all()
