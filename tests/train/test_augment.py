"""What the discriminator is shown: input and target move together, colour touches the target alone, and gradients pass."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from pix2pix.train.augment import augment_pair

POLICIES = ["translate", "translate+color", "translate+color+cutout"]
SIZE, REACH = 32, 4  # pixels; an eighth


def pairs(count: int = 200, channels: int = 4, size: int = SIZE) -> Tensor:
    """Images in which no value is 0, so that a blanked one is visible."""
    return torch.rand(count, channels, size, size, generator=torch.Generator().manual_seed(0)) * 0.9 + 0.1


def augmented(pair: Tensor, policy: str, channels_in: int = 2, seed: int = 0) -> Tensor:
    torch.manual_seed(seed)
    return augment_pair(pair, channels_in, policy)


def moved(image: Tensor, down: int, right: int) -> Tensor:
    """(C, H, W) shifted by plain padding and slicing; what comes in is 0."""
    padded = F.pad(image, (REACH,) * 4)
    return padded[:, REACH - down : REACH - down + SIZE, REACH - right : REACH - right + SIZE]


def shift_of(found: Tensor, image: Tensor) -> tuple[int, int]:
    reach = range(-REACH, REACH + 1)
    (shift,) = [(down, right) for down in reach for right in reach if torch.equal(found, moved(image, down, right))]
    return shift


def test_none_is_the_pair_itself() -> None:
    pair = pairs(2)
    assert augmented(pair, "none") is pair


def test_translation_moves_input_and_target_together_by_up_to_an_eighth() -> None:
    pair = pairs()
    shifts = [shift_of(found, image) for found, image in zip(augmented(pair, "translate"), pair, strict=True)]
    for axis in range(2):
        assert {shift[axis] for shift in shifts} == set(range(-REACH, REACH + 1))
    assert len(set(shifts)) > 50, "every image goes its own way, down and right independently"


def test_colour_leaves_the_input_untouched_and_changes_the_target() -> None:
    pair = pairs(20)
    found = augmented(pair, "translate+color")
    for one, image in zip(found, pair, strict=True):
        down, right = shift_of(one[:2], image[:2])
        assert not torch.allclose(one[2:], moved(image[2:], down, right), atol=1e-3)


def test_brightness_and_contrast_are_drawn_for_each_image_within_their_ranges() -> None:
    pair = pairs(60, channels=2)
    found = augmented(pair, "translate+color", channels_in=1)
    slopes, offsets = [], []
    for one, image in zip(found, pair, strict=True):
        down, right = shift_of(one[:1], image[:1])
        inside = moved(torch.ones(1, SIZE, SIZE), down, right) > 0
        x, y = moved(image[1:], down, right)[inside].double(), one[1:][inside].double()
        assert float(torch.corrcoef(torch.stack([x, y]))[0, 1]) > 0.99999, "of one plane, colour is a straight line"
        slopes.append(float((y - y.mean()).norm() / (x - x.mean()).norm()))
        offsets.append(float(y.mean() - x.mean()))
    assert 0.49 < min(slopes) < 0.7 and 1.3 < max(slopes) < 1.51  # contrast 0.5..1.5
    assert -0.55 < min(offsets) < -0.3 and 0.3 < max(offsets) < 0.55  # brightness -0.5..0.5


def test_saturation_is_drawn_from_none_to_double() -> None:
    pair = pairs(60)
    factors = []
    for one, image in zip(augmented(pair, "translate+color", channels_in=1), pair, strict=True):
        down, right = shift_of(one[:1], image[:1])
        inside = moved(torch.ones(1, SIZE, SIZE), down, right)[0] > 0
        before, after = moved(image[1:], down, right)[:, inside].double(), one[1:, inside].double()
        # colour is what differs from a pixel's own grey; contrast stretches both alike
        colour = [(x - x.mean(0)).norm() / (x.mean(0) - x.mean()).norm() for x in (before, after)]
        factors.append(float(colour[1] / colour[0]))
    assert 0 <= min(factors) < 0.3 and 1.7 < max(factors) < 2.01


def test_saturation_keeps_grey_grey() -> None:
    grey = pairs(20, channels=1).repeat(1, 4, 1, 1)
    found = augmented(grey, "translate+color", channels_in=1)[:, 1:]
    torch.testing.assert_close(found, found[:, :1].expand_as(found), rtol=0, atol=1e-5)


def test_cutout_blanks_one_square_of_up_to_half_the_size_in_input_and_target() -> None:
    pair = pairs(100)
    found = augmented(pair, "translate+color+cutout")
    whole = augmented(pair, "translate+color")  # the same draws, before the cutout's own
    places = set()
    for one, before in zip(found, whole, strict=True):
        blank = (one == 0).all(0) & ~(before == 0).all(0)
        assert torch.equal(one, before * ~blank)
        rows, columns = blank.any(1), blank.any(0)
        assert torch.equal(blank, (rows[:, None] & columns) & ~(before == 0).all(0))
        assert int(rows.sum()) <= SIZE // 2 and int(columns.sum()) <= SIZE // 2 and blank.any()
        places.add((int(rows.nonzero()[0]), int(columns.nonzero()[0])))
    assert len(places) > 30


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(("channels_in", "channels_out"), [(3, 3), (1, 2), (2, 1)])
def test_the_shape_stays_and_gradients_reach_the_fake(policy: str, channels_in: int, channels_out: int) -> None:
    pair = pairs(3, channels_in + channels_out).requires_grad_(True)
    found = augmented(pair, policy, channels_in)
    assert found.shape == pair.shape and found.dtype == pair.dtype
    (found**2).sum().backward()
    assert pair.grad is not None and pair.grad.isfinite().all()
    assert (pair.grad.abs().sum(dim=(2, 3)) > 0).all()


@pytest.mark.parametrize("policy", POLICIES)
def test_the_gradient_is_that_of_the_function(policy: str) -> None:
    pair = pairs(2, 3, size=4).double().requires_grad_(True)
    assert torch.autograd.gradcheck(lambda x: augmented(x, policy, 1), pair)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_seed_decides_what_is_drawn(policy: str) -> None:
    assert torch.equal(augmented(pairs(4), policy), augmented(pairs(4), policy))
    assert not torch.equal(augmented(pairs(4), policy), augmented(pairs(4), policy, seed=1))
