"""Generate an image in tiles, for images that do not fit into memory.

Tiles overlap by half and are blended linearly, which hides their borders. The generator should use `running` statistics: with those of
each tile, neighbouring tiles would differ in colour. A tile does not depend on the rest of the image.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_AT_ONCE = 8


def tiled(generate: Callable[[Pixels], Pixels], image: Pixels, side: int) -> Pixels:
    """Run `generate` on overlapping tiles of an image, and blend the outputs. Besides image and result, a row of tiles is in memory.

    generate: (n, h, w, 3) uint8 -> (n, h, w, 3) uint8. image: (H, W, 3) uint8. side: pixels of a tile's side;
    the side of a smaller image. Returns (H, W, 3) uint8."""
    height, width = image.shape[:2]
    tall, wide = min(side, height), min(side, width)
    ramps = np.outer(_ramp(tall), _ramp(wide)).astype(np.float32)[:, :, None]
    total, weight = np.zeros((tall, width, 3), np.float32), np.zeros((tall, width, 1), np.float32)  # of the rows from `begin` on
    blended, begin = np.empty_like(image), 0
    places = [(top, left) for top in _starts(height, tall) for left in _starts(width, wide)]
    for some in _groups(places):
        outputs = generate(np.stack([image[top : top + tall, left : left + wide] for top, left in some]))
        for (top, left), output in zip(some, outputs, strict=True):
            if top > begin:
                _finish(blended[begin:top], total, weight)
                begin = top
            total[:, left : left + wide] += output * ramps
            weight[:, left : left + wide] += ramps
    _finish(blended[begin:], total, weight)
    return blended


def _finish(rows: Pixels, total: NDArray[np.float32], weight: NDArray[np.float32]) -> None:
    """Write the first rows of the sums to `rows`, (n, W, 3) uint8, and make room for n further ones at the end."""
    count = len(rows)
    np.clip(np.rint(total[:count] / weight[:count]), 0, 255, out=rows, casting="unsafe")
    for sums in (total, weight):
        sums[:-count] = sums[count:]
        sums[-count:] = 0


def _ramp(length: int) -> NDArray[np.float32]:
    """Blending weights of a tile's side, a triangle above 0: two that overlap by half sum to a constant."""
    place = np.arange(length, dtype=np.float32) + 0.5
    return np.minimum(place, length - place)


def _starts(length: int, side: int) -> list[int]:
    step = max(1, side // 2)
    return sorted({*range(0, length - side, step), length - side})


def _groups(places: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    for start in range(0, len(places), _AT_ONCE):
        yield places[start : start + _AT_ONCE]
