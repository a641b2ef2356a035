"""Batch normalisation with what follows it, on pictures in channels_last: (rows, channels), a row for each place of each picture.

y = weight * (x - mean) / sqrt(var + eps) + bias, or y = x without a normalisation, then up to two results: leaky ReLU of y, and ReLU of y
after dropout. Groups are parts of a batch of equal size, each normalised by itself. All sums are in fp32 and in a fixed order, so that the
same numbers give the same bits. Means and variances are taken of a part's values and then merged (Chan et al., Updating Formulae
and a Pairwise Algorithm for Computing Sample Variances, 1979): nothing is lost where the mean is far from 0.
"""

import triton
import triton.language as tl


@triton.jit
def _rows_from(first, last, BLOCK_ROWS: tl.constexpr):
    rows = first + tl.arange(0, BLOCK_ROWS)
    return rows, rows < last


@triton.jit
def _loaded(x, rows, there, c, known, stride):
    at = rows.to(tl.int64)[:, None] * stride + c[None, :]
    return tl.load(x + at, mask=there[:, None] & known[None, :], other=0.0).to(tl.float32)


@triton.jit
def _stored(x, values, rows, there, c, known, stride):
    at = rows.to(tl.int64)[:, None] * stride + c[None, :]
    tl.store(x + at, values.to(x.dtype.element_ty), mask=there[:, None] & known[None, :])


@triton.jit
def _kept(seeds, layer, rows, c, channels, drop):
    """Which values dropout lets through, and what it multiplies them by: drawn from (seed, place in the picture) alone, so that the
    backward pass draws the same."""
    seed = tl.load(seeds + layer)
    drawn = tl.rand(seed, rows[:, None] * channels + c[None, :])
    return tl.where(drawn >= drop, 1.0 / (1.0 - drop), 0.0)


@triton.jit
def _variance(v, there, mean, n):
    apart = tl.where(there[:, None], v - mean[None, :], 0.0)
    return tl.sum(apart * apart, 0) / n


@triton.jit
def _run_on(running_mean, running_var, mean, var, rows, momentum):
    """The running statistics, as torch.nn.BatchNorm2d has them: the variance that is kept is the unbiased one, a single value has none."""
    unbiased = var * (rows / tl.maximum(rows - 1, 1))
    share = tl.where(rows > 1, momentum, 0.0)
    return running_mean + share * (mean - running_mean), running_var + share * (unbiased - running_var)


@triton.jit
def _results(
    y, leaky, relu, seeds, rows, there, c, known, channels, relu_stride, slope, drop, layer,
    LEAKY: tl.constexpr, RELU: tl.constexpr, DROP: tl.constexpr,
):  # fmt: skip
    if LEAKY:
        _stored(leaky, tl.where(y > 0, y, y * slope), rows, there, c, known, channels)
    if RELU:
        positive = tl.where(y <= 0, 0.0, y)  # tl.maximum would make 0 of what is no number, and hide it
        if DROP:
            positive = positive * _kept(seeds, layer, rows, c, channels, drop)
        _stored(relu, positive, rows, there, c, known, relu_stride)


@triton.jit
def _gradient_of_y(
    y, of_leaky, of_relu, seeds, rows, there, c, known, channels, leaky_stride, relu_stride, slope, drop, layer,
    LEAKY: tl.constexpr, RELU: tl.constexpr, DROP: tl.constexpr,
):  # fmt: skip
    dy = tl.zeros_like(y)
    if LEAKY:
        dy += _loaded(of_leaky, rows, there, c, known, leaky_stride) * tl.where(y > 0, 1.0, slope)
    if RELU:
        passed = tl.where(y > 0, 1.0, 0.0)
        if DROP:
            passed = passed * _kept(seeds, layer, rows, c, channels, drop)
        dy += _loaded(of_relu, rows, there, c, known, relu_stride) * passed
    return dy


@triton.jit
def _of_channels(values, c, known, otherwise):
    return tl.load(values + c, mask=known, other=otherwise).to(tl.float32)


