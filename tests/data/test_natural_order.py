from hypothesis import given
from hypothesis import strategies as st

from pix2pix.data.natural_order import natural_key


def test_digits_compare_as_numbers() -> None:
    assert sorted(["10.jpg", "9.jpg", "1.jpg", "2.jpg"], key=natural_key) == ["1.jpg", "2.jpg", "9.jpg", "10.jpg"]
    assert sorted(["a10b2", "a10b10", "a9b30"], key=natural_key) == ["a9b30", "a10b2", "a10b10"]


def test_equal_numbers_are_told_apart_by_the_plain_string() -> None:
    assert sorted(["1.jpg", "01.jpg", "001.jpg"], key=natural_key) == ["001.jpg", "01.jpg", "1.jpg"]


@given(st.lists(st.text(alphabet="a0129.x/٣²", max_size=8), unique=True), st.randoms())
def test_the_order_does_not_depend_on_where_the_names_came_from(names: list[str], random: object) -> None:
    shuffled = list(names)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sorted(shuffled, key=natural_key) == sorted(names, key=natural_key)


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_any_two_numbers_sort_by_value(a: int, b: int) -> None:
    assert (natural_key(f"x{a}.png") < natural_key(f"x{b}.png")) == (a < b)
