import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pix2pix.synthetic.canvas import Canvas, between, blob, daylight, light, mix, pick, ring, smooth, speckle, vary

channel = st.integers(0, 255)
color = st.tuples(channel, channel, channel)


@given(color, color, st.floats(-3, 4))
def test_a_mixed_colour_is_a_colour(first: tuple[int, int, int], second: tuple[int, int, int], share: float) -> None:
    assert all(0 <= value <= 255 for value in mix(first, second, share))
    assert mix(first, second, 0) == first
    assert mix(first, second, 1) == second


@given(color, st.integers(0, 40), st.integers(0, 99))
def test_a_varied_colour_stays_near(base: tuple[int, int, int], spread: int, seed: int) -> None:
    varied = vary(np.random.default_rng(seed), base, spread)
    assert all(abs(p - q) <= spread and 0 <= p <= 255 for p, q in zip(varied, base, strict=True))


def test_light_of_strength_one_changes_nothing() -> None:
    assert light((10, 200, 255), 1) == (10, 200, 255)
    assert light((10, 200, 255), 2) == (20, 255, 255)


def test_chance_stays_within_its_bounds_and_reaches_every_item() -> None:
    rng = np.random.default_rng(0)
    assert all(2 <= between(rng, 2, 3) < 3 for _ in range(100))
    assert {pick(rng, "abc") for _ in range(100)} == {"a", "b", "c"}


def test_smoothing_stays_inside_the_polygon_and_doubles_the_corners() -> None:
    square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    rounded = smooth(square, 2)
    assert len(rounded) == 16
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in rounded)
    assert smooth(square, 0) == square


def test_a_ring_is_an_ellipse() -> None:
    assert all(abs(((x - 3) / 2) ** 2 + ((y - 4) / 5) ** 2 - 1) < 1e-4 for x, y in ring(3, 4, 2, 5))
    assert all(abs((x / 5) ** 2 + (y / 2) ** 2 - 1) < 1e-4 for x, y in ring(0, 0, 2, 5, turn=9))  # a quarter turn


def test_a_smooth_blob_without_roughness_keeps_within_its_radius() -> None:
    outline = blob(np.random.default_rng(0), 0, 0, 1, 1, rough=0)
    assert all(0.8 < x * x + y * y <= 1 for x, y in outline)


def test_a_box_covers_whole_pixels_exactly() -> None:
    canvas = Canvas(8, span=8)
    canvas.box(2, 3, 5, 4, (255, 0, 0))
    red = np.asarray(canvas.finish())[..., 0]
    assert red.sum() == 3 * 255
    assert (red[3, 2:5] == 255).all()


@pytest.mark.parametrize("edge", [None, (0, 255, 0)])
def test_both_ways_of_drawing_an_ellipse_agree(edge: tuple[int, int, int] | None) -> None:
    canvas = Canvas(64)
    canvas.ellipse(0.5, 0.5, 0.4, 0.2, (255, 0, 0), edge=edge, width=0)
    area = (np.asarray(canvas.finish()).max(axis=2) / 255).sum() / 64**2
    assert area == pytest.approx(3.1416 * 0.4 * 0.2, rel=0.05)


def test_a_pose_moves_turns_and_zooms_about_its_centre() -> None:
    canvas = Canvas(100).posed(0.5, 0.5, turn=1.0, zoom=2.0, move=(0.1, 0.0))
    assert canvas.device([(0.5, 0.5)]) == [(180, 150)]
    (x, y), half = canvas.device([(0.6, 0.5)])[0], 0.2 * 300 / 2**0.5  # 45 degrees, clockwise as y points down
    assert abs(x - 180 - half) <= 1 and abs(y - 150 - half) <= 1


def test_local_coordinates_nest_and_share_the_image() -> None:
    canvas = Canvas(96)
    inner = canvas.at(0.25, 0.5, 0.5).at(0.5, 0, 0.25, 0.5)
    assert inner.device([(0, 0), (1, 1)]) == canvas.device([(0.5, 0.5), (0.625, 0.75)])
    assert inner.scale == 0.25
    inner.box(0, 0, 1, 1, (255, 0, 0))
    assert np.asarray(canvas.finish())[48:72, 48:60, 0].min() == 255


def test_the_mirrored_side_lies_left_of_the_axis() -> None:
    centre = Canvas(96).at(0.5, 0.5)
    left, right = centre.both_sides()
    assert left.device([(0.25, 0.1)]) == centre.device([(-0.25, 0.1)])
    assert right.device([(0.25, 0.1)]) == centre.device([(0.25, 0.1)])


def test_daylight_falls_off_to_the_lower_right() -> None:
    grey = Image.new("RGB", (64, 64), (128, 128, 128))
    lit = np.asarray(daylight(grey, np.random.default_rng(0), gain=1100, fade=100, spread=0, grain=0)).astype(int)
    assert lit[0, 0, 0] == 128 * 1100 // 1024
    assert (np.diff(lit[..., 0], axis=0) <= 0).all() and (np.diff(lit[..., 0], axis=1) <= 0).all()


def test_a_shadow_darkens_only_what_lies_under_it() -> None:
    canvas = Canvas(60, (200, 200, 200))
    canvas.shadow([ring(0.25, 0.25, 0.15, 0.15)], 0.5, 0.02)
    image = np.asarray(canvas.finish())
    assert image[15, 15, 0] < 130
    assert (image[40:, 40:] == 200).all()


def test_grain_is_grey_and_bounded() -> None:
    flat = np.full((16, 16, 3), 100, np.int32)
    grain = np.asarray(speckle(flat, np.random.default_rng(0), 5)).astype(int) - 100
    assert (np.ptp(grain, axis=2) == 0).all()
    assert grain.min() == -5 and grain.max() == 5


def test_a_second_colour_draws_the_same_shape_in_the_second_image() -> None:
    canvas = Canvas(16, (0, 0, 0), (9, 9, 9))
    canvas.box(0, 0, 0.5, 1, (255, 0, 0), (0, 255, 0))
    canvas.ellipse(0.75, 0.5, 0.2, 0.2, None, (0, 0, 255))
    pair = np.asarray(canvas.finish_pair(np.random.default_rng(0), grain=0, labels=True))
    assert (pair[:, :8] == (255, 0, 0)).all() and (pair[:, 8:16] == 0).all()
    assert (pair[:, 16:24] == (0, 255, 0)).all() and (pair[8, 28] == (0, 0, 255)).all() and (pair[0, 31] == 9).all()


def test_a_turned_box_keeps_its_area() -> None:
    canvas = Canvas(64)
    canvas.posed(0.5, 0.5, turn=0.5).box(0.3, 0.3, 0.7, 0.7, (255, 0, 0))
    assert np.asarray(canvas.finish())[..., 0].sum() / 255 / 64**2 == pytest.approx(0.16, rel=0.05)
