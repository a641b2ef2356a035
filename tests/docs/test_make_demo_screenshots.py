from pathlib import Path

import pytest
from PIL import Image

from docs.make_demo_screenshots import HEIGHT, SHOTS, WIDTH

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("file", SHOTS.values(), ids=SHOTS)
def test_the_photographs_in_the_readme_are_the_scripts_and_small_enough_for_a_page(file: Path) -> None:
    assert str(file) in (ROOT / "README.md").read_text(encoding="utf-8")
    assert (ROOT / file).stat().st_size < 200_000
    with Image.open(ROOT / file) as picture:
        assert picture.size == (WIDTH, HEIGHT)
