from pathlib import Path

import pytest
from PIL import Image

from docs.make_demo_screenshots import HEIGHT, SHOTS, WIDTH
from tests.docs.pages import ROOT, images


@pytest.mark.parametrize("file", SHOTS.values(), ids=SHOTS)
def test_the_photographs_in_the_guide_are_the_scripts_and_small_enough_for_a_page(file: Path) -> None:
    assert file.as_posix() in images("docs/guide/use-a-model.md")
    assert (ROOT / file).stat().st_size < 200_000
    with Image.open(ROOT / file) as picture:
        assert picture.size == (WIDTH, HEIGHT)
