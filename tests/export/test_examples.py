"""The pictures beside a card: what was drawn, between what it was drawn from and what it should be, not the best ones."""

from pathlib import Path

import pytest
from PIL import Image

from pix2pix.export.examples import ROWS, examples

SIDE, GAP = 8, 4


def drawn(folder: Path, count: int) -> Path:
    """Predictions whose levels tell which picture they are (green) and whether it is input, output or target (red)."""
    for red, part in enumerate(("inputs", ".", "targets")):
        (folder / part).mkdir(parents=True, exist_ok=True)
        for number in range(1, count + 1):
            Image.new("RGB", (SIDE, SIDE), (red, number, 0)).save(folder / part / f"{number}.png")
    return folder


@pytest.mark.parametrize("count", [1, 3, 12])
def test_a_row_for_each_of_the_first_pictures_with_input_output_and_target(tmp_path: Path, count: int) -> None:
    sheet = examples(drawn(tmp_path, count))
    rows = min(count, ROWS)
    assert sheet.size == (3 * SIDE + 2 * GAP, rows * (SIDE + GAP) - GAP)
    step = SIDE + GAP
    found = [[sheet.getpixel((x * step, y * step)) for x in range(3)] for y in range(rows)]
    assert found == [[(red, number, 0) for red in range(3)] for number in range(1, rows + 1)]  # 2 before 10


def test_without_predictions_there_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one image"):
        examples(tmp_path)
