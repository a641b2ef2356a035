"""Outputs as files."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from pix2pix.predict.reading import MOVING, ImageFile
from pix2pix.system.atomic_write import atomic_path, write_errors

Pixels = NDArray[np.uint8]

_MADE_BY = "pix2pix predict"  # as Exif's Software, and as a GIF's comment


def ending(image: ImageFile) -> str:
    """`.png` for a still; an animation stays what it is."""
    return MOVING[image.moving] if image.moving else ".png"


def is_output(path: Path) -> bool:
    """Whether `write` made this file, and may make it again."""
    try:
        with Image.open(path) as image:
            return image.getexif().get(ExifTags.Base.Software) == _MADE_BY or image.info.get("comment") == _MADE_BY.encode()
    except Exception:  # Pillow names no type: whatever is wrong with a file, it is none of ours
        return False


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = _MADE_BY
    return exif


def write(path: Path, frames: list[Pixels], like: ImageFile, *, alpha: bool) -> None:
    """Write the outputs for the frames of `like`, atomically; `alpha`: with its transparency. Raises UserError where it cannot."""
    if alpha and like.alpha:
        frames = [np.dstack([frame, plane]) for frame, plane in zip(frames, like.alpha, strict=True)]
    first, *others = (Image.fromarray(frame) for frame in frames)
    how: dict[str, Any] = {"format": like.moving or "PNG"}
    how |= {"comment": _MADE_BY.encode()} if like.moving == "GIF" else {"exif": _exif()}
    if like.moving:
        how |= {"save_all": True, "append_images": others, "duration": like.durations}
        how |= {"loop": like.loop} if like.loop is not None else {}
        how |= {"lossless": True} if like.moving == "WEBP" else {}
        how |= {"disposal": 2} if like.moving == "GIF" and like.alpha else {}  # else what is see-through shows the frame before
    with write_errors(path), atomic_path(path) as temporary:
        first.save(temporary, **how)
