"""Convert colours to sRGB by the ICC profile that an image carries."""

import functools
import io

import numpy as np
from PIL import Image, ImageCms

_MODES = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}  # colour space in a profile's header (ICC.1, 7.2.6) -> mode of the image
_SRGB_LEVELS = 1  # profiles of sRGB differ by this much from each other


class BadProfile(Exception):
    """The profile cannot be used. The message is the reason."""


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """RGB, L or CMYK image -> RGB image in sRGB. A profile that says sRGB changes no bit; to one for RGB, grey is three equal channels.

    Raises BadProfile.
    """
    mode = _MODES.get(profile[16:20])
    if mode == "RGB" and image.mode == "L":
        image = image.convert("RGB")
    if mode != image.mode:
        space = profile[16:20].decode("latin-1").strip()
        raise BadProfile(f"is damaged ({len(profile)} bytes)" if mode is None else f"is for {space}, its pixels are {image.mode}")
    transform = _transform(profile, mode)
    if transform is None:
        return image.convert("RGB")
    return transform.apply(image)


def lab_to_srgb(image: Image.Image) -> Image.Image:
    """CIE Lab image, as TIFF files have it, -> RGB."""
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB").apply(image)


@functools.lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """LittleCMS's transform to sRGB; None if the profile is sRGB itself. Raises BadProfile."""
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(opened, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        raise BadProfile(f"is damaged ({error})") from None
    if mode == "CMYK":
        return transform
    # sRGB has many profiles (HP's, Apple's, Facebook's): what it does to colours tells, not its name
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3) if mode == "RGB" else np.arange(256, dtype=np.uint8)[None]
    probe = Image.fromarray(grid)
    off = np.abs(np.asarray(transform.apply(probe)).astype(int) - np.asarray(probe.convert("RGB")))
    return None if off.max() <= _SRGB_LEVELS else transform
