"""Pillow's resize of 8-bit RGB, bit for bit, compiled by numba; `python -m benchmarks data` measures reading and preparing.

Pillow computes in integers: weights are rounded to 1 / 2**22, and each of the two passes, horizontal and vertical, rounds its sum to 8 bits
(Pillow 13, src/libImaging/Resample.c). Integer sums do not depend on their order, so the horizontal pass is vectorised over 64 rows, the
vertical one over the pixels of a row.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import int32, int64, types, uint8, void

Array = np.ndarray[Any, Any]
_BITS = 22  # fractional bits of a weight: an int32 less 8 bits for the pixel and 2 for the sign and a sum of weights up to 2
_HALF = 1 << (_BITS - 1)
_CHANNELS = 3
_LANES = 64  # rows that the horizontal pass computes at once
_BLOCK = 32  # pixels of these rows that are transposed at once; they fit into the L1 cache


def compiled_resize(image: Array, size: int, planes: Array, resize: str) -> None:
    """`resize.resize_to_planes`, compiled: (height, width, 3) uint8 -> `planes`, (3, size, size) uint8, written in place."""
    height, width, _ = image.shape
    if height == width == size:
        _split_channels(*_flat(image), planes)
        return
    rows, columns = _taps(height, size, resize), _taps(width, size, resize)
    if height - size > max(0, 2 * (width - size)):  # as in Pillow, the vertical pass then comes first: fewer rows are left
        flat = np.ascontiguousarray(image).reshape(1, height, width * _CHANNELS)
        narrow = np.empty((1, size, width * _CHANNELS), dtype=np.uint8)
        _vertical(flat, *rows, narrow)
        _horizontal(narrow.reshape(size, width, _CHANNELS), *columns, planes)
    else:
        narrow = np.empty((_CHANNELS, height, size), dtype=np.uint8)
        _horizontal(image, *columns, narrow)
        _vertical(narrow, *rows, planes)


def _bicubic(x: float) -> float:
    """Keys' cubic kernel with a = -0.5 (Keys 1981)."""
    x = abs(x)
    if x < 1:
        return (1.5 * x - 2.5) * x * x + 1
    return (((x - 5) * x + 8) * x - 4) * -0.5 if x < 2 else 0.0


def _bilinear(x: float) -> float:
    return max(0.0, 1.0 - abs(x))


def _area(x: float) -> float:
    return 1.0 if -0.5 < x <= 0.5 else 0.0


_KERNELS: dict[str, tuple[Callable[[float], float], float]] = {
    "bicubic": (_bicubic, 2.0),
    "area": (_area, 0.5),
    "bilinear": (_bilinear, 1.0),
}


@functools.lru_cache
def _taps(source: int, size: int, resize: str) -> tuple[Array, Array]:
    """(first, weights): output pixel i is the sum of `weights[i, k]` times source pixel `first[i] + k`.

    first: (size,) int64. weights: (size, taps) int32, in units of 1 / 2**22."""
    kernel, support = _KERNELS[resize]
    scale = source / size
    stretch = max(scale, 1.0)
    reach = support * stretch
    count = min(source, math.ceil(reach) * 2 + 1)
    first = np.empty(size, dtype=np.int64)
    weights = np.zeros((size, count), dtype=np.int32)
    for pixel in range(size):
        centre = (pixel + 0.5) * scale
        low, high = max(0, int(centre - reach + 0.5)), min(source, int(centre + reach + 0.5))
        raw = [kernel((x - centre + 0.5) * (1.0 / stretch)) for x in range(low, high)]
        total = functools.reduce(float.__add__, raw, 0.0)  # sum() of Python 3.12 is more exact than C's loop, and must not be
        first[pixel] = min(low, source - count)  # no tap, not even one of weight 0, may be past the last source pixel
        for x, weight in enumerate(raw, start=low - int(first[pixel])):
            share = weight / total if total else weight
            weights[pixel, x] = int(share * (1 << _BITS) + math.copysign(0.5, share))
    return first, weights


