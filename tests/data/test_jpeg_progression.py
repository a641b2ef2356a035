"""Progressive JPEG files cut anywhere: refused, unless every scan is there."""

import io

import numpy as np
import pytest
from PIL import Image

from pix2pix.data.bad_image import BadImage
from pix2pix.data.images import decode
from pix2pix.data.jpeg_progression import lacks_scans


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_progressive_file_cut_anywhere_is_refused_or_has_all_its_pixels(mode: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (24, 20, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    whole, used = np.asarray(decode(data)), 0
    assert not lacks_scans(data)
    for end in range(len(data) // 8, len(data)):
        try:
            assert np.array_equal(np.asarray(decode(data[:end])), whole), end
            used += 1
        except BadImage:
            pass
    assert used >= 1  # without its end mark