@triton.jit(do_not_specialize=["rows", "rows_each"])
def moments(x, means, squares, rows, rows_each, channels, BLOCK_ROWS: tl.constexpr, BLOCK_CHANNELS: tl.constexpr):
    """Grid (blocks of channels, parts, groups): of each part of a group's rows, the mean and the sum of squares about it."""
    part, group = tl.program_id(1), tl.program_id(2)
    c = tl.program_id(0) * BLOCK_CHANNELS + tl.arange(0, BLOCK_CHANNELS)
    known = c < channels
    first = part * rows_each
    last = tl.minimum(first + rows_each, rows)
    mean = tl.zeros([BLOCK_CHANNELS], tl.float32)
    square = tl.zeros([BLOCK_CHANNELS], tl.float32)
    for start in range(first, last, BLOCK_ROWS):
        block, there = _rows_from(start, last, BLOCK_ROWS)
        v = _loaded(x, group * rows + block, there, c, known, channels)
        before = (start - first).to(tl.float32)
        n = tl.minimum(last - start, BLOCK_ROWS).to(tl.float32)
        here = tl.sum(v, 0) / n
        apart = here - mean
        mean += apart * (n / (before + n))
        square += _variance(v, there, here, n) * n + apart * apart * (before * n / (before + n))
    at = (group * tl.num_programs(1) + part) * channels + c
    tl.store(means + at, mean, mask=known)
    tl.store(squares + at, square, mask=known)


@triton.jit
def _merged(means, squares, group, parts, rows, rows_each, channels, c, known, BLOCK_PARTS: tl.constexpr):
    part = tl.arange(0, BLOCK_PARTS)
    at = (group * parts + part)[:, None] * channels + c[None, :]
    there = (part < parts)[:, None] & known[None, :]
    n = tl.where(part < parts, tl.minimum(rows_each, rows - part * rows_each), 0).to(tl.float32)[:, None]
    mean_each = tl.load(means + at, mask=there, other=0.0)
    mean = tl.sum(mean_each * n, 0) / rows
    apart = tl.where(there, mean_each - mean[None, :], 0.0)
    square = tl.sum(tl.load(squares + at, mask=there, other=0.0), 0) + tl.sum(apart * apart * n, 0)
    return mean, square / rows


@triton.jit(do_not_specialize=["rows", "rows_each", "parts", "rows_here", "layer"])
def forward(
    x, means, squares, weight, bias, running_mean, running_var, saved, leaky, relu, seeds,
    rows, rows_each, parts, rows_here, channels, relu_stride, momentum, eps, slope, drop, layer,
    NORM: tl.constexpr, LEAKY: tl.constexpr, RELU: tl.constexpr, DROP: tl.constexpr, GROUPS: tl.constexpr,
    BLOCK_PARTS: tl.constexpr, BLOCK_ROWS: tl.constexpr, BLOCK_CHANNELS: tl.constexpr,
):  # fmt: skip
    """Grid (blocks of channels, blocks of `rows_here` rows, groups), after `moments`; `saved`: (groups, 2, channels) mean and 1/std."""
    group = tl.program_id(2)
    c = tl.program_id(0) * BLOCK_CHANNELS + tl.arange(0, BLOCK_CHANNELS)
    known = c < channels
    scale = tl.full([BLOCK_CHANNELS], 1.0, tl.float32)
    mean = tl.zeros([BLOCK_CHANNELS], tl.float32)
    shift = tl.zeros([BLOCK_CHANNELS], tl.float32)
    if NORM:
        mean, var = _merged(means, squares, group, parts, rows, rows_each, channels, c, known, BLOCK_PARTS)
        rstd = 1.0 / tl.sqrt(var + eps)
        scale = rstd * _of_channels(weight, c, known, 0.0)
        shift = _of_channels(bias, c, known, 0.0)
        if tl.program_id(1) == 0:
            tl.store(saved + group * 2 * channels + c, mean, mask=known)
            tl.store(saved + (group * 2 + 1) * channels + c, rstd, mask=known)
            if group == 0:
                kept_mean = _of_channels(running_mean, c, known, 0.0)
                kept_var = _of_channels(running_var, c, known, 0.0)
                for each in tl.static_range(GROUPS):  # one after another, as if each had been a batch of its own
                    its_mean, its_var = _merged(means, squares, each, parts, rows, rows_each, channels, c, known, BLOCK_PARTS)
                    kept_mean, kept_var = _run_on(kept_mean, kept_var, its_mean, its_var, rows, momentum)
                tl.store(running_mean + c, kept_mean, mask=known)
                tl.store(running_var + c, kept_var, mask=known)
    first = tl.program_id(1) * rows_here
    last = tl.minimum(first + rows_here, rows)
    for start in range(first, last, BLOCK_ROWS):
        block, there = _rows_from(start, last, BLOCK_ROWS)
        y = (_loaded(x, group * rows + block, there, c, known, channels) - mean[None, :]) * scale[None, :] + shift[None, :]
        _results(y, leaky, relu, seeds, group * rows + block, there, c, known, channels, relu_stride, slope, drop, layer, LEAKY, RELU, DROP)


