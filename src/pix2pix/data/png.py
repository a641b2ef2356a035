"""PNG files whose pixels are sound: what else is wrong with them is left out before Pillow reads them."""

import struct
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pix2pix.data.bad_image import BadImage

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIXELS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"fdAT"}
_USED = {b"tRNS", b"acTL", b"fcTL", b"eXIf"}  # and iCCP, which is unpacked here
_SRGB_CODES = b"\1\r"  # primaries and transfer function of sRGB in a chunk cICP (ITU-T H.273)
_SRGB_GAMMA = range(44000, 47000)  # in a chunk gAMA; 45455 is 1 / 2.2
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of each colour type
_PLAIN = ((0, 0, 1, 1),)
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # first column, row; steps
_PIECE = 1 << 16  # bytes that are unpacked at once
_MAX_PROFILE = 16 << 20  # bytes; the largest profiles of printers have about 4 MiB


@dataclass(frozen=True)
class Png:
    """The chunks that decide the pixels, as a file; the colour profile, None without one; names of chunks that would matter and were left
    out, as they are damaged or say other colours than sRGB without a profile."""

    content: bytes
    profile: bytes | None
    damaged: tuple[str, ...]


def essential(content: bytes) -> Png:
    """Leave out texts, times and other chunks that do not decide the pixels, and any such chunk whose checksum is wrong.

    Raises BadImage where the pixels are cut short or their checksum is wrong, which Pillow does not look at.
    """
    kept, damaged, profile, place = [content[:8]], [], None, 8
    seen, has_palette = set[bytes](), content[25:26] == b"\3"
    view = memoryview(content)
    while place + 12 <= len(content):
        length, name = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        if end > len(content) and name in _PIXELS:
            raise BadImage(f"damaged: its chunk {name.decode()} is cut short")
        if end > len(content):
            break
        sound = zlib.crc32(view[place + 4 : end - 4]) == struct.unpack_from(">I", content, end - 4)[0]
        if not sound and name in _PIXELS:
            raise BadImage(f"damaged: the checksum of its chunk {name.decode()} is wrong")
        if not sound:
            damaged.append(name.decode("latin-1"))
        elif name == b"tRNS" and (not seen.isdisjoint((b"tRNS", b"IDAT")) or (has_palette and b"PLTE" not in seen)):
            # repeated, too late or too early, where Pillow takes it all the same
            damaged.append("tRNS")
        elif name == b"iCCP":
            profile = _profile(content[place + 8 : end - 4])
            damaged += [] if profile else ["iCCP"]
        elif name == b"cICP" and content[place + 8 : place + 10] != _SRGB_CODES:
            damaged.append("cICP")
        elif name == b"gAMA" and _decides_colours(content, place + 8):
            damaged.append("gAMA")
        elif name in _PIXELS or name in _USED or name[:1].isupper():
            kept.append(content[place:end])
        seen.add(name)
        place = end
        if name == b"IEND":
            return Png(b"".join(kept), profile, tuple(damaged))
    kept.append(content[place:])  # of a file that is cut short: Pillow decides
    return Png(b"".join(kept), profile, tuple(damaged))


def _decides_colours(content: bytes, gamma: int) -> bool:
    """Whether the chunk gAMA, whose value is at the place `gamma`, says another one than sRGB's, and no other chunk says it better."""
    before = content[: content.find(b"IDAT")]
    better = any(name in before for name in (b"sRGB", b"iCCP", b"cICP"))
    return not better and int.from_bytes(content[gamma : gamma + 4], "big") not in _SRGB_GAMMA


def check(image: Image.Image, content: bytes) -> None:
    """Raise BadImage where a file has fewer pixels than its header claims: Pillow leaves the others black without a word.

    image: of the file `content`, which `essential` returned; is loaded. Only where its last row, or that of its last pass, is black are
    the pixels counted, as that takes a third of the time of reading them.
    """
    image.load()
    last = np.asarray(image.crop((0, max(0, image.height - 2), image.width, image.height)))
    if not last.reshape(len(last), -1).any(axis=1).all() and not _is_whole(content):
        raise BadImage("damaged: it has fewer pixels than its header claims")


def scale_transparency(image: Image.Image, content: bytes) -> None:
    """Bring the transparent level or colour to the 8 bits that Pillow brings pixels of 2, 4 or 3 x 16 bits to, and this not."""
    depth, key = content[24], image.info.get("transparency")
    if isinstance(key, tuple) and depth == 16:
        image.info["transparency"] = tuple(level >> 8 for level in key)
    elif isinstance(key, int) and image.mode == "L" and depth < 8:
        image.info["transparency"] = key * 255 // (2**depth - 1)


def _is_whole(content: bytes) -> bool:
    """Whether the chunks IDAT unpack to as many bytes as the header IHDR claims."""
    width, height, depth, colours, _, _, interlaced = struct.unpack_from(">IIBBBBB", content, 16)
    missing, place, unpacker = 0, 8, zlib.decompressobj()
    for column, row, right, down in _ADAM7 if interlaced else _PLAIN:
        columns, rows = -(-(width - column) // right), -(-(height - row) // down)
        if columns > 0:
            missing += max(0, rows) * (1 + -(-columns * depth * _CHANNELS[colours] // 8))
    while place + 12 <= len(content) and missing > 0:
        length, name = struct.unpack_from(">I4s", content, place)
        packed = content[place + 8 : place + 8 + length] if name == b"IDAT" else b""
        while packed and missing > 0 and not unpacker.eof:
            missing -= len(unpacker.decompress(packed, _PIECE))
            packed = unpacker.unconsumed_tail
        place += 12 + length
    return missing <= 0


def _profile(chunk: bytes) -> bytes | None:
    """The colour profile in the content of an iCCP chunk: name, 0, method, zlib stream; None where it is damaged or beyond any size."""
    _, _, packed = chunk.partition(b"\0")
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed[1:], _MAX_PROFILE)
    except zlib.error:
        return None
    return profile if profile and not unpacker.unconsumed_tail else None
