from pathlib import Path

import pytest
from PIL import Image

from docs.make_mlflow_screenshots import HEIGHT, SHOTS, WIDTH
from tests.docs.pages import ROOT, images


@pytest.mark.parametrize("file", SHOTS.values(), ids=SHOTS)
def test_the_photographs_in_the_guide_are_the_scripts(file: Path) -> None:
    assert file.as_posix() in images("docs/guide/outputs.md")
    with Image.open(ROOT / file) as picture:
        assert picture.size == (WIDTH, HEIGHT)


def test_the_photographs_together_are_small_enough_for_a_page() -> None:
    assert sum((ROOT / file).stat().st_size for file in SHOTS.values()) < 600_000
