"""Earlier fakes that the discriminator is shown again."""

import torch

from pix2pix.train.image_pool import ImagePool


def fakes(start: int, count: int) -> torch.Tensor:
    """Images that differ by their one value."""
    return torch.arange(start, start + count, dtype=torch.float32).view(-1, 1, 1, 1).expand(-1, 3, 2, 2)


def values(shown: torch.Tensor) -> list[int]:
    return [int(value) for value in shown[:, 0, 0, 0]]


def test_size_zero_passes_fakes_through() -> None:
    given = fakes(0, 4)
    assert ImagePool(0).exchange(given) is given and ImagePool(0).state() == {}


def test_until_it_is_full_the_new_ones_are_shown() -> None:
    assert values(ImagePool(5).exchange(fakes(0, 5))) == [0, 1, 2, 3, 4]


def test_then_half_of_the_time_an_old_one_comes_back_and_none_comes_twice() -> None:
    torch.manual_seed(0)
    pool = ImagePool(20)
    shown = [value for start in range(0, 2000, 4) for value in values(pool.exchange(fakes(start, 4)))]
    old = [value for turn, value in enumerate(shown) if value != turn]
    assert 0.4 < len(old) / len(shown) < 0.6
    assert len(set(shown[20:])) == len(shown[20:]), "what was given back has left the pool"
    assert max(turn - value for turn, value in enumerate(shown)) > 20, "some wait longer than the pool is large"


def test_it_goes_on_from_its_saved_state() -> None:
    torch.manual_seed(0)
    whole = ImagePool(3)
    whole.exchange(fakes(0, 7))
    resumed = ImagePool(3)
    resumed.load_state(whole.state())
    shown = []
    for pool in (whole, resumed):
        torch.manual_seed(1)
        shown.append(values(pool.exchange(fakes(10, 30))))
    assert shown[0] == shown[1]
    empty = ImagePool(3)
    empty.load_state(ImagePool(3).state())
    assert values(empty.exchange(fakes(0, 2))) == [0, 1]
