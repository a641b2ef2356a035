"""Combine images of the same size into one grid image."""

from collections.abc import Sequence

from PIL import Image

MIDDLE_GREY = (128, 128, 128)  # suits white and black pages


def grid(rows: Sequence[Sequence[Image.Image]], *, gap: int = 4, background: tuple[int, int, int] = MIDDLE_GREY) -> Image.Image:
    """Return a grid of images with `gap` pixels between neighbours and no outer border.

    Args:
        rows: at least one row of at least one image. All rows have the same length, all images the same size; any mode.
        gap: pixels between neighbours, 0 or more.
        background: RGB of the gaps, 0..255.

    Returns:
        One RGB image of `columns * width + (columns - 1) * gap` by `rows * height + (rows - 1) * gap` pixels.

    Raises:
        ValueError: no images, rows of different lengths, images of different sizes, or a negative gap.
    """
    if not rows or not rows[0]:
        raise ValueError("a grid needs at least one image")
    if gap < 0:
        raise ValueError(f"gap is {gap}, it must be 0 or more")
    columns, (width, height) = len(rows[0]), rows[0][0].size
    sheet = Image.new("RGB", (columns * (width + gap) - gap, len(rows) * (height + gap) - gap), background)
    for y, row in enumerate(rows):
        if len(row) != columns:
            raise ValueError(f"row {y} has {len(row)} images, row 0 has {columns}")
        for x, image in enumerate(row):
            if image.size != (width, height):
                raise ValueError(f"image {x} of row {y} is {image.size}, the first one is {(width, height)}")
            sheet.paste(image.convert("RGB"), (x * (width + gap), y * (height + gap)))
    return sheet
