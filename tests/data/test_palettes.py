"""Label maps in the wrong colours, and what is no label map."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pix2pix.data.palettes import FACADES, is_label_map, palette_of, snapped
from tests.inference.models import noise_image


def label_map() -> NDArray[np.uint8]:
    """Twelve squares of 16 pixels, one of each colour."""
    squares = np.kron(np.arange(12).reshape(3, 4), np.ones((16, 16), dtype=int))
    return np.array(list(FACADES.values()), dtype=np.uint8)[squares]


def as_jpeg(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=75)
    return np.asarray(Image.open(file))


def recoloured(colours: list[tuple[int, int, int]]) -> NDArray[np.uint8]:
    """The squares of `label_map` in other colours."""
    places = (label_map()[:, :, None] == np.array(list(FACADES.values()))).all(axis=3).argmax(axis=2)
    return np.array(colours, dtype=np.uint8)[places % len(colours)]


def test_the_inputs_themselves_decide_whether_they_are_label_maps_of_the_palette() -> None:
    assert palette_of([label_map()]) == palette_of([as_jpeg(label_map()), label_map()]) == FACADES
    photo = noise_image(48, 64) // 4 + 96
    assert palette_of([photo]) == palette_of([label_map(), photo]) == palette_of([]) == {}
    primary = [(255, 0, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255)]  # bright, but other colours
    assert palette_of([recoloured(primary)]) == palette_of([recoloured(primary[:1])]) == {}


def test_each_pixel_becomes_the_nearest_colour() -> None:
    image, colours = noise_image(70, 9), np.array(list(FACADES.values()))
    expected = [
        [min(colours.tolist(), key=lambda c: sum((int(a) - b) ** 2 for a, b in zip(p, c, strict=True))) for p in row] for row in image
    ]
    assert snapped(image, FACADES).tolist() == expected


def test_snapping_undoes_jpeg_and_a_colour_pickers_slips_and_leaves_the_palette_alone() -> None:
    exact, file = label_map(), io.BytesIO()
    assert np.array_equal(snapped(exact, FACADES), exact)
    Image.fromarray(exact).save(file, "JPEG", quality=90, subsampling=0)
    assert (snapped(np.asarray(Image.open(file)), FACADES) == exact).all(axis=2).mean() > 0.95
    slipped = np.clip(exact.astype(int) + np.random.default_rng(0).integers(-20, 21, exact.shape), 0, 255).astype(np.uint8)
    assert (snapped(slipped, FACADES) == exact).all(axis=2).mean() > 0.95
    assert is_label_map(slipped, FACADES)


def test_a_photo_and_a_grey_picture_are_no_label_maps() -> None:
    assert not is_label_map(np.full((8, 8, 3), 128, np.uint8), FACADES)
    assert not is_label_map((noise_image(64, 64) // 4 + 96), FACADES)
