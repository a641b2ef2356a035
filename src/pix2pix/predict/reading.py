"""Read image files of any format into 8-bit RGB frames, and keep their transparency and animation."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence

from pix2pix.data.images import SIXTEEN_BIT, BadImage, opened, to_rgb

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
    """

    frames: list[Pixels]
    alpha: list[Pixels]
    moving: str
    durations: list[int]
    loop: int | None
    notes: list[str]


def read(file: Path) -> ImageFile:
    """Read a file of any format that Pillow supports. Frames are composited over white; their transparency is kept in `alpha`.

    Raises BadImage if the file is no image, is damaged, or has more than 100 million pixels in all frames; OSError if it cannot be
    read.
    """
    with opened(file.read_bytes()) as image:
        frames, alpha, durations, notes = [], [], [], _notes(image)
        count = getattr(image, "n_frames", 1)
        moving = (image.format or "") if count > 1 and image.format in MOVING else ""
        if count > 1 and not moving:
            notes.append(f"only the first of its {count} images")
        elif count * image.width * image.height > 100_000_000:
            raise BadImage(f"{count} frames of {image.width}x{image.height}: above the limit of 100 million pixels together")
        for frame in ImageSequence.Iterator(image) if moving else [image]:
            frame.load()
            durations.append(round(frame.info.get("duration", 0)) or _DURATION)
            upright = ImageOps.exif_transpose(frame)
            frames.append(np.asarray(to_rgb(upright)))
            alpha.append(_alpha(upright))
        loop = image.info.get("loop")
    see_through = any(plane.min() < 255 for plane in alpha)
    return ImageFile(frames, alpha if see_through else [], moving, durations if moving else [], loop, notes)


def _alpha(image: Image.Image) -> Pixels:
    if image.mode in SIXTEEN_BIT:  # a PNG's transparent level, which Pillow does not convert to an alpha channel
        return np.where(np.asarray(image.convert("I")) == image.info.get("transparency", -1), 0, 255).astype(np.uint8)
    if not image.has_transparency_data:
        return np.full((image.height, image.width), 255, dtype=np.uint8)
    return np.asarray(image.convert("RGBA").getchannel("A"))


def _notes(image: Any) -> list[str]:
    notes = []
    if image.mode in SIXTEEN_BIT:
        notes.append("16-bit grey brought to 8 bits")
    elif image.mode == "CMYK":
        notes.append("CMYK turned to RGB without its colour profile")
    if image.getexif().get(0x0112, 1) != 1:
        notes.append("turned upright as its EXIF says")
    return notes
