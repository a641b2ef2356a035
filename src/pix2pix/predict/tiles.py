"""Images that do not fit into memory, piece by piece.

Tiles overlap by half and are blended linearly, which hides their borders. Each is normalised by the training's statistics: by its own, a
tile of sky would come out in other colours than the tile beside it. What no tile sees is the whole image.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_AT_ONCE = 8


def tiled(generate: Callable[[Pixels], Pixels], image: Pixels, side: int) -> Pixels:
    """(H, W, 3) uint8 -> the same, by `generate`, (n, h, w, 3) -> (n, h, w, 3) uint8, on tiles of `side` pixels, or of what there is."""
    height, width = image.shape[:2]
    tall, wide = min(side, height), min(side, width)
    ramps = np.outer(_ramp(tall), _ramp(wide)).astype(np.float32)[:, :, None]
    total, weight = np.zeros((height, width, 3), np.float32), np.zeros((height, width, 1), np.float32)
    places = [(top, left) for top in _starts(height, tall) for left in _starts(width, wide)]
    for some in _groups(places):
        outputs = generate(np.stack([image[top : top + tall, left : left + wide] for top, left in some]))
        for (top, left), output in zip(some, outputs, strict=True):
            total[top : top + tall, left : left + wide] += output * ramps
            weight[top : top + tall, left : left + wide] += ramps
    np.divide(total, weight, out=total)
    return np.rint(total, out=total).clip(0, 255).astype(np.uint8)


def _ramp(length: int) -> NDArray[np.float32]:
    """Up and down again, above 0 everywhere: two that overlap by half add up to a constant."""
    place = np.arange(length, dtype=np.float32) + 0.5
    return np.minimum(place, length - place)


def _starts(length: int, side: int) -> list[int]:
    step = max(1, side // 2)
    return sorted({*range(0, length - side, step), length - side})


def _groups(places: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    for start in range(0, len(places), _AT_ONCE):
        yield places[start : start + _AT_ONCE]
