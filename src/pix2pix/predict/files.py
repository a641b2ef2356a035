"""Read image files into 8-bit RGB frames with transparency and animation; write output files, and recognise those of earlier calls."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageSequence

from pix2pix.data.bad_image import BadImage
from pix2pix.data.decode_memory import decode_memory
from pix2pix.data.image_files import in_words, open_image
from pix2pix.data.images import opened
from pix2pix.data.pixels import AS_STORED, Notes, Reading, to_frame
from pix2pix.system.atomic_write import atomic_path, write_errors

Pixels = NDArray[np.uint8]

MOVING = {"GIF": ".gif", "WEBP": ".webp", "PNG": ".png"}  # format of an animation -> file suffix
_DURATION = 100  # ms of a frame without a duration, as in browsers


@dataclass(frozen=True)
class ImageFile:
    """Content of an image file.

    Attributes:
        frames: (H, W, 3) uint8 RGB each, upright; one for a still image.
        alpha: (H, W) uint8 for each frame; empty if no pixel of the file is transparent.
        moving: format of an animation: GIF, WEBP or PNG; "" for a still image.
        durations: ms of each frame of an animation; empty for a still image.
        loop: repetitions of an animation; 0: endless, None: plays once.
        notes: conversions from the file to plain RGB, as text for the user.
        doubts: as in `Notes`.
    """

    frames: list[Pixels]
    alpha: list[Pixels]
    moving: str
    durations: list[int]
    loop: int | None
    notes: list[str]
    doubts: list[tuple[str, str]] = field(default_factory=list)


def read(file: Path, reading: Reading = AS_STORED) -> ImageFile:
    """Read an image file. Frames are composited over white; their transparency is kept in `alpha`.

    Raises BadImage if the file is no image, is damaged, or has too many pixels in all frames; OSError if it cannot be read.
    """
    notes, content = Notes(), file.read_bytes()
    with decode_memory.taken([content]), opened(content, reading, notes) as image:
        count = getattr(image, "n_frames", 1)
        moving = (image.format or "") if count > 1 and image.format in MOVING else ""
        if count > 1 and not moving:
            notes.done.append(f"only the first of its {count} images")
        elif count * image.width * image.height > reading.max_pixels:
            size = f"{count} frames of {image.width}x{image.height}"
            raise BadImage(f"{size}: together above the limit of {in_words(reading.max_pixels)} pixels")
        frames, durations = [], []
        for frame in ImageSequence.Iterator(image) if moving else [image]:
            frames.append(to_frame(frame, reading, notes))
            durations.append(round(frame.info.get("duration", 0)) or _DURATION)
        loop = image.info.get("loop")
    see_through = any(frame.alpha is not None for frame in frames)
    alpha = [np.full(frame.rgb.size[::-1], 255, np.uint8) if frame.alpha is None else frame.alpha for frame in frames if see_through]
    rgb, done = [np.asarray(frame.rgb) for frame in frames], [*dict.fromkeys(notes.done)]
    return ImageFile(rgb, alpha, moving, durations if moving else [], loop, done, notes.doubts)


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
