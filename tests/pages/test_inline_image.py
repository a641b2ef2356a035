import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pix2pix.pages.inline_image import inline_image


@pytest.mark.parametrize(("size", "expected"), [((64, 64), (64, 64)), ((512, 512), (256, 256)), ((600, 200), (256, 85))])
def test_pictures_keep_their_shape_and_never_grow(size: tuple[int, int], expected: tuple[int, int]) -> None:
    found = inline_image(Image.new("RGB", size))
    assert (found.width, found.height) == expected


def test_the_inlined_picture_looks_like_the_original_in_colour_too() -> None:
    stripes = np.zeros((64, 64, 3), dtype=np.uint8)
    stripes[:, ::8], stripes[:, 4::8] = (230, 40, 40), (40, 40, 230)
    stripes = np.repeat(stripes[:, ::4], 4, axis=1)
    found = inline_image(Image.fromarray(stripes))
    data = base64.b64decode(found.src.partition(",")[2])
    shown = np.asarray(Image.open(BytesIO(data)), dtype=int)
    assert np.abs(shown - stripes).mean() < 4