def _flat(image: Array) -> tuple[Array, int]:
    """The bytes of an image as a flat view, and its row stride in bytes. A crop, such as half of a side-by-side image, is not copied."""
    height, width, _ = image.shape
    if image.strides[1:] != (_CHANNELS, 1) or image.strides[0] < width * _CHANNELS:
        image = np.ascontiguousarray(image)
    stride = image.strides[0]
    length = (height - 1) * stride + width * _CHANNELS
    return np.lib.stride_tricks.as_strided(image, (length,), (1,), writeable=False), stride


_TAPS, _PLANES = (int64[::1], int32[:, ::1]), uint8[:, :, ::1]


def _read_only(dimensions: int, order: str) -> Any:
    """numba type of a read-only uint8 array, in any memory order ("A") or in C order ("C")."""
    return types.Array(uint8, dimensions, order, readonly=True)


def _compiled(*arguments: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorator that compiles a function for arguments of these types; the compiled function releases the GIL."""
    return numba.njit(void(*arguments), nogil=True, cache=True)


@_compiled(_read_only(3, "A"), *_TAPS, _PLANES)
def _horizontal(image: Array, first: Array, weights: Array, planes: Array) -> None:
    """(height, width, 3) -> (3, height, size), both uint8."""
    height, width, _ = image.shape
    size, count = weights.shape
    lanes = np.empty((width * _CHANNELS, _LANES), dtype=np.uint8)  # the rows transposed, so that neighbours in memory have the same weight
    sums, levels = np.empty(_LANES, dtype=np.int32), np.empty(_LANES, dtype=np.uint8)
    for top in range(0, height, _LANES):
        rows = min(_LANES, height - top)
        for left in range(0, width, _BLOCK):
            for row in range(rows):
                for x in range(left, min(left + _BLOCK, width)):
                    for channel in range(_CHANNELS):
                        lanes[x * _CHANNELS + channel, row] = image[top + row, x, channel]
        for pixel in range(size):
            for channel in range(_CHANNELS):
                sums[:] = _HALF
                for tap in range(count):
                    weight = weights[pixel, tap]
                    if weight:
                        place = (first[pixel] + tap) * _CHANNELS + channel
                        for row in range(_LANES):
                            sums[row] += lanes[place, row] * weight
                for row in range(_LANES):
                    levels[row] = min(max(sums[row] >> _BITS, 0), 255)
                for row in range(rows):
                    planes[channel, top + row, pixel] = levels[row]


@_compiled(_read_only(3, "C"), *_TAPS, _PLANES)
def _vertical(planes: Array, first: Array, weights: Array, out: Array) -> None:
    """(planes, height, width) -> (planes, size, width), both uint8."""
    width = planes.shape[2]
    size, count = weights.shape
    sums = np.empty(width, dtype=np.int32)
    for plane in range(len(planes)):
        for pixel in range(size):
            sums[:] = _HALF
            for tap in range(count):
                weight = weights[pixel, tap]
                if weight:
                    row = first[pixel] + tap
                    for x in range(width):
                        sums[x] += planes[plane, row, x] * weight
            for x in range(width):
                out[plane, pixel, x] = min(max(sums[x] >> _BITS, 0), 255)


@_compiled(_read_only(1, "C"), int64, _PLANES)
def _split_channels(content: Array, stride: int, planes: Array) -> None:
    """`_flat` of an image -> planes (3, height, width). The constant stride 3 is vectorised; NumPy takes ten times as long."""
    _, height, width = planes.shape
    for y in range(height):
        row = content[y * stride : y * stride + width * _CHANNELS]
        red, green, blue = planes[0, y], planes[1, y], planes[2, y]
        for x in range(width):
            red[x], green[x], blue[x] = row[_CHANNELS * x], row[_CHANNELS * x + 1], row[_CHANNELS * x + 2]
