"""Read image files into 8-bit RGB frames, and keep their transparency and animation."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ImageSequence

from pix2pix.data.bad_image import BadImage
from pix2pix.data.decode_memory import decode_memory
from pix2pix.data.image_files import in_words
from pix2pix.data.images import opened
from pix2pix.data.pixels import AS_STORED, Notes, Reading, to_frame

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
