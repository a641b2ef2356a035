"""Decode image files of every format in the list to 8-bit RGB in sRGB: the one decoder of all commands."""

import contextlib
import io
import warnings
from collections.abc import Iterator

from PIL import Image, UnidentifiedImageError

from pix2pix.data import jpeg, png
from pix2pix.data.bad_image import BadImage
from pix2pix.data.image_files import in_words, open_image
from pix2pix.data.pixels import AS_STORED, LOST_TRANSPARENCY, PROFILE, Notes, Reading, to_frame
from pix2pix.data.unreadable import what_it_is

_DOUBTED = {"tRNS": LOST_TRANSPARENCY, **dict.fromkeys(("iCCP", "cICP", "gAMA"), PROFILE)}  # chunks of PNG that decide colours


def decode(data: bytes, reading: Reading = AS_STORED, notes: Notes | None = None) -> Image.Image:
    """File content -> upright RGB image in sRGB.

    Grey, palette, CMYK, Lab and 16-bit images are converted, colour profiles and the EXIF orientation are applied, transparency is
    composited over white. Raises BadImage if the file is no image, is damaged or animated, or has too many pixels.
    """
    notes = notes or Notes()
    with opened(data, reading, notes) as image:
        if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
            raise BadImage(f"animated or of several pages ({getattr(image, 'n_frames', 1)} frames)")
        return to_frame(image, reading, notes).rgb


@contextlib.contextmanager
def opened(data: bytes, reading: Reading, notes: Notes) -> Iterator[Image.Image]:
    """Context manager: file content -> Pillow image, loaded if it is a PNG. Any exception inside the block is raised as BadImage."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Pillow, about metadata and size
        try:
            yield _open(data, reading, notes)
        except UnidentifiedImageError:
            raise BadImage(what_it_is(data)) from None
        except Image.DecompressionBombError:
            raise BadImage(f"its pixels are {_above(reading)}") from None
        except BadImage:
            raise
        except MemoryError:
            raise BadImage("there is not enough memory to decode it") from None
        except Exception as error:  # Pillow's readers raise many types on damaged files: struct.error, TypeError, RuntimeError, …
            raise BadImage(f"damaged: {error}") from None


def _open(data: bytes, reading: Reading, notes: Notes) -> Image.Image:
    profile, is_jpeg = None, data.startswith(jpeg.SIGNATURE)
    if data.startswith(png.SIGNATURE):
        found = png.essential(data)
        data, profile = found.content, found.profile
        notes.done.extend(f"its chunk {name} is damaged and left out" for name in found.damaged if name not in _DOUBTED)
        notes.doubts.extend((_DOUBTED[name], f"chunk {name}") for name in found.damaged if name in _DOUBTED)
    image = open_image(io.BytesIO(data), reading.max_pixels)
    if image.width * image.height > reading.max_pixels:
        raise BadImage(f"{image.width}x{image.height} pixels, {_above(reading)}")
    if image.format == "PNG":
        png.check(image, data)
        png.scale_transparency(image, data)
    if is_jpeg:
        whole = jpeg.with_end(data)
        jpeg.check(whole)
        image = image if whole is data else open_image(io.BytesIO(whole), reading.max_pixels)
    if profile:
        image.info["icc_profile"] = profile
    return image


def _above(reading: Reading) -> str:
    return f"above the limit of {in_words(reading.max_pixels)}, which prepare.max_pixels or --max-pixels raises"
