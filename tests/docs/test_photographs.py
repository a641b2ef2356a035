"""The photographs that the guide shows are those that the scripts of docs/ make."""

from pathlib import Path

import pytest
from PIL import Image

from docs import make_demo_screenshots, make_mlflow_screenshots, make_page_screenshots
from docs.photographs import HEIGHT, WIDTH
from tests.docs.pages import ROOT, images

DEMO = list(make_demo_screenshots.SHOTS.values())
OUTPUTS = [*make_mlflow_screenshots.SHOTS.values(), *make_page_screenshots.SHOTS.values()]


@pytest.mark.parametrize(("files", "page", "most"), [(DEMO, "use-a-model", 100_000), (OUTPUTS, "outputs", 100_000)])
def test_the_photographs_in_the_guide_are_the_scripts_and_small_enough_for_a_page(files: list[Path], page: str, most: int) -> None:
    assert {file.as_posix() for file in files} <= set(images(f"docs/guide/{page}.md"))
    for file in files:
        assert (ROOT / file).stat().st_size < most
        with Image.open(ROOT / file) as picture:
            assert picture.size == (WIDTH, HEIGHT)
