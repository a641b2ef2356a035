"""Small sound images of every format and mode, mutations of their bytes, and what must hold for them."""

import functools
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, features

from pix2pix.data.bad_image import BadImage
from pix2pix.data.images import decode
from pix2pix.errors import UserError
from pix2pix.predict.files import read
from tests.hostile import second_decoder

Draw = np.random.Generator
_INTERESTING = (0, 1, 2, 7, 8, 16, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)


@functools.cache
def sound() -> dict[str, bytes]:
    """Name -> content. The part of the name before `-` is the format."""
    smooth = Image.fromarray(np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)).resize(
        (37, 29), Image.Resampling.BICUBIC
    )
    grey, alpha = smooth.convert("L"), smooth.convert("RGBA")
    alpha.putalpha(Image.linear_gradient("L").resize(smooth.size))
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112], exif[0x0131] = 6, "drawn"
    others = [smooth.rotate(90), smooth.rotate(180)]
    moving = {"save_all": True, "append_images": others, "duration": 50}
    wanted: list[tuple[str, str, Image.Image, dict[str, object]]] = [
        ("jpeg", "JPEG", smooth, {"quality": 90}),
        ("jpeg-fine", "JPEG", smooth, {"quality": 95, "subsampling": 0}),
        ("jpeg-progressive", "JPEG", smooth, {"progressive": True}),
        ("jpeg-grey", "JPEG", grey, {}),
        ("jpeg-cmyk", "JPEG", smooth.convert("CMYK"), {}),
        ("jpeg-turned", "JPEG", smooth, {"exif": exif}),
        ("png", "PNG", smooth, {}),
        ("png-turned", "PNG", smooth, {"exif": exif}),
        ("png-alpha", "PNG", alpha, {}),
        ("png-grey", "PNG", grey, {}),
        ("png-grey-alpha", "PNG", alpha.convert("LA"), {}),
        ("png-palette", "PNG", smooth.quantize(16), {}),
        ("png-palette-transparent", "PNG", smooth.quantize(16), {"transparency": 3}),
        ("png-two-levels", "PNG", smooth.convert("1"), {}),
        ("png-deep", "PNG", deep, {}),
        ("png-moving", "PNG", smooth, moving),
        ("bmp", "BMP", smooth, {}),
        ("bmp-palette", "BMP", smooth.quantize(16), {}),
        ("bmp-two-levels", "BMP", smooth.convert("1"), {}),
        ("gif", "GIF", smooth.quantize(16), {}),
        ("gif-moving", "GIF", smooth, moving),
        ("webp", "WEBP", smooth, {"quality": 90}),
        ("webp-lossless", "WEBP", alpha, {"lossless": True}),
        ("webp-moving", "WEBP", smooth, moving),
        ("tiff", "TIFF", smooth, {}),
        ("tiff-lzw", "TIFF", smooth, {"compression": "tiff_lzw"}),
        ("tiff-deflate", "TIFF", alpha, {"compression": "tiff_adobe_deflate"}),
        ("tiff-jpeg", "TIFF", smooth, {"compression": "jpeg"}),
        ("tiff-fax", "TIFF", smooth.convert("1"), {"compression": "group4"}),
        ("tiff-deep", "TIFF", deep, {}),
        ("tiff-float", "TIFF", grey.convert("F"), {}),
        ("tiff-cmyk", "TIFF", smooth.convert("CMYK"), {}),
        ("tiff-pages", "TIFF", smooth, {"save_all": True, "append_images": others}),
        ("ppm", "PPM", smooth, {}),
        ("ppm-grey", "PPM", grey, {}),
        ("ppm-two-levels", "PPM", smooth.convert("1"), {}),
    ]
    for name, feature in (("JPEG2000", "jpg_2000"), ("AVIF", "avif")):
        if features.check(feature):
            wanted.append((name.lower(), name, smooth, {}))
    found = {name: _saved(image, form, **how) for name, form, image, how in wanted}
    return found | {"ppm-text": b"P3 2 2 255 " + b" ".join(b"%d" % level for level in range(12))}


def _saved(image: Image.Image, form: str, **how: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **how)
    return file.getvalue()


def read_mutated(draw: Draw, file: Path) -> str:
    """Read a mutated image from `file` as `predict` and as `prepare` do. Raises UserError where it is refused, AssertionError where
    the two disagree, or pixels are others than before or than those of OpenCV, without a word."""
    name = list(sound())[draw.integers(len(sound()))]
    data, done = mutate(draw, sound()[name], name)
    file.write_bytes(data)
    try:
        image = read(file)
    except BadImage as reason:
        assert str(reason).strip(), "refused without a reason"
        raise UserError(str(reason)) from None
    ours = image.frames[0]
    try:
        assert np.array_equal(decode(data), ours), "prepare reads other pixels than predict"
    except BadImage as reason:
        assert "animated" in str(reason), f"predict reads what prepare refuses: {reason}"
    if not (image.notes or image.doubts):
        cut_short = done == "cut" and not image.moving
        assert not cut_short or np.array_equal(ours, decode(sound()[name])), "cut short, and other pixels without a word"
        # torchvision's decoders end the process on some damaged PNG files
        problem = second_decoder.difference(ours, data, name) if second_decoder.HAS_OPENCV else ""
        assert not problem, problem
    return f"{name}, {done}"


