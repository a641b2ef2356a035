from pathlib import Path

import pytest
from PIL import Image

from docs.make_overview import DATASETS, GAP, HEAD, SIDE, overview
from pix2pix.data.prediction_folders import INPUTS, TARGETS


def test_the_first_and_the_last_picture_of_each_dataset_are_shown_as_input_output_and_target(tmp_path: Path) -> None:
    shown = [("1", INPUTS), ("1", "."), ("1", TARGETS), ("10", INPUTS), ("10", "."), ("10", TARGETS)]
    colours = {}
    for place, dataset in enumerate(DATASETS):
        for number, (name, part) in enumerate([*shown, ("2", "."), ("2", INPUTS), ("2", TARGETS)]):
            colours[dataset, name, part] = (60 * place, 20 * number, 200)
            path = tmp_path / dataset / part / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8), colours[dataset, name, part]).save(path)
    picture = overview(tmp_path)
    for row, dataset in enumerate(DATASETS):
        for column, (name, part) in enumerate(shown):
            middle = (column * (SIDE + GAP) + SIDE // 2, HEAD + row * (SIDE + GAP) + SIDE // 2)
            assert picture.getpixel(middle) == colours[dataset, name, part]


def test_without_predictions_the_message_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="dvc repro"):
        overview(tmp_path)