@triton.jit(do_not_specialize=["rows", "layer"])
def forward_at_once(
    x, weight, bias, running_mean, running_var, saved, leaky, relu, seeds,
    rows, channels, relu_stride, momentum, eps, slope, drop, layer,
    LEAKY: tl.constexpr, RELU: tl.constexpr, DROP: tl.constexpr, BLOCK_ROWS: tl.constexpr, BLOCK_CHANNELS: tl.constexpr,
):  # fmt: skip
    """Grid (blocks of channels,): `moments` and `forward` for one group of at most BLOCK_ROWS rows."""
    c = tl.program_id(0) * BLOCK_CHANNELS + tl.arange(0, BLOCK_CHANNELS)
    known = c < channels
    block, there = _rows_from(0, rows, BLOCK_ROWS)
    v = _loaded(x, block, there, c, known, channels)
    mean = tl.sum(v, 0) / rows
    var = _variance(v, there, mean, rows)
    rstd = 1.0 / tl.sqrt(var + eps)
    tl.store(saved + c, mean, mask=known)
    tl.store(saved + channels + c, rstd, mask=known)
    kept_mean = _of_channels(running_mean, c, known, 0.0)
    kept_mean, kept_var = _run_on(kept_mean, _of_channels(running_var, c, known, 0.0), mean, var, rows, momentum)
    tl.store(running_mean + c, kept_mean, mask=known)
    tl.store(running_var + c, kept_var, mask=known)
    scale = rstd * _of_channels(weight, c, known, 0.0)
    y = (v - mean[None, :]) * scale[None, :] + _of_channels(bias, c, known, 0.0)[None, :]
    _results(y, leaky, relu, seeds, block, there, c, known, channels, relu_stride, slope, drop, layer, LEAKY, RELU, DROP)


@triton.jit(do_not_specialize=["rows", "rows_each", "layer"])
def backward_sums(
    x, saved, weight, bias, of_leaky, of_relu, seeds, sums,
    rows, rows_each, channels, leaky_stride, relu_stride, slope, drop, layer,
    LEAKY: tl.constexpr, RELU: tl.constexpr, DROP: tl.constexpr, BLOCK_ROWS: tl.constexpr, BLOCK_CHANNELS: tl.constexpr,
):  # fmt: skip
    """Grid (blocks of channels, parts, groups): of each part, the sums of dy and of dy times the normalised x."""
    part, group = tl.program_id(1), tl.program_id(2)
    c = tl.program_id(0) * BLOCK_CHANNELS + tl.arange(0, BLOCK_CHANNELS)
    known = c < channels
    mean = _of_channels(saved + group * 2 * channels, c, known, 0.0)
    rstd = _of_channels(saved + (group * 2 + 1) * channels, c, known, 0.0)
    w = _of_channels(weight, c, known, 0.0)
    b = _of_channels(bias, c, known, 0.0)
    first = part * rows_each
    last = tl.minimum(first + rows_each, rows)
    total = tl.zeros([BLOCK_CHANNELS], tl.float32)
    product = tl.zeros([BLOCK_CHANNELS], tl.float32)
    for start in range(first, last, BLOCK_ROWS):
        block, there = _rows_from(start, last, BLOCK_ROWS)
        normalised = (_loaded(x, group * rows + block, there, c, known, channels) - mean[None, :]) * rstd[None, :]
        dy = _gradient_of_y(
            normalised * w[None, :] + b[None, :], of_leaky, of_relu, seeds, group * rows + block, there, c, known,
            channels, leaky_stride, relu_stride, slope, drop, layer, LEAKY, RELU, DROP,
        )  # fmt: skip
        total += tl.sum(dy, 0)
        product += tl.sum(dy * normalised, 0)
    at = (group * tl.num_programs(1) + part) * 2 * channels + c
    tl.store(sums + at, total, mask=known)
    tl.store(sums + at + channels, product, mask=known)


@triton.jit
def _added(sums, group, parts, channels, c, known, BLOCK_PARTS: tl.constexpr):
    part = tl.arange(0, BLOCK_PARTS)
    at = (group * parts + part)[:, None] * 2 * channels + c[None, :]
    there = (part < parts)[:, None] & known[None, :]
    total = tl.sum(tl.load(sums + at, mask=there, other=0.0), 0)
    return total, tl.sum(tl.load(sums + at + channels, mask=there, other=0.0), 0)


