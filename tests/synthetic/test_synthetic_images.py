"""What every synthetic image promises, whatever its subject."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from pix2pix.data.palettes import FACADES
from pix2pix.download.catalogue import CATALOG
from pix2pix.synthetic import facade_layout, facades, maps
from pix2pix.synthetic.archive import SYNTHETIC_SETS

# the published colours of the classes of cityscapes that are drawn, from `road` to `car`
CITYSCAPES = {
    (128, 64, 128), (244, 35, 232), (70, 70, 70), (153, 153, 153), (250, 170, 30),
    (107, 142, 35), (152, 251, 152), (70, 130, 180), (220, 20, 60), (0, 0, 142),
}  # fmt: skip
PAIRS = [name for name, published in CATALOG.items() if published.kind == "pairs"]
Draw = Callable[[np.random.Generator, int], Image.Image]


def images(name: str, count: int, size: int = 48) -> list[np.ndarray]:
    return [np.asarray(SYNTHETIC_SETS[name].draw(np.random.default_rng(seed), size)) for seed in range(count)]


def colors(image: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(color) for color in np.unique(image.reshape(-1, 3), axis=0).tolist()}


@pytest.mark.parametrize("size", [32, 61, 96])
@pytest.mark.parametrize("name", SYNTHETIC_SETS)
def test_an_image_has_the_size_that_was_asked_for(name: str, size: int) -> None:
    image = SYNTHETIC_SETS[name].draw(np.random.default_rng(5), size)
    assert image.mode == "RGB"
    assert image.size == ((2 * size, size) if name in PAIRS else (size, size))


@pytest.mark.parametrize("name", SYNTHETIC_SETS)
def test_the_same_generator_draws_the_same_image_and_another_one_another(name: str) -> None:
    first, second = images(name, 2), images(name, 2)
    assert np.array_equal(first[0], second[0])
    assert not np.array_equal(first[0], first[1])


@pytest.mark.parametrize("name", SYNTHETIC_SETS)
def test_no_two_of_many_images_are_alike(name: str) -> None:
    drawn = np.stack(images(name, 12, 32)).astype(int)
    for i in range(12):
        for j in range(i):
            assert np.abs(drawn[i] - drawn[j]).mean() > 1


@pytest.mark.parametrize("name", ["food", "anime"])
def test_images_to_be_coloured_are_colourful(name: str) -> None:
    spread = [np.ptp(image.astype(int), axis=2).mean() for image in images(name, 30)]
    assert np.median(spread) > 40  # levels between the strongest and the weakest channel; 0 is grey
    assert min(spread) > 10


@pytest.mark.parametrize("name", ["food", "anime"])
def test_the_grey_image_is_not_flat(name: str) -> None:
    assert all(image.mean(axis=2).std() > 20 for image in images(name, 30))


def test_label_maps_of_facades_hold_the_published_colours_and_nothing_else() -> None:
    palette = set(FACADES.values())
    seen: set[tuple[int, ...]] = set()
    for pair in images("facades", 40):
        labels = colors(pair[:, 48:])
        assert labels <= palette
        seen |= labels
    assert seen == palette  # every class occurs


def test_label_maps_of_cityscapes_hold_the_published_colours_and_nothing_else() -> None:
    seen = [colors(pair[:, 48:]) for pair in images("cityscapes", 20)]
    assert set().union(*seen) == CITYSCAPES  # every class occurs


@pytest.mark.parametrize("name", ["edges2shoes", "edges2handbags"])
def test_edge_drawings_are_black_on_white_and_on_the_left(name: str) -> None:
    for pair in images(name, 10):
        edges, photo = pair[:, :48], pair[:, 48:]
        assert (np.ptp(edges.astype(int), axis=2) == 0).all()
        assert 0.5 < (edges == 255).mean() < 0.99
        assert np.ptp(photo.astype(int), axis=2).max() > 15


def test_the_photo_of_a_facade_follows_from_its_label_map() -> None:
    """Painting each class in the mean colour that it has in houses with the same classes beats every answer that ignores the labels."""
    pairs = np.stack(images("facades", 120)).astype(int)
    photos, labels = pairs[:, :, :48], pairs[:, :, 48:]
    masks = np.stack([(labels == color).all(axis=-1) for color in FACADES.values()])  # class, image, y, x
    kinds = [tuple(row) for row in masks.any(axis=(2, 3)).T.tolist()]
    off, off_mean, off_copied, mean = [], [], [], photos[:80].mean(axis=0)
    for i in range(80, 120):
        alike = [k for k in range(80) if kinds[k] == kinds[i]] or list(range(80))
        painted = np.zeros((48, 48, 3))
        for mask in masks:
            if mask[alike].any():
                painted[mask[i]] = photos[alike][mask[alike]].mean(axis=0)
        off.append(np.abs(painted - photos[i]).mean())
        off_mean.append(np.abs(mean - photos[i]).mean())
        off_copied.append(np.abs(labels[i] - photos[i]).mean())
    assert np.mean(off) < 0.85 * np.mean(off_mean)
    assert np.mean(off) < 0.4 * np.mean(off_copied)


def test_houses_with_the_same_parts_have_the_same_colours() -> None:
    """The wall's colour is a function of the label map's classes and floors, as `facade_layout` promises, so it can be learnt."""
    walls: dict[tuple[frozenset[str], int], set[tuple[int, int, int]]] = {}
    for seed in range(200):
        layout = facade_layout.lay_out(np.random.default_rng(seed), 96)
        rows = len({part.y0 for part in layout.parts if part.kind == "window"})
        kinds = frozenset(part.kind for part in layout.parts) - {"shop", "door"}
        walls.setdefault((kinds, rows), set()).add(layout.wall_color)
    assert all(len(styles) <= 3 for styles in walls.values())
    assert len({color for styles in walls.values() for color in styles}) == sum(len(style.walls) for style in facade_layout.STYLES)


def test_parts_of_a_facade_lie_inside_the_image() -> None:
    for seed in range(50):
        for part in facade_layout.lay_out(np.random.default_rng(seed), 40).parts:
            assert 0 <= part.x0 < part.x1 <= 40
            assert 0 <= part.y0 < part.y1 <= 40


def test_maps_show_water_parks_and_streets_where_the_aerial_image_has_them() -> None:
    pairs = np.stack(images("maps", 12)).astype(int)
    aerial, drawn = pairs[:, :, :48].reshape(-1, 3), pairs[:, :, 48:].reshape(-1, 3)

    def seen_from_above(color: tuple[int, int, int]) -> np.ndarray:
        return aerial[(np.abs(drawn - color) <= 2).all(axis=1)].mean(axis=0)

    red, green, blue = seen_from_above(maps.PARK)
    assert green > red and green > blue
    red, green, blue = seen_from_above(maps.WATER)
    assert blue > green > red
    assert np.ptp(seen_from_above(maps.AVENUE)) < 15  # asphalt is grey


def test_night_is_darker_than_day_and_shows_the_same_place() -> None:
    pairs = np.stack(images("night2day", 12)).astype(float)
    nights, days = pairs[:, :, :48].mean(axis=3), pairs[:, :, 48:].mean(axis=3)
    assert (nights.mean(axis=(1, 2)) < 0.6 * days.mean(axis=(1, 2))).all()
    steps = [np.abs(np.diff(half, axis=2)) > 8 for half in (nights, days)]  # edges of houses and hills lie at the same spots

    def shared(shift: int) -> float:
        return float((steps[0] & np.roll(steps[1], shift, axis=0)).sum() / steps[0].sum())

    assert shared(0) > 1.5 * shared(1)


def test_drawing_leaves_the_same_amount_of_chance_to_whoever_draws_next() -> None:
    """An image is a function of the generator's state, so drawing from one generator in a row gives a stream that repeats."""
    one, other = np.random.default_rng(3), np.random.default_rng(3)
    for _ in range(3):
        assert np.array_equal(np.asarray(facades.draw(one, 32)), np.asarray(facades.draw(other, 32)))
    assert one.random() == other.random()
