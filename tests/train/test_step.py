"""One update of both networks: the reference's mathematics, and what the faster settings may change."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.models.build import build_networks
from pix2pix.train.losses import LOSSES, loss_names
from pix2pix.train.step import TrainingStep
from tests.train.reference import Reference

EXACT = TrainSettings(epochs=1, batch_size=1, adam="loop", channels_last=False)
LAYOUT = ColourPlanes("rgb", "rgb")


def make_step(settings: TrainSettings, crop: int = 64, **model: object) -> TrainingStep:
    shape = ModelSettings(ngf=8, ndf=8, crop_size=crop, **model)  # type: ignore[arg-type]
    networks = build_networks(3, 3, shape, seed=3)
    return TrainingStep(*networks, settings, LAYOUT, crop, torch.device("cpu"))


def batches(count: int, batch_size: int = 1, crop: int = 64) -> list[tuple[Tensor, Tensor, Tensor, Tensor]]:
    draw = torch.Generator().manual_seed(1)
    none = torch.zeros(batch_size, dtype=torch.int64)
    images = [torch.randint(0, 256, (batch_size, 6, crop, crop), dtype=torch.uint8, generator=draw) for _ in range(count)]
    return [(image, none, none, none > 0) for image in images]


def weights(step: TrainingStep) -> dict[str, Tensor]:
    networks = {"g": step.generator, "d": step.discriminator}
    # the counter of batches is part of the format, but neither learnt nor read
    return {f"{n}.{key}": value for n, net in networks.items() for key, value in net.state_dict().items() if "num_batches" not in key}


def run(settings: TrainSettings, updates: int = 5, batch_size: int = 1, crop: int = 64, **model: object) -> dict[str, Tensor]:
    step = make_step(settings, crop, **model)
    torch.manual_seed(11)
    for batch in batches(updates, batch_size, crop):
        step(*batch)
    return weights(step)


def largest_difference(a: dict[str, Tensor], b: dict[str, Tensor]) -> float:
    return max(float((a[name] - b[name]).abs().max()) for name in a)


@pytest.mark.parametrize("crop", [64, 256])
def test_five_updates_give_the_references_weights_and_statistics_bit_for_bit(crop: int) -> None:
    step = make_step(EXACT, crop)
    before = {name: value.clone() for name, value in weights(step).items()}
    weights_g, weights_d = ({name[2:]: value for name, value in before.items() if name.startswith(network)} for network in ("g.", "d."))
    reference = Reference(weights_g, weights_d, levels=crop.bit_length() - 1)
    given = batches(5, crop=crop)
    torch.manual_seed(11)
    for batch in given:
        step(*batch)
    torch.manual_seed(11)
    for images, *_ in given:
        reference.update(*LAYOUT.split(images))
    theirs = {f"{name}.{key}": value for name, held in (("g", reference.g), ("d", reference.d)) for key, value in held.items()}
    ours = weights(step)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert all(not torch.equal(ours[name], before[name]) for name in ours), "a weight that never moved proves nothing"


@pytest.mark.parametrize("faster", [{"channels_last": True}, {"adam": "fused"}, {"adam": "fused", "channels_last": True}])
@pytest.mark.parametrize(("updates", "apart"), [(1, 5e-4), (5, 0.05)], ids=["1 update", "5 updates"])
def test_faster_settings_differ_only_by_rounding(faster: dict[str, object], updates: int, apart: float) -> None:
    # Without dropout, whose mask is drawn in the order of memory and so falls otherwise with channels_last. Adam's first updates are
    # lr * sign(gradient) in size: where a gradient is only rounding noise its sign may turn, and each update may move that one weight
    # 2 lr apart. Such weights are few after one update; what they change grows with the next ones, whatever the arithmetic: after five the
    # plain float32 is 1.6 % of the way from the same in float64. So the mean is held far tighter than the maximum.
    lr = EXACT.lr
    exact, fast = (run(settings, updates, dropout=0.0) for settings in (EXACT, replace(EXACT, **faster)))  # type: ignore[arg-type]
    learnt = [name for name in exact if "running" not in name]
    mean = sum(float((exact[name] - fast[name]).abs().sum()) for name in learnt) / sum(exact[name].numel() for name in learnt)
    assert mean < apart * updates * lr
    assert max(float((exact[name] - fast[name]).abs().max()) for name in learnt) <= 2 * updates * lr


def test_bf16_follows_the_same_course() -> None:
    exact, half = run(EXACT, updates=2, batch_size=2), run(replace(EXACT, precision="bf16"), updates=2, batch_size=2)
    moved = run(EXACT, updates=0)
    # 8 bits of mantissa: most weights still move the same way, as Adam's first steps are signs of gradients
    same = [(torch.sign(exact[n] - moved[n]) == torch.sign(half[n] - moved[n])).float().mean() for n in exact if n.endswith("weight")]
    assert float(torch.stack(same).mean()) > 0.85


@pytest.mark.parametrize(
    "changed",
    [
        {"d_fake_for_g": "shared"},
        {"halve_d_loss": False},
        {"gan_mode": "lsgan"},
        {"gan_mode": "hinge"},
        {"gan_mode": "wgangp"},
        {"lambda_l1": 10.0},
        {"lambda_gan": 0.0},
        {"augment_d": "translate"},
        {"augment_d": "translate+color+cutout"},
    ],
)
def test_every_choice_trains_and_makes_a_difference(changed: dict[str, object]) -> None:
    batch_size = 2
    settings = replace(EXACT, **changed)  # type: ignore[arg-type]
    changed_weights, plain = run(settings, 3, batch_size), run(EXACT, 3, batch_size)
    assert all(value.isfinite().all() for value in changed_weights.values())
    assert largest_difference(changed_weights, plain) > 0


def test_an_image_pool_shows_earlier_fakes_again() -> None:
    assert largest_difference(run(replace(EXACT, pool_size=2), 6), run(EXACT, 6)) > 0


def test_accumulated_parts_add_up_to_the_gradient_of_the_whole_batch() -> None:
    # without normalisation and dropout no image looks at another, so parts and whole must agree up to rounding
    model = {"norm": "none", "dropout": 0.0}
    shared = replace(EXACT, d_fake_for_g="shared")
    whole = make_step(shared, **model)
    parts = make_step(replace(shared, accumulate=2), **model)
    (batch,) = batches(1, batch_size=4)
    for step in (whole, parts):
        step(*batch)
    ours, theirs = whole.generator.parameters(), parts.generator.parameters()
    for a, b in zip(ours, theirs, strict=True):
        assert a.grad is not None and b.grad is not None
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-3, atol=1e-6)


def test_losses_are_those_before_the_update() -> None:
    step = make_step(EXACT)
    (batch,) = batches(1)
    gan, l1, real, fake = step(*batch).tolist()
    assert 0.3 < gan < 1.5 and 0.3 < real < 1.5 and 0.3 < fake < 1.5  # ln 2 = 0.69 for a discriminator that knows nothing
    assert 0.2 < l1 < 1.0


def test_a_perceptual_term_adds_its_loss_and_its_gradient_to_the_generator_alone() -> None:
    def blurred_difference(fake_b: Tensor, real_b: Tensor) -> Tensor:
        return torch.nn.functional.avg_pool2d(fake_b - real_b, 8).square().mean()

    settings = replace(EXACT, lambda_perceptual=5.0)
    shape = ModelSettings(ngf=8, ndf=8, crop_size=64)
    step = TrainingStep(*build_networks(3, 3, shape, seed=3), settings, LAYOUT, 64, torch.device("cpu"), perceptual=blurred_difference)
    plain = make_step(EXACT)
    for each in (step, plain):
        torch.manual_seed(0)
        losses = each(*batches(1)[0])
        assert len(losses) == len(loss_names(each.settings))
    assert loss_names(settings)[-1] == "loss_g_perceptual" and loss_names(EXACT) == LOSSES
    ours, theirs = weights(step), weights(plain)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours if name.startswith("d."))
    assert not all(torch.equal(ours[name], theirs[name]) for name in ours if name.startswith("g."))
