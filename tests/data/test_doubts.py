import pytest

from pix2pix.data import pixels
from pix2pix.data.doubts import Doubts
from pix2pix.prepare import set_doubts


@pytest.mark.parametrize(
    ("what", "one"),
    [
        (set_doubts.GREY, "1 of 3 images is grey"),
        (set_doubts.NO_PAIR, "1 of 3 images looks like"),
        (set_doubts.TWO_SHAPES, "1 of 3 images has an A and a B"),
        (pixels.NARROW, "1 of 3 images uses a small part"),
        (pixels.FOURTH_BAND, "1 of 3 images does not say"),
        (pixels.PROFILE, "1 of 3 images has a colour profile"),
    ],
)
def test_a_sentence_on_one_image_is_in_the_singular(what: str, one: str) -> None:
    doubts = Doubts()
    doubts.add("a.png", [(what, "detail")])
    assert doubts.lines(3)[0].startswith(one)
    assert doubts.lines(1)[0].startswith(one.replace("1 of 3 images", "1 of 1 image"))
    doubts.add("b.png", [(what, "other")])
    assert doubts.lines(3)[0] == f"2 of 3 images {what} (a.png: detail)"
