"""Write the sample sheets of a training as an animation that plays in a README."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from pix2pix.data.image_grid import MIDDLE_GREY
from pix2pix.errors import UserError
from pix2pix.pages.film import sample_sheets
from pix2pix.pages.inline_image import open_image
from pix2pix.system.atomic_write import atomic_path, write_errors

FORMATS = {".webp": "WEBP", ".gif": "GIF"}
STRIP = 20  # pixels of the line with the epoch below each sheet
LAST = 4  # the last sheet is shown this many times as long


def write_film(samples: Path, output: Path, *, seconds: float) -> int:
    """Write an animation of all sample sheets, ordered by epoch and repeated for ever, with the epoch below each. Returns their number.

    Args:
        samples: folder with `epoch-<number>.png`, all of one size.
        output: a .webp or .gif file; its folder is created.
        seconds: how long each sheet is shown; above 0.

    Raises UserError if the name ends otherwise, there are no sheets, one is damaged or of another size, or the file cannot be written.
    """
    form = FORMATS.get(output.suffix.lower())
    if form is None:
        raise UserError(f"{output} must end in {' or '.join(FORMATS)}")
    sheets = sample_sheets(samples)
    if not sheets:
        raise UserError(f"{samples} has no sample sheets (epoch-0001.png and so on); those of a training are in data/samples/<dataset>")
    frames = [_frame(epoch, open_image(path)) for epoch, path in sheets]
    for frame, (_, path) in zip(frames, sheets, strict=True):
        if frame.size != frames[0].size:
            raise UserError(f"{path} is of another size than {sheets[0][1].name}: the sheets must be of one training")
    milliseconds = round(1000 * seconds)
    durations = [milliseconds] * (len(frames) - 1) + [LAST * milliseconds]
    with write_errors(output), atomic_path(output) as temporary:
        frames[0].save(temporary, form, save_all=True, append_images=frames[1:], duration=durations, loop=0, quality=90)
    return len(frames)


def _frame(epoch: int, sheet: Image.Image) -> Image.Image:
    frame = Image.new("RGB", (sheet.width, sheet.height + STRIP), MIDDLE_GREY)
    frame.paste(sheet)
    ImageDraw.Draw(frame).text((4, sheet.height + 3), f"epoch {epoch}", fill="white", font=ImageFont.load_default(13))
    return frame
