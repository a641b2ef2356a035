import base64
from collections.abc import Callable
from functools import partial
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pix2pix.pages.inline_image import SMALL, InlineImage, inline_image, inline_sheet


@pytest.mark.parametrize(("size", "expected"), [((64, 64), (64, 64)), ((2048, 2048), (512, 512)), ((1200, 400), (512, 171))])
def test_pictures_keep_their_shape_and_never_grow(size: tuple[int, int], expected: tuple[int, int]) -> None:
    found = inline_image(Image.new("RGB", size))
    assert (found.width, found.height) == expected


@pytest.mark.parametrize("encode", [inline_image, partial(inline_sheet, longest=64)])
def test_an_image_that_is_not_scaled_keeps_every_level(encode: Callable[[Image.Image], InlineImage]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    found = encode(Image.fromarray(pixels))
    assert (np.asarray(Image.open(BytesIO(base64.b64decode(found.src.partition(",")[2])))) == pixels).all()


def test_a_large_sheet_is_scaled_and_a_jpeg_of_nearly_the_same_colours() -> None:
    stripes = np.repeat(np.array([[(230, 40, 40), (40, 40, 230)] * 4], dtype=np.uint8), 8, axis=1).repeat(64, axis=0)
    found = inline_sheet(Image.fromarray(stripes), longest=32)
    assert (found.src[:16], found.width, found.height) == ("data:image/jpeg;", 32, 32)
    shown = np.asarray(Image.open(BytesIO(base64.b64decode(found.src.partition(",")[2]))), dtype=int)
    assert np.abs(shown - stripes[::2, ::2]).mean() <= 12


def test_a_sheet_above_the_limit_is_a_jpeg_of_its_own_size() -> None:
    found = inline_sheet(Image.new("RGB", (SMALL + 1, 8)), longest=640)
    assert (found.src[:16], found.width, found.height) == ("data:image/jpeg;", SMALL + 1, 8)
