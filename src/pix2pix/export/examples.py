"""Example images for a model card."""

from pathlib import Path

from PIL import Image

from pix2pix.data.image_files import open_image
from pix2pix.data.image_grid import grid
from pix2pix.data.natural_order import natural_key
from pix2pix.data.prediction_folders import INPUTS, TARGETS
from pix2pix.system.atomic_write import atomic_path

ROWS = 4


def write_examples(path: Path, predictions: Path) -> None:
    """Write `examples` as PNG, atomically."""
    with atomic_path(path) as temporary:
        examples(predictions).save(temporary, "PNG")


def examples(predictions: Path) -> Image.Image:
    """A grid, RGB, of the first `ROWS` predictions of a folder in natural order: input, output and target in each row.

    Raises ValueError if there are no predictions.
    """
    names = sorted((path.name for path in predictions.glob("*.png")), key=natural_key)[:ROWS]
    return grid([[_opened(predictions / part / name) for part in (INPUTS, ".", TARGETS)] for name in names])


def _opened(path: Path) -> Image.Image:
    with open_image(path) as image:
        return image.convert("RGB")
