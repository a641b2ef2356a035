"""Draw docs/overview.png from the predictions that `dvc repro` left: python -m docs.make_overview"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from pix2pix.data.image_grid import grid
from pix2pix.data.natural_order import natural_key
from pix2pix.data.prediction_folders import INPUTS, TARGETS
from pix2pix.pages.inline_image import evenly

PREDICTIONS = Path("data/predictions")
PICTURE = Path("docs/overview.png")
DATASETS = ("facades", "food", "anime")
COLUMNS = ("input", "output of the model", "target") * 2
SIDE = 128  # pixels of one image; smaller ones are enlarged without smoothing
HEAD, GAP = 22, 4  # pixels
DARK, LIGHT = (40, 40, 40), (240, 240, 240)


def overview(predictions: Path) -> Image.Image:
    """A row for each dataset: the first and the last image of its evaluation split, each as input, output and target; RGB.

    Raises FileNotFoundError where a dataset has no predictions yet.
    """
    return _headed(grid([_row(predictions / dataset) for dataset in DATASETS], gap=GAP), COLUMNS)


def _row(folder: Path) -> list[Image.Image]:
    names = sorted((path.name for path in folder.glob("*.png")), key=natural_key)
    if not names:
        raise FileNotFoundError(f"{folder} holds no predictions; make them with `dvc repro`")
    shown = [folder / part / name for name in evenly(names, 2) for part in (INPUTS, ".", TARGETS)]
    return [Image.open(path).convert("RGB").resize((SIDE, SIDE), Image.Resampling.NEAREST) for path in shown]


def _headed(sheet: Image.Image, titles: tuple[str, ...]) -> Image.Image:
    """The same with a title above each column."""
    whole = Image.new("RGB", (sheet.width, sheet.height + HEAD), DARK)
    whole.paste(sheet, (0, HEAD))
    draw, font = ImageDraw.Draw(whole), ImageFont.load_default(size=12)
    for column, title in enumerate(titles):
        draw.text((column * (SIDE + GAP) + SIDE / 2, HEAD / 2), title, fill=LIGHT, font=font, anchor="mm")
    return whole


if __name__ == "__main__":
    overview(PREDICTIONS).save(PICTURE, optimize=True)
    print(f"open {PICTURE}")
