"""The paper's jitter: drawn from seed and epoch alone, and the same for input and target."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from pix2pix.data.augment import EpochPlan, crop_and_flip


def draw(images: int = 500, margin: int = 30, flip: bool = True, seed: int = 0, epoch: int = 1) -> EpochPlan:
    return EpochPlan.draw(images, margin=margin, flip=flip, seed=seed, epoch=epoch)


def parts(plan: EpochPlan) -> list[Tensor]:
    return [plan.order, plan.top, plan.left, plan.flip]


def same(a: EpochPlan, b: EpochPlan) -> bool:
    return all(torch.equal(one, other) for one, other in zip(parts(a), parts(b), strict=True))


@given(images=st.integers(1, 300), seed=st.integers(0, 2**32 - 1), epoch=st.integers(1, 10_000))
def test_an_epoch_shows_every_image_once(images: int, seed: int, epoch: int) -> None:
    plan = draw(images, seed=seed, epoch=epoch)
    assert sorted(plan.order.tolist()) == list(range(images))
    assert {part.shape for part in parts(plan)} == {(images,)}


def test_seed_and_epoch_decide_it_alone() -> None:
    torch.manual_seed(1)
    first = draw()
    torch.manual_seed(2)
    assert same(first, draw())
    others = [draw(seed=1), draw(epoch=2), draw(seed=1, epoch=2), draw(seed=2**32 - 1)]
    assert not any(same(a, b) for i, a in enumerate([first, *others]) for b in others[i:] if a is not b)
    assert all(not torch.equal(first.order, other.order) and not torch.equal(first.top, other.top) for other in others)


def test_drawing_leaves_the_training_s_own_stream_alone() -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    draw()
    assert torch.equal(torch.rand(3), expected)


def test_crops_reach_every_offset_of_the_margin_and_none_beyond() -> None:
    plan = draw(5000, margin=30)
    for offsets in (plan.top, plan.left):
        assert set(offsets.tolist()) == set(range(31))
    assert abs(float(torch.corrcoef(torch.stack([plan.top, plan.left]).float())[0, 1])) < 0.1, "rows and columns are drawn apart"


def test_without_a_margin_nothing_is_cut() -> None:
    plan = draw(margin=0)
    assert not plan.top.any() and not plan.left.any()


def test_half_of_the_images_are_mirrored_or_none() -> None:
    assert 0.4 < float(draw(2000).flip.float().mean()) < 0.6
    assert not draw(2000, flip=False).flip.any()
    assert torch.equal(draw(flip=False).order, draw(flip=True).order) and torch.equal(draw(flip=False).top, draw(flip=True).top)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.float32])
def test_a_crop_is_the_plain_slice_and_a_mirror_is_the_slice_turned(dtype: torch.dtype) -> None:
    images = torch.arange(4 * 3 * 9 * 11).reshape(4, 3, 9, 11).to(dtype)
    top, left, flip = torch.tensor([0, 4, 2, 1]), torch.tensor([6, 0, 3, 1]), torch.tensor([False, True, True, False])
    found = crop_and_flip(images, top, left, flip, 5)
    assert found.dtype == dtype and found.shape == (4, 3, 5, 5)
    for i in range(4):
        expected = images[i, :, top[i] : top[i] + 5, left[i] : left[i] + 5]
        assert torch.equal(found[i], expected.flip(-1) if flip[i] else expected)


def test_input_and_target_are_cut_and_mirrored_alike() -> None:
    plan = draw(64, margin=7)
    half = torch.randint(0, 256, (64, 3, 23, 23), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    found = crop_and_flip(torch.cat([half, half], dim=1), plan.top, plan.left, plan.flip, 16)
    assert torch.equal(found[:, :3], found[:, 3:])


def test_the_whole_image_unmirrored_is_itself() -> None:
    images = torch.rand(2, 6, 8, 8)
    none = torch.zeros(2, dtype=torch.int64)
    assert torch.equal(crop_and_flip(images, none, none, none > 0, 8), images)
    assert torch.equal(crop_and_flip(images, none, none, none == 0, 8), images.flip(-1))


def test_a_plan_goes_to_a_device_with_its_order_left_at_home() -> None:
    moved = draw().to(torch.device("meta"))
    assert moved.top.is_meta and moved.left.is_meta and moved.flip.is_meta and not moved.order.is_meta
