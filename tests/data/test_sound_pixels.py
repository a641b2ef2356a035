"""Sound pixels are used, whatever is wrong beside them; damaged pixels are refused."""

import io
import struct
import subprocess
import sys
import threading
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pix2pix.data import jpeg, jpeg_scan, png, unreadable
from pix2pix.data.bad_image import BadImage
from pix2pix.data.decode_memory import DecodeMemory
from pix2pix.data.images import decode
from pix2pix.data.jpeg_scan import is_damaged
from pix2pix.data.pixels import PROFILE, Notes, Reading

Array = np.ndarray[Any, Any]


def photo(width: int = 96, height: int = 64) -> Image.Image:
    """Smooth colours with a little noise."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    noise = np.random.default_rng(0).normal(0, 6, (height, width, 3))
    return Image.fromarray((np.stack([x, y, 255 - x], axis=2) + noise).clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


# PNG


def chunk(name: bytes, content: bytes, *, sound: bool = True) -> bytes:
    checksum = zlib.crc32(name + content) ^ (not sound)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def png_with(*chunks: bytes) -> bytes:
    """A PNG with further chunks after its header."""
    whole = encoded(photo(), "PNG")
    return whole[:33] + b"".join(chunks) + whole[33:]


LONG = zlib.compress(bytes(3 << 20))


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"zTXt", b"Comment\0\0" + LONG),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + LONG),
        chunk(b"tEXt", b"Comment\0hello", sound=False),
        chunk(b"pHYs", b"\0", sound=False),
        chunk(b"gAMA", b"\0"),
        chunk(b"tIME", b""),
        chunk(b"eXIf", b"no EXIF at all"),
        chunk(b"iCCP", b"name\0\0no zlib"),
    ],
    ids=lambda extra: extra[4:8].decode(),
)
def test_what_is_wrong_beside_the_pixels_of_a_png_does_not_matter(extra: bytes) -> None:
    assert np.array_equal(decode(png_with(extra)), photo())


@pytest.mark.parametrize("name", [b"tRNS", b"iCCP"])
def test_a_damaged_chunk_that_decides_colours_is_doubted(name: bytes) -> None:
    decode(png_with(chunk(name, b"\0\0\0\0\0\0", sound=False)), notes=(notes := Notes()))
    assert [detail for _, detail in notes.doubts] == [f"chunk {name.decode()}"]


def test_transparency_before_the_palette_is_none_as_other_readers_have_it() -> None:
    opaque = encoded(photo().quantize(16), "PNG")
    decoded = decode(opaque[:33] + chunk(b"tRNS", bytes(16)) + opaque[33:], notes=(notes := Notes()))
    assert np.array_equal(decoded, decode(opaque)) and [detail for _, detail in notes.doubts] == ["chunk tRNS"]


def test_a_png_whose_pixels_have_a_wrong_checksum_is_refused() -> None:
    whole = encoded(photo(), "PNG")
    middle = len(whole) // 2
    with pytest.raises(BadImage, match="the checksum of its chunk IDAT"):
        decode(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    with pytest.raises(BadImage, match="its chunk IDAT is cut short"):
        decode(whole[:middle] + whole[middle + 20 :])
    assert np.array_equal(decode(whole[:-12]), photo()), "only the end mark is missing"


# EXIF


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "I;16"])
def test_a_png_with_fewer_pixels_than_it_claims_is_refused(mode: str) -> None:
    whole = encoded(Image.new(mode, (37, 29)), "PNG")  # black to its last pixel
    assert decode(whole).size == (37, 29)
    header = bytearray(whole[16:29])
    struct.pack_into(">I", header, 4, 30)
    with pytest.raises(BadImage, match="fewer pixels"):
        decode(whole[:8] + chunk(b"IHDR", bytes(header)) + whole[33:])


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 2), (5, 5), (8, 9), (37, 29)])
def test_the_pixels_of_an_interlaced_png_are_counted_pass_by_pass(width: int, height: int) -> None:
    black = np.zeros((height, width), np.uint8)
    passes = ("0088", "4088", "0448", "2044", "0224", "1022", "0112")  # first column and row, and the steps to the next
    rows = [row for x, y, right, down in (map(int, it) for it in passes) for row in black[y::down, x::right] if row.size]
    pixels = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))) + chunk(b"IEND", b"")
    for claimed in (height, height + 1):
        file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, claimed, 8, 0, 0, 0, 1)) + pixels
        if claimed == height:
            assert not np.asarray(decode(file)).any()
        else:
            with pytest.raises(BadImage, match="damaged"):
                decode(file)


@pytest.mark.parametrize(("tag", "kind", "value"), [(257, 4, 200), (284, 3, 2)])
def test_a_tiff_with_fewer_strips_than_its_height_or_its_planes_need_is_refused(tag: int, kind: int, value: int) -> None:
    whole = bytearray(encoded(photo(), "TIFF"))
    assert decode(bytes(whole)).size == (96, 64)
    struct.pack_into("<I", whole, whole.index(struct.pack("<HHI", tag, kind, 1)) + 8, value)
    with pytest.raises(BadImage, match="fewer pixels"):
        decode(bytes(whole))


def exif(orientation: bytes, *more: bytes) -> bytes:
    """EXIF of little-endian entries of 12 bytes."""
    entries = [orientation, *more]
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, len(entries)) + b"".join(entries) + bytes(4)


def entry(tag: int, kind: int, value: bytes) -> bytes:
    return struct.pack("<HHI", tag, kind, 1) + value.ljust(4, b"\0")


@pytest.mark.parametrize("kind", range(1, 13))
@pytest.mark.parametrize("tag", [0x011A, 0x0128, 0x8769, 0x9003, 0xA002])
def test_a_photo_is_turned_whatever_is_wrong_with_another_tag(tag: int, kind: int) -> None:
    data = exif(entry(0x0112, 3, b"\6"), entry(tag, kind, b"abcd"))
    notes = Notes()
    turned = decode(encoded(photo(), "JPEG", exif=data), notes=notes)
    assert np.array_equal(turned, np.rot90(np.asarray(decode(encoded(photo(), "JPEG"))), -1))
    assert notes.done == ["turned upright as its EXIF says"]


@pytest.mark.parametrize("orientation", [0, 1, 9, 255])
def test_nothing_is_noted_where_nothing_is_turned(orientation: int) -> None:
    notes = Notes()
    assert decode(encoded(photo(), "JPEG", exif=exif(entry(0x0112, 3, bytes([orientation])))), notes=notes).size == (96, 64)
    assert not notes.done


# JPEG


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 100, "subsampling": 0}, {"restart_marker_rows": 1}])
def test_a_jpeg_that_lacks_its_end_mark_alone_is_used_and_one_that_lacks_more_is_not(options: dict[str, Any]) -> None:
    whole = encoded(photo(), "JPEG", **options)
    assert whole.endswith(b"\xff\xd9")
    assert np.array_equal(decode(whole[:-2]), decode(whole))
    for length in (3, 5, 30, 500):
        with pytest.raises(BadImage, match=r"^damaged: "):
            decode(whole[:-length])


HOLES = {"zeros": bytes(40), "one byte": b"U" * 40, "noise": np.random.default_rng(1).bytes(400).replace(b"\xff", b"\1")}


@pytest.mark.parametrize("name", HOLES)
def test_a_jpeg_with_a_hole_in_its_middle_is_refused(name: str) -> None:
    pytest.importorskip("numba")
    for seed in range(20):
        whole = bytearray(encoded(photo(256, 192), "JPEG", quality=90))
        start = int(np.random.default_rng(seed).integers(whole.rfind(b"\xff\xda") + 14, len(whole) - 500))
        whole[start : start + len(HOLES[name])] = HOLES[name]
        with pytest.raises(BadImage, match=r"^damaged: "):
            decode(bytes(whole))


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize(
    "options",
    [
        {"quality": 1},
        {"quality": 100, "subsampling": 0},
        {"optimize": True, "subsampling": 1},
        {"restart_marker_blocks": 3},
        {"quality": 75},
    ],
)
def test_what_an_encoder_writes_is_never_called_damaged(mode: str, options: dict[str, Any]) -> None:
    pytest.importorskip("numba")
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (61, 83, 3), dtype=np.uint8))
    stripes = Image.fromarray(((np.indices((64, 96)).sum(axis=0) % 2)[..., None].repeat(3, axis=2) * 255).astype(np.uint8))
    for image in (photo(), noise, stripes, Image.new("RGB", (200, 100), "white"), Image.new("RGB", (1, 1))):
        content = encoded(image.convert(mode), "JPEG", **options)
        assert is_damaged(content) is False
        padded = content[:-2] + bytes(10) + content[-2:]
        assert is_damaged(padded) is False, "filled up with one byte, as some cameras do"


def test_the_first_files_of_a_process_are_read_without_numba_to_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    whole, draw = encoded(photo(), "JPEG", quality=90), np.random.default_rng(3)
    files = [whole]
    for _ in range(40):
        torn = bytearray(whole)
        torn[int(draw.integers(700, len(whole) - 2))] = int(draw.integers(0, 255))
        files.append(bytes(torn))
    answers = []
    for first_bytes in (0, 1 << 40):
        monkeypatch.setattr(jpeg_scan, "_NOT_COMPILED", first_bytes)
        answers.append([is_damaged(file) for file in files])
    assert answers[0] == answers[1] and {True, False} <= set(answers[0])
    program = "import sys; from pix2pix.data.images import decode; decode(sys.stdin.buffer.read()); assert 'numba' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], input=whole, check=True)


def test_damage_of_a_progressive_jpeg_is_seen_where_libjpeg_turbo_warns() -> None:
    pytest.importorskip("simplejpeg")
    whole = encoded(photo(256, 192), "JPEG", progressive=True)
    torn = whole[: len(whole) // 2] + bytes(300) + whole[len(whole) // 2 + 300 :]
    jpeg.check(whole)
    with pytest.raises(BadImage, match=r"^damaged: "):
        jpeg.check(torn)


def raw_png(depth: int, colours: int, rows: list[bytes], *chunks: bytes) -> bytes:
    """A PNG of 48 pixels across, from rows without their filter byte, and chunks before the pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 48, len(rows), depth, colours, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"".join([png.SIGNATURE, header, *chunks, pixels, chunk(b"IEND", b"")])


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_a_transparent_level_of_few_bits_is_the_level_that_the_file_names(depth: int) -> None:
    levels = np.arange(32 * 48).reshape(32, 48) % 2**depth
    bits = np.unpackbits(levels.astype(np.uint8)[..., None], axis=2)[..., 8 - depth :].reshape(32, -1)
    content = raw_png(depth, 0, [np.packbits(row).tobytes() for row in bits], chunk(b"tRNS", struct.pack(">H", 1)))
    expected = np.where(levels == 1, 255, levels * 255 // (2**depth - 1))
    assert np.array_equal(np.asarray(decode(content))[..., 0], expected)


def test_a_transparent_colour_of_16_bits_is_the_colour_that_the_file_names() -> None:
    colours = np.arange(2 * 48 * 3).reshape(2, 48, 3).astype(">u2") * 257
    content = raw_png(16, 2, [row.tobytes() for row in colours], chunk(b"tRNS", colours[0, 7].tobytes()))
    expected = (colours // 257).astype(np.uint8)
    expected[0, 7] = 255
    assert np.array_equal(np.asarray(decode(content)), expected)


@pytest.mark.parametrize(
    ("chunks", "doubted"),
    [
        ([chunk(b"cICP", b"\x0c\r\0\1")], "cICP"),  # Display P3
        ([chunk(b"cICP", b"\1\r\0\1")], ""),
        ([chunk(b"gAMA", struct.pack(">I", 100000))], "gAMA"),
        ([chunk(b"gAMA", struct.pack(">I", 45455))], ""),
        ([chunk(b"gAMA", struct.pack(">I", 55556)), chunk(b"sRGB", b"\0")], ""),
    ],
)
def test_colours_that_a_png_says_without_a_profile_are_doubted(chunks: list[bytes], doubted: str) -> None:
    notes = Notes()
    decode(raw_png(8, 2, [bytes(range(144))] * 2, *chunks), notes=notes)
    assert [detail for what, detail in notes.doubts if what == PROFILE] == ([f"chunk {doubted}"] if doubted else [])


# other files under the name of an image


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"8BPS\0\1" + bytes(40), "Photoshop"),
        (b"", "an empty file"),
        (b"\x1f\x8b\x08" + bytes(40), "a gzip file"),
        (b"PK\3\4" + bytes(40), "a zip archive"),
        (b"\0\0\0\x20ftypisom" + bytes(40), "a video"),
        (b"\0\0\0\x18ftypcrx " + bytes(40), "a camera's raw file"),
        (bytes(128) + b"DICM", "DICOM"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (encoded(photo(), "TIFF", compression="tiff_lzw")[:900], "a damaged TIFF"),
    ],
)
def test_what_is_no_image_is_named(content: bytes, words: str) -> None:
    with pytest.raises(BadImage, match=words):
        decode(content)