def mutate(draw: Draw, data: bytes, name: str) -> tuple[bytes, str]:
    """One to three mutations of a sound image; returns it and what was done."""
    done = []
    for _ in range(draw.choice([1, 1, 1, 2, 3])):
        kinds = [flip, cut, overwrite, insert, remove, splice]
        kinds += {"png": [png_chunk, png_header], "jpeg": [jpeg_segment], "tiff": [tiff_tag]}.get(name.split("-")[0], []) * 2  # type: ignore[operator]
        kind: Callable[[Draw, bytes], bytes] = kinds[draw.integers(len(kinds))]
        try:
            data = kind(draw, data)
        except (ValueError, IndexError, struct.error):  # an earlier mutation took what this one changes
            continue
        done.append(kind.__name__)
    return data, "+".join(done)


def flip(draw: Draw, data: bytes) -> bytes:
    """Change some bytes anywhere."""
    out = bytearray(data)
    for _ in range(draw.integers(1, 9)):
        out[draw.integers(len(out))] ^= int(draw.integers(1, 256))
    return bytes(out)


def cut(draw: Draw, data: bytes) -> bytes:
    """Leave out the end."""
    return data[: draw.integers(len(data))]


def overwrite(draw: Draw, data: bytes) -> bytes:
    """Write a number of 1, 2 or 4 bytes into the header."""
    width, order = int(draw.choice([1, 2, 4])), str(draw.choice(["little", "big"]))
    value = _INTERESTING[draw.integers(len(_INTERESTING))] % (1 << 8 * width)
    place = int(draw.integers(max(1, min(len(data), 128) - width)))
    return data[:place] + value.to_bytes(width, "little" if order == "little" else "big") + data[place + width :]


def insert(draw: Draw, data: bytes) -> bytes:
    """Insert random bytes."""
    place = draw.integers(len(data) + 1)
    return data[:place] + draw.bytes(int(draw.integers(1, 65))) + data[place:]


def remove(draw: Draw, data: bytes) -> bytes:
    """Leave out some bytes in the middle."""
    place = draw.integers(len(data))
    return data[:place] + data[place + draw.integers(1, 65) :]


def splice(draw: Draw, data: bytes) -> bytes:
    """The begin of this image and the end of another."""
    others = list(sound().values())
    other = others[draw.integers(len(others))]
    return data[: draw.integers(len(data))] + other[draw.integers(len(other)) :]


def png_chunk(draw: Draw, data: bytes) -> bytes:
    """Leave out, repeat, swap, rename or fill a chunk, with the right checksum."""
    chunks = _chunks(data)
    place = int(draw.integers(len(chunks)))
    name, body = chunks[place]
    kind = draw.integers(6)
    if kind == 0:
        del chunks[place]
    elif kind == 1:
        chunks.insert(int(draw.integers(len(chunks))), (name, body))
    elif kind == 2:
        other = int(draw.integers(len(chunks)))
        chunks[place], chunks[other] = chunks[other], chunks[place]
    elif kind == 3 and name not in (b"IDAT", b"fdAT"):  # with the right checksum, other pixels are another image
        chunks[place] = (name, flip(draw, body or b"\0"))
    else:
        new = draw.choice(
            [b"tRNS", b"PLTE", b"gAMA", b"iCCP", b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"sBIT", b"acTL", b"fcTL", b"pHYs", b"cHRM"]
        )
        chunks.insert(int(draw.integers(1, len(chunks) + 1)), (bytes(new), draw.bytes(int(draw.integers(40)))))
    return data[:8] + b"".join(_chunk(*chunk) for chunk in chunks)


def png_header(draw: Draw, data: bytes) -> bytes:
    """Another width, height, depth, colour type or interlace, with the right checksum."""
    chunks = _chunks(data)
    head = bytearray(chunks[0][1])
    head[draw.integers(2, len(head))] = int(draw.choice([0, 1, 2, 3, 4, 6, 8, 16, 255]))
    chunks[0] = (chunks[0][0], bytes(head))
    return data[:8] + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, place = [], 8
    while place + 12 <= len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        found.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + length]))
        place += 12 + length
    if not found:
        raise ValueError("no chunks")
    return found


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def jpeg_segment(draw: Draw, data: bytes) -> bytes:
    """Leave out, repeat or change a segment before the pixels, or its length."""
    parts, place = [], 2
    while data[place] == 0xFF and data[place + 1] not in (0xDA, 0xD9):
        (length,) = struct.unpack(">H", data[place + 2 : place + 4])
        parts.append(data[place : place + 2 + length])
        place += 2 + length
    which = int(draw.integers(len(parts)))
    kind = draw.integers(4)
    if kind == 0:
        del parts[which]
    elif kind == 1:
        parts.insert(int(draw.integers(len(parts))), parts[which])
    elif kind == 2:
        parts[which] = parts[which][:4] + flip(draw, parts[which][4:])
    else:
        parts[which] = overwrite(draw, parts[which])
    return data[:2] + b"".join(parts) + data[place:]


def tiff_tag(draw: Draw, data: bytes) -> bytes:
    """Another tag, type, count or value of an entry of the first directory."""
    order = "<" if data[:2] == b"II" else ">"
    (start,) = struct.unpack(order + "I", data[4:8])
    (count,) = struct.unpack(order + "H", data[start : start + 2])
    entry = start + 2 + 12 * int(draw.integers(count))
    field, size, kind = [(0, 2, "H"), (2, 2, "H"), (4, 4, "I"), (8, 4, "I"), (8, 2, "H")][draw.integers(5)]
    value = int(draw.choice([*(number % (1 << 8 * size) for number in _INTERESTING), int(draw.integers(1, 400))]))
    place = entry + field
    return data[:place] + struct.pack(order + kind, value) + data[place + size :]
