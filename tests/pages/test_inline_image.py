import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pix2pix.pages.inline_image import inline_image


@pytest.mark.parametrize(("size", "expected"), [((64, 64), (64, 64)), ((2048, 2048), (512, 512)), ((1200, 400), (512, 171))])
def test_pictures_keep_their_shape_and_never_grow(size: tuple[int, int], expected: tuple[int, int]) -> None:
    found = inline_image(Image.new("RGB", size))
    assert (found.width, found.height) == expected


@pytest.mark.parametrize("lossless", [True, False])
def test_an_image_that_is_compared_keeps_every_level_and_others_nearly(lossless: bool) -> None:
    stripes = np.zeros((64, 64, 3), dtype=np.uint8)
    stripes[:, ::8], stripes[:, 4::8] = (230, 40, 40), (40, 40, 230)
    stripes = np.repeat(stripes[:, ::4], 4, axis=1)
    found = inline_image(Image.fromarray(stripes), lossless=lossless)
    shown = np.asarray(Image.open(BytesIO(base64.b64decode(found.src.partition(",")[2]))), dtype=int)
    assert np.abs(shown - stripes).mean() <= (0 if lossless else 4)
