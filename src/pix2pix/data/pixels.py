"""A loaded Pillow image of any mode -> 8-bit RGB in sRGB, upright, and its transparency."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image, TiffImagePlugin

from pix2pix.data import grey_levels
from pix2pix.data.bad_image import BadImage
from pix2pix.data.colour_profile import BadProfile, lab_to_srgb, to_srgb
from pix2pix.data.image_files import MAX_PIXELS
from pix2pix.data.orientation import turn

Array = np.ndarray[Any, Any]

_DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")  # modes of grey of more than 8 bits
_BITS, _PHOTOMETRIC, _SAMPLES, _PLANAR, _EXTRA_SAMPLES, _SAMPLE_FORMAT = 258, 262, 277, 284, 338, 339  # tags of TIFF 6.0
_LENGTH, _STRIPS, _ROWS_PER_STRIP = 257, 273, 278
_WHITE_IS_ZERO, _SEPARATE, _SIGNED = 0, 2, 2
# Pillow reads these of the other byte order only
TiffImagePlugin.OPEN_INFO.setdefault((TiffImagePlugin.MM, 0, (1,), 1, (16,), ()), ("I;16B", "I;16B"))

NARROW = "use a small part of their range, so that they are all but flat; prepare.levels or --levels (stretch, LOW-HIGH) widens it"
FOURTH_BAND = "do not say what the fourth band of the TIFF file is: it is taken for transparency; take an infrared band out"
LOST_TRANSPARENCY = "are taken for opaque, as the chunk that says what is transparent is damaged"
PROFILE = "have a colour profile that cannot be used: their colours are taken for sRGB"


@dataclass(frozen=True)
class Reading:
    """How files are read.

    levels: of grey images, also of three equal channels, as in `grey_levels.to_8_bits`. max_pixels: files with more, in all frames
    together, are refused.
    """

    levels: str = grey_levels.STORED
    max_pixels: int = MAX_PIXELS


AS_STORED = Reading()


@dataclass(frozen=True)
class Notes:
    """What the user may want to know of a file that was read.

    done: conversions, as text. doubts: (what, detail) of what may make its pixels wrong; `what` is one of the texts above.
    """

    done: list[str] = field(default_factory=list)
    doubts: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Frame:
    """RGB image, upright and over white, and its alpha, (H, W) uint8; None if no pixel is transparent."""

    rgb: Image.Image
    alpha: Array | None


def to_frame(image: Image.Image, reading: Reading, notes: Notes) -> Frame:
    """Load an image and convert it. Raises BadImage for levels of unknown range, and what Pillow raises for damaged files."""
    turned = turn(image)  # asked for before loading: a TIFF turns itself then
    image.load()
    tags: Mapping[int, Any] = image.tag_v2 if isinstance(image, TiffImagePlugin.TiffImageFile) else {}
    _check_tiff(image, tags)
    if image.mode == "RGBA" and tags.get(_SAMPLES) == 4 and tags.get(_EXTRA_SAMPLES) is None:
        notes.doubts.append((FOURTH_BAND, "no tag ExtraSamples"))
    colours, alpha = _deep_grey(image, tags, reading, notes) if image.mode in _DEEP else _layers(image)
    if image.mode not in _DEEP:
        colours = _leveled(colours, reading, notes)
    rgb = _srgb(colours, image.info.get("icc_profile"), notes)
    if alpha is not None:
        rgb.putalpha(alpha)
        rgb = Image.alpha_composite(Image.new("RGBA", rgb.size, (255, 255, 255, 255)), rgb).convert("RGB")
    if turned is not None:
        notes.done.append("turned upright as its EXIF says")
        if not tags:
            rgb, alpha = rgb.transpose(turned), alpha.transpose(turned) if alpha else None
    rgb.info.clear()  # else a profile or a comment goes into files written from it
    transparent = alpha is not None and alpha.getextrema() != (255, 255)
    return Frame(rgb, np.asarray(alpha) if transparent else None)


def _check_tiff(image: Image.Image, tags: Mapping[int, Any]) -> None:
    """Raise BadImage for what Pillow reads, but wrongly."""
    bits = tags.get(_BITS, (8,))[0]
    if tags.get(_PLANAR) == _SEPARATE and len(image.getbands()) > 1 and bits != 8:
        raise BadImage(f"a TIFF of separate planes of {bits} bits, which is not read: save it with 8 bits, or its bands interleaved")
    if tags.get(_SAMPLE_FORMAT, (1,))[0] == _SIGNED and image.mode not in _DEEP:
        raise BadImage("a TIFF of signed levels of 8 bits, which is not read: save it with 16 bits")
    height, strips = tags.get(_LENGTH, 0), tags.get(_STRIPS)
    planes = tags.get(_SAMPLES, 1) if tags.get(_PLANAR) == _SEPARATE else 1
    if strips and len(strips) < planes * -(-height // (tags.get(_ROWS_PER_STRIP) or height)):
        raise BadImage("damaged: it has fewer pixels than its header claims")


def _layers(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """8-bit image -> its colours (L, RGB, CMYK or LAB), and its alpha as L or None."""
    if image.has_transparency_data:
        alpha = image.convert("RGBA").getchannel("A")
        return image.convert("L" if image.mode in ("L", "LA") else "RGBA").convert("L" if image.mode in ("L", "LA") else "RGB"), alpha
    return image if image.mode in ("L", "RGB", "CMYK", "LAB") else image.convert("RGB"), None


def _deep_grey(image: Image.Image, tags: Mapping[int, Any], reading: Reading, notes: Notes) -> tuple[Image.Image, Image.Image | None]:
    """Grey of 12, 16 or 32 bits, or floating point -> L, and its alpha where a PNG names a transparent level."""
    levels = np.asarray(image if image.mode == "F" else image.convert("I"))
    bits = tags.get(_BITS, (16,))[0]
    top = None if image.mode == "F" else 2 ** min(bits, 16) - 1
    grey = grey_levels.to_8_bits(levels, top, reading.levels)
    notes.done.append(f"{'floating-point' if top is None else '16-bit'} grey brought to 8 bits")
    if top is not None and reading.levels == grey_levels.STORED:
        _doubt_narrow(int(levels.min()), int(levels.max()), top, notes)
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        grey = 255 - grey
    if "transparency" not in image.info:
        return Image.fromarray(grey), None
    return Image.fromarray(grey), Image.fromarray(np.where(levels == image.info["transparency"], 0, 255).astype(np.uint8))


def _leveled(image: Image.Image, reading: Reading, notes: Notes) -> Image.Image:
    """8-bit colours with the wanted levels, if they are grey."""
    if image.mode not in ("L", "RGB"):
        return image
    if reading.levels == grey_levels.STORED:
        levels = np.asarray(image)  # takes a third of the time of Image.getextrema
        _doubt_narrow(int(levels.min()), int(levels.max()), 255, notes)
        return image
    channels = np.asarray(image)
    if image.mode == "RGB" and (channels != channels[..., :1]).any():
        return image
    return Image.fromarray(grey_levels.to_8_bits(channels if image.mode == "L" else channels[..., 0], 255, reading.levels))


def _doubt_narrow(low: int, high: int, top: int, notes: Notes) -> None:
    used = grey_levels.narrow(low, high, top)
    if used:
        notes.doubts.append((NARROW, used))


def _srgb(image: Image.Image, profile: bytes | None, notes: Notes) -> Image.Image:
    """Colours -> RGB in sRGB, by the image's profile if it has one that fits."""
    if profile:
        try:
            return to_srgb(image, profile)
        except BadProfile as reason:
            notes.doubts.append((PROFILE, str(reason)))
    elif image.mode == "CMYK":
        notes.done.append("CMYK turned to RGB without a colour profile")
    if image.mode == "LAB":
        return lab_to_srgb(image)
    # a still image is not copied, as it may be large; the frames of an animation are one object, which goes on to the next
    return image.convert("RGB") if image.mode != "RGB" or getattr(image, "is_animated", False) else image
