"""Resize an RGB image into planes: by compiled code if numba is installed, else by Pillow, with the same bytes."""

import functools
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from pix2pix.data.images import FILTERS

Array = np.ndarray[Any, Any]
Resize = Callable[[Array, int, Array, str], None]


def resize_to_planes(image: Array, size: int, planes: Array, *, resize: str) -> None:
    """Resize an image as Pillow's `Image.resize((size, size))`, and write it into `planes`.

    image: (height, width, 3) uint8. planes: (3, size, size) uint8. resize: bicubic, area or bilinear."""
    _fastest()(image, size, planes, resize)


def pillow_resize(image: Array, size: int, planes: Array, resize: str) -> None:
    """`resize_to_planes` with Pillow."""
    resized = Image.fromarray(image)
    if resized.size != (size, size):
        resized = resized.resize((size, size), FILTERS[resize])
    planes[:] = np.asarray(resized).transpose(2, 0, 1)


@functools.cache
def _fastest() -> Resize:
    if importlib.util.find_spec("numba") is None:
        return pillow_resize
    from pix2pix.data.compiled_resize import compiled_resize  # numba takes half a second to import

    return compiled_resize
