"""What a file is that Pillow cannot open as an image, as words for a message."""

import io
from typing import Any

from PIL import TiffImagePlugin

from pix2pix.data.archive_type import describe
from pix2pix.data.image_files import HAS_HEIF, HEIC_NEEDS

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")  # ISO/IEC 23008-12
_KINDS = {0: "grey (white is zero)", 1: "grey", 2: "RGB", 3: "a palette", 4: "a mask", 5: "CMYK", 6: "YCbCr", 8: "Lab"}
_SAMPLES = {1: "", 2: ", signed", 3: " in floating point"}


def what_it_is(data: bytes) -> str:
    """The reason why this content is not used as an image."""
    if not data:
        return "an empty file"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return "a damaged HEIC, or of a kind that pillow-heif does not read: convert it to JPEG or PNG" if HAS_HEIF else f"is {HEIC_NEEDS}"
    if data[:4] in (b"II*\0", b"MM\0*"):
        return _tiff(data)
    found = describe(data[:512])
    return f"not an image that is read: {found}"


def _tiff(data: bytes) -> str:
    """What kind of TIFF it is, by its first image's tags."""
    try:
        tags: Any = TiffImagePlugin.ImageFileDirectory_v2(data[:8])
        file = io.BytesIO(data)
        file.seek(tags.next)
        tags.load(file)
        if 256 not in tags or 262 not in tags:
            return "a damaged TIFF"
        bits, bands = tags.get(258, (1,)), tags.get(277, 1)
        kind = _KINDS.get(tags.get(262), f"photometric {tags.get(262)}")
        sample = _SAMPLES.get(tags.get(339, (1,))[0], " of complex numbers")
        planes = f"{bands} band{'s' if bands > 1 else ''} of {bits[0]} bits{sample}"
    except Exception:  # Pillow raises many types on damaged tags
        return "a damaged TIFF"
    return f"a TIFF of {planes}, {kind}, which is not read: save it as grey or RGB of 8 bits, or as one file of 16 bits for each band"