@pytest.mark.parametrize(
    ("installed", "words"), [(False, "^is HEIC: pip install pillow-heif, or convert it"), (True, "^a damaged HEIC, .* convert it")]
)
def test_a_heic_that_is_not_read_is_named_and_what_is_installed_is_not_asked_for(
    installed: bool, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unreadable, "HAS_HEIF", installed)
    with pytest.raises(BadImage, match=words):
        decode(b"\0\0\0\x18ftypheic" + bytes(40))


# size and memory


def test_the_most_pixels_are_an_option() -> None:
    content = encoded(photo(), "PNG")
    with pytest.raises(BadImage, match=r"96x64 pixels, above the limit of 0.006 million, which prepare.max_pixels or --max-pixels raises"):
        decode(content, Reading(max_pixels=6000))
    assert decode(content, Reading(max_pixels=300_000_000)).size == (96, 64)


def test_threads_that_decode_share_a_bound_and_a_giant_is_decoded_alone() -> None:
    memory, content = DecodeMemory(3 * 14 * 96 * 64), encoded(photo(), "PNG")
    giant = encoded(Image.new("L", (1000, 1000)), "PNG")
    counted, together, lock = [0], [0], threading.Lock()

    def work(contents: list[bytes], weight: int) -> None:
        with memory.taken(contents):
            with lock:
                counted[0] += weight
                together[0] = max(together[0], counted[0])
            threading.Event().wait(0.005)
            with lock:
                counted[0] -= weight

    threads = [
        threading.Thread(target=work, args=args) for args in [([content], 1)] * 12 + [([giant], 3)] * 3 + [([content, content], 2)] * 3
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert together[0] == 3
