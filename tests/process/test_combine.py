"""Two folders become pairs: matched by name, apart again as they were."""

import io
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pix2pix.data.bad_image import BadImage
from pix2pix.errors import UserError
from pix2pix.process.operations import plan_combine
from tests.halves import halves

Draw = Callable[..., Path]


def test_pairs_come_apart_into_the_two_pictures_exactly(tmp_path: Path, draw: Draw) -> None:
    draw("A/x.png", seed=1), draw("B/x.bmp", seed=2), draw("A/deep/y 2.PNG", seed=3), draw("B/deep/y 2.tiff", seed=4)
    tasks = {str(task.target): task for task in plan_combine(tmp_path / "A", tmp_path / "B", "png").tasks}
    assert sorted(tasks) == ["deep/y 2.png", "x.png"]
    for task in tasks.values():
        parts = halves(Image.open(io.BytesIO(task.content())))
        for part, source in zip(parts, task.sources, strict=True):
            assert np.array_equal(np.asarray(part), np.asarray(Image.open(source)))


def test_grey_and_see_through_pictures_make_pairs_with_coloured_ones(tmp_path: Path, draw: Draw) -> None:
    Image.open(draw("A/x.png")).convert("L").save(tmp_path / "A/x.png")
    Image.open(draw("B/x.png")).convert("RGBA").save(tmp_path / "B/x.png")
    (task,) = plan_combine(tmp_path / "A", tmp_path / "B", "png").tasks
    assert Image.open(io.BytesIO(task.content())).mode == "RGB"


def test_a_picture_without_a_partner_is_listed_and_the_others_are_paired(tmp_path: Path, draw: Draw) -> None:
    draw("A/x.png"), draw("A/y.png"), draw("B/y.png"), draw("B/z.png"), draw("B/deep/x.png")
    plan = plan_combine(tmp_path / "A", tmp_path / "B", "png")
    assert [str(task.target) for task in plan.tasks] == ["y.png"]
    assert [(file.relative_to(tmp_path).as_posix(), reason) for file, reason in plan.unusable] == [
        ("A/x.png", f"no image of this name in {tmp_path / 'B'}"),
        ("B/deep/x.png", f"no image of this name in {tmp_path / 'A'}"),
        ("B/z.png", f"no image of this name in {tmp_path / 'A'}"),
    ]


def test_names_match_however_their_accents_are_written(tmp_path: Path, draw: Draw) -> None:
    draw(f"A/{unicodedata.normalize('NFC', 'Zürich é')}.png"), draw(f"B/{unicodedata.normalize('NFD', 'Zürich é')}.png")
    plan = plan_combine(tmp_path / "A", tmp_path / "B", "png")
    assert len(plan.tasks) == 1 and not plan.unusable


def test_two_pictures_of_one_name_in_a_folder_are_told(tmp_path: Path, draw: Draw) -> None:
    draw("A/x.png"), draw("B/x.png"), draw("B/x.jpg")
    with pytest.raises(UserError, match=r"files of the same name.*\n  - x\.jpg and x\.png\n"):
        plan_combine(tmp_path / "A", tmp_path / "B", "png")


def test_pictures_that_make_no_pair_are_refused_with_the_one_at_fault(tmp_path: Path, draw: Draw) -> None:
    draw("A/size.png", 12, 10), draw("B/size.png", 10, 12), draw("A/torn.png"), draw("B/torn.png").write_bytes(b"no picture")
    size, torn = plan_combine(tmp_path / "A", tmp_path / "B", "png").tasks
    with pytest.raises(BadImage, match="A is 12x10, B is 10x12 pixels"):
        size.content()
    with pytest.raises(BadImage, match=r"its B, .*B/torn\.png: not an image"):
        torn.content()
