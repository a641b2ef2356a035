"""The learning rate over the epochs."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pix2pix.train.schedule import lr_factor

POLICIES = ["constant", "linear", "cosine"]


def factors(policy: str, epochs: int) -> list[float]:
    return [lr_factor(policy, epoch, epochs) for epoch in range(1, epochs + 1)]


def test_constant_stays() -> None:
    assert set(factors("constant", 70)) == {1.0}


def test_linear_stays_for_the_first_half_and_then_goes_down_evenly_as_in_the_reference() -> None:
    # the reference's rule with n_epochs = n_epochs_decay = 100
    expected = [1.0 - max(0, epoch - 100) / 101 for epoch in range(1, 201)]
    assert factors("linear", 200) == pytest.approx(expected, rel=1e-12)


def test_cosine_is_half_a_cosine() -> None:
    assert factors("cosine", 8) == pytest.approx([0.5 + 0.5 * math.cos(math.pi * epoch / 8) for epoch in range(8)], rel=1e-12)


@given(policy=st.sampled_from(POLICIES), epochs=st.integers(1, 300))
def test_every_policy_begins_at_the_rate_asked_for_never_rises_and_never_wastes_an_epoch(policy: str, epochs: int) -> None:
    found = factors(policy, epochs)
    assert found[0] == 1.0
    assert all(0 < after <= before for before, after in pairwise(found))
    assert min(found) > 0
    if policy != "constant" and epochs > 10:
        assert found[-1] < 0.2
