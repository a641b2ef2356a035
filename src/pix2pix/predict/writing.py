"""Write output files, and recognise those of earlier calls."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from pix2pix.data.image_files import open_image
from pix2pix.predict.reading import MOVING, ImageFile
from pix2pix.system.atomic_write import atomic_path, write_errors

Pixels = NDArray[np.uint8]

_MADE_BY = "pix2pix predict"  # marks outputs, as EXIF Software or GIF comment
_MARK = _MADE_BY.encode()
_NEAR = 4096  # bytes


def ending(image: ImageFile) -> str:
    """Suffix of the output: `.png` for a still image, that of its format for an animation."""
    return MOVING[image.moving] if image.moving else ".png"


def is_output(path: str | Path) -> bool:
    """Whether `write` wrote this file, so that it may be overwritten. Most other files show it in their first bytes."""
    try:
        if not str(path).lower().endswith(tuple(MOVING.values())) or not _may_have_mark(path):
            return False
        with open_image(Path(path)) as image:
            return image.getexif().get(ExifTags.Base.Software) == _MADE_BY or image.info.get("comment") == _MARK
    except Exception:  # Pillow raises various types; a file that it cannot read is no output
        return False


def _may_have_mark(path: str | Path) -> bool:
    """Whether the mark is near the begin of the file, as in PNG and GIF, or the end, as in WebP."""
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # in half the time of `open`, as there may be many
    try:
        head = os.pread(file, _NEAR, 0)
        return _MARK in head or (head.startswith(b"RIFF") and _MARK in os.pread(file, _NEAR, max(0, os.fstat(file).st_size - _NEAR)))
    finally:
        os.close(file)


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = _MADE_BY
    return exif


def write(path: Path, frames: list[Pixels], like: ImageFile, *, alpha: bool) -> None:
    """Write output frames, (H, W, 3) uint8 RGB each, to `path` atomically.

    like: the input, whose format, durations and loop the output gets. alpha: also copy its transparency.
    Raises UserError if the file cannot be written."""
    if alpha and like.alpha:
        frames = [np.dstack([frame, plane]) for frame, plane in zip(frames, like.alpha, strict=True)]
    first, *others = (Image.fromarray(frame) for frame in frames)
    how: dict[str, Any] = {"format": like.moving or "PNG"}
    how |= {"comment": _MARK} if like.moving == "GIF" else {"exif": _exif()}
    if like.moving:
        how |= {"save_all": True, "append_images": others, "duration": like.durations}
        how |= {"loop": like.loop} if like.loop is not None else {}
        how |= {"lossless": True} if like.moving == "WEBP" else {}
        how |= {"disposal": 2} if like.moving == "GIF" and like.alpha else {}  # else the previous frame shows through
    with write_errors(path), atomic_path(path) as temporary:
        first.save(temporary, **how)
