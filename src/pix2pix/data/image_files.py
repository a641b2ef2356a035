"""Which files are images: the one list of formats and endings, and the one rule for what is passed over."""

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import IO

from PIL import Image, ImageFile

_ENDINGS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png", ".apng"),
    "BMP": (".bmp", ".dib"),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
    "JPEG2000": (".jp2", ".j2k", ".jpx"),
    "AVIF": (".avif",),
    "HEIF": (".heic", ".heif", ".hif"),
}  # Pillow's name of each format that is read, and its endings
HAS_HEIF = importlib.util.find_spec("pillow_heif") is not None
"""Whether HEIC is read: it takes the extra `heif`."""

_FORMATS = tuple(name for name in _ENDINGS if name != "HEIF" or HAS_HEIF)

IMAGE_ENDINGS = frozenset(ending for name in _FORMATS for ending in _ENDINGS[name])
"""Endings, in lower case, of the files that are read as images."""

LITTER = "hidden, or written by the system"
"""Why litter is passed over, as words for a message."""

HEIC_NEEDS = "HEIC: pip install pillow-heif, or convert it to JPEG or PNG"
_OTHER_IMAGES = {
    "a camera's raw file": (".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".raf", ".rw2"),
    "an image of a format that is not read": (
        ".dcm", ".dds", ".eps", ".exr", ".hdr", ".ico", ".jxl", ".jxr", ".pcx", ".pfm", ".psd", ".qoi", ".svg", ".svgz", ".tga",
    ),
}  # fmt: skip
_ARCHIVES = (".7z", ".bz2", ".gz", ".rar", ".tar", ".tgz", ".xz", ".zip", ".zst")
_LITTER_FOLDERS = {"@eadir", "__macosx", "#recycle", "$recycle.bin", "system volume information", "lost+found"}
_LITTER_FILES = {"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "picasa.ini", "icon\r"}


MAX_PIXELS = 100_000_000
"""Most pixels of an image, by default: 10,000 x 10,000."""


def is_litter(parts: Sequence[str]) -> bool:
    """Whether a file is no data: hidden, in a hidden folder, or written by a desktop (Thumbs.db, __MACOSX) or a disk station (@eaDir).

    parts: the components of its path below the folder or archive that is read, as a hidden folder above that does not matter.
    """
    return any(part[:1] == "." or part.lower() in _LITTER_FOLDERS for part in parts) or parts[-1].lower() in _LITTER_FILES


def is_image(name: PurePath | str) -> bool:
    """Whether a file is read as an image, by its ending in any case."""
    return os.path.splitext(name)[1].lower() in IMAGE_ENDINGS  # noqa: PTH122  # of many files: `PurePath` takes four times as long


def why_passed_over(name: PurePath | str) -> str:
    """Why a file that `is_image` denies is passed over, as words for a message: `no image`, or what image it is and what to do."""
    ending = PurePath(name).suffix.lower()
    if ending in _ENDINGS["HEIF"]:
        return HEIC_NEEDS
    if ending in _ARCHIVES:
        return "an archive: unpack it"
    what = next((words for words, endings in _OTHER_IMAGES.items() if ending in endings), None)
    return f"{what}: convert it to JPEG or PNG" if what else "no image"


def open_image(source: Path | IO[bytes], max_pixels: int = MAX_PIXELS) -> ImageFile.ImageFile:
    """`Image.open` of the formats in the list alone: others, such as EPS, start programs.

    Raises as Pillow does: DecompressionBombError for a header that claims more than twice `max_pixels`.
    """
    if HAS_HEIF:
        from pillow_heif import register_heif_opener  # type: ignore[import-not-found, unused-ignore]

        register_heif_opener()
    if Image.MAX_IMAGE_PIXELS is not None:
        Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS, max_pixels)
    return Image.open(source, formats=_FORMATS)


def in_words(pixels: int) -> str:
    """A number of pixels for a message: `100 million`."""
    return f"{pixels / 1e6:g} million"
