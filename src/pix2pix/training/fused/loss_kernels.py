"""Losses with their gradients. Sums are in fp32 and in a fixed order."""

import triton
import triton.language as tl


@triton.jit
def _softplus(x):
    return tl.maximum(x, 0.0) + tl.log(1.0 + tl.exp(-tl.abs(x)))


@triton.jit(do_not_specialize=["count", "first_target"])
def adversarial(logits, sums, gradients, count, first_target, weight, MODE: tl.constexpr, BLOCK: tl.constexpr):
    """Grid (groups, blocks): each block's part of the mean loss of its group's `count` logits, and `weight` times its gradient.

    Targets: -1 fake and 1 real, as D sees them, 2 what G wants; group 0's is `first_target`, each further one's 2 more.
    """
    group, block = tl.program_id(0), tl.program_id(1)
    target = first_target + 2 * group
    at = block * BLOCK + tl.arange(0, BLOCK)
    there = at < count
    x = tl.load(logits + group * count + at, mask=there, other=0.0).to(tl.float32)
    real = target > 0
    if MODE == "vanilla":
        towards = tl.where(real, -x, x)
        value = _softplus(towards)
        slope = tl.where(real, -1.0, 1.0) * tl.sigmoid(towards)
    elif MODE == "lsgan":
        apart = x - tl.where(real, 1.0, 0.0)
        value = apart * apart
        slope = 2.0 * apart
    else:
        sign = tl.where(real, -1.0, 1.0)
        margin = 1.0 + sign * x
        value = tl.where(target == 2, -x, tl.where(margin <= 0, 0.0, margin))  # not tl.maximum, which hides what is no number
        slope = tl.where((target == 2) | (margin > 0), sign, 0.0)
    tl.store(sums + group * tl.num_programs(1) + block, tl.sum(tl.where(there, value, 0.0), 0) / count)
    tl.store(gradients + group * count + at, (slope * (weight / count)).to(gradients.dtype.element_ty), mask=there)


@triton.jit(do_not_specialize=["count"])
def absolute(fake, real, sums, gradient, count, scale, BLOCK: tl.constexpr):
    """Grid (blocks,): the sum of |fake - real| of each block, and `scale` times its gradient with respect to fake."""
    at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    there = at < count
    apart = tl.load(fake + at, mask=there, other=0.0).to(tl.float32) - tl.load(real + at, mask=there, other=0.0)
    tl.store(sums + tl.program_id(0), tl.sum(tl.abs(apart), 0))
    sign = tl.where(apart > 0, scale, tl.where(apart < 0, -scale, 0.0))
    tl.store(gradient + at, sign.to(gradient.dtype.element_ty), mask=there)
