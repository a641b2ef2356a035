from pathlib import Path

import pytest
from PIL import Image

from docs.make_mlflow_screenshots import HEIGHT, SHOTS, WIDTH

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("file", SHOTS.values(), ids=SHOTS)
def test_the_photographs_in_the_readme_are_the_scripts(file: Path) -> None:
    assert f"]({file})" in (ROOT / "README.md").read_text(encoding="utf-8")
    with Image.open(ROOT / file) as picture:
        assert picture.size == (WIDTH, HEIGHT)


def test_the_photographs_together_are_small_enough_for_a_page() -> None:
    assert sum((ROOT / file).stat().st_size for file in SHOTS.values()) < 600_000
