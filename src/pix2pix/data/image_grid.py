"""Combine images of the same size into one grid image."""

from collections.abc import Sequence

from PIL import Image

MIDDLE_GREY = (128, 128, 128)  # suits white and black pages


def grid(rows: Sequence[Sequence[Image.Image]], *, gap: int = 4) -> Image.Image:
    """RGB image with `gap` grey pixels between neighbours and no outer border.

    rows: of one length; images of any mode. Raises ValueError if there are no images, or if they differ in size.
    """
    if not rows or not rows[0]:
        raise ValueError("a grid needs at least one image")
    columns, (width, height) = len(rows[0]), rows[0][0].size
    sheet = Image.new("RGB", (columns * (width + gap) - gap, len(rows) * (height + gap) - gap), MIDDLE_GREY)
    for y, row in enumerate(rows):
        for x, image in enumerate(row):
            if image.size != (width, height):
                raise ValueError(f"image {x} of row {y} is {image.size}, the first one is {(width, height)}")
            sheet.paste(image.convert("RGB"), (x * (width + gap), y * (height + gap)))
    return sheet