@triton.jit(do_not_specialize=["rows", "parts", "rows_here", "layer"])
def backward(
    x, saved, weight, bias, of_leaky, of_relu, seeds, sums, dx, of_weight, of_bias,
    rows, parts, rows_here, channels, leaky_stride, relu_stride, slope, drop, layer,
    NORM: tl.constexpr, LEAKY: tl.constexpr, RELU: tl.constexpr, DROP: tl.constexpr, GROUPS: tl.constexpr,
    BLOCK_PARTS: tl.constexpr, BLOCK_ROWS: tl.constexpr, BLOCK_CHANNELS: tl.constexpr,
):  # fmt: skip
    """Grid (blocks of channels, blocks of `rows_here` rows, groups), after `backward_sums`."""
    group = tl.program_id(2)
    c = tl.program_id(0) * BLOCK_CHANNELS + tl.arange(0, BLOCK_CHANNELS)
    known = c < channels
    w = tl.full([BLOCK_CHANNELS], 1.0, tl.float32)
    rstd = tl.full([BLOCK_CHANNELS], 1.0, tl.float32)
    b = tl.zeros([BLOCK_CHANNELS], tl.float32)
    mean = tl.zeros([BLOCK_CHANNELS], tl.float32)
    total = tl.zeros([BLOCK_CHANNELS], tl.float32)
    product = tl.zeros([BLOCK_CHANNELS], tl.float32)
    if NORM:
        mean = _of_channels(saved + group * 2 * channels, c, known, 0.0)
        rstd = _of_channels(saved + (group * 2 + 1) * channels, c, known, 0.0)
        w = _of_channels(weight, c, known, 0.0)
        b = _of_channels(bias, c, known, 0.0)
        if (tl.program_id(1) == 0) & (group == 0):
            for each in tl.static_range(GROUPS):
                more, more_product = _added(sums, each, parts, channels, c, known, BLOCK_PARTS)
                total += more
                product += more_product
            tl.store(of_bias + c, total, mask=known)
            tl.store(of_weight + c, product, mask=known)
        total, product = _added(sums, group, parts, channels, c, known, BLOCK_PARTS)
    first = tl.program_id(1) * rows_here
    last = tl.minimum(first + rows_here, rows)
    for start in range(first, last, BLOCK_ROWS):
        block, there = _rows_from(start, last, BLOCK_ROWS)
        normalised = (_loaded(x, group * rows + block, there, c, known, channels) - mean[None, :]) * rstd[None, :]
        dy = _gradient_of_y(
            normalised * w[None, :] + b[None, :], of_leaky, of_relu, seeds, group * rows + block, there, c, known,
            channels, leaky_stride, relu_stride, slope, drop, layer, LEAKY, RELU, DROP,
        )  # fmt: skip
        if NORM:
            dy = (dy - (total / rows)[None, :] - normalised * (product / rows)[None, :]) * (w * rstd)[None, :]
        _stored(dx, dy, group * rows + block, there, c, known, channels)


@triton.jit(do_not_specialize=["rows", "layer"])
def backward_at_once(
    x, saved, weight, bias, of_leaky, of_relu, seeds, dx, of_weight, of_bias,
    rows, channels, leaky_stride, relu_stride, slope, drop, layer,
    LEAKY: tl.constexpr, RELU: tl.constexpr, DROP: tl.constexpr, BLOCK_ROWS: tl.constexpr, BLOCK_CHANNELS: tl.constexpr,
):  # fmt: skip
    """Grid (blocks of channels,): `backward_sums` and `backward` for one group of at most BLOCK_ROWS rows."""
    c = tl.program_id(0) * BLOCK_CHANNELS + tl.arange(0, BLOCK_CHANNELS)
    known = c < channels
    block, there = _rows_from(0, rows, BLOCK_ROWS)
    mean = _of_channels(saved, c, known, 0.0)
    rstd = _of_channels(saved + channels, c, known, 0.0)
    w = _of_channels(weight, c, known, 0.0)
    b = _of_channels(bias, c, known, 0.0)
    normalised = (_loaded(x, block, there, c, known, channels) - mean[None, :]) * rstd[None, :]
    dy = _gradient_of_y(
        normalised * w[None, :] + b[None, :], of_leaky, of_relu, seeds, block, there, c, known,
        channels, leaky_stride, relu_stride, slope, drop, layer, LEAKY, RELU, DROP,
    )  # fmt: skip
    total = tl.sum(dy, 0)
    product = tl.sum(dy * normalised, 0)
    tl.store(of_bias + c, total, mask=known)
    tl.store(of_weight + c, product, mask=known)
    dy = (dy - (total / rows)[None, :] - normalised * (product / rows)[None, :]) * (w * rstd)[None, :]
    _stored(dx, dy, block, there, c, known, channels)
