"""Grey levels of every depth: as stored, stretched, or from a named range; doubted where they are all but flat."""

import io
import struct
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from pix2pix.data.bad_image import BadImage
from pix2pix.data.images import decode
from pix2pix.data.pixels import NARROW, Notes, Reading

Array = np.ndarray[Any, Any]
RAMP = np.arange(256).reshape(16, 16)


def png(levels: Array) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "PNG")
    return buffer.getvalue()


def tiff(levels: Array, *, photometric: int = 1, sample: int = 1, order: str = "<", bands: int = 1) -> bytes:
    """A TIFF of one strip. levels: (H, W) or (H, W, bands) of any integer or float type."""
    kind = levels.dtype.newbyteorder(order)
    body, bits = levels.astype(kind).tobytes(), levels.dtype.itemsize * 8
    short = {256: levels.shape[1], 257: levels.shape[0], 259: 1, 262: photometric, 277: bands, 278: levels.shape[0], 339: sample}
    tags = {tag: struct.pack(f"{order}HHIHH", tag, 3, 1, value, 0) for tag, value in short.items()}
    where = 8 + len(body)
    if bands == 1:
        tags[258] = struct.pack(f"{order}HHIHH", 258, 3, 1, bits, 0)
    else:
        tags[258] = struct.pack(f"{order}HHII", 258, 3, bands, where)
        body += struct.pack(f"{order}{bands}H", *[bits] * bands)
    tags |= {273: struct.pack(f"{order}HHII", 273, 4, 1, 8), 279: struct.pack(f"{order}HHII", 279, 4, 1, where - 8)}
    folder = struct.pack(f"{order}H", len(tags)) + b"".join(tags[tag] for tag in sorted(tags)) + bytes(4)
    return (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8 + len(body)) + body + folder


def grey(content: bytes, levels: str = "stored", notes: Notes | None = None) -> Array:
    rgb = np.asarray(decode(content, Reading(levels), notes))
    assert (rgb == rgb[..., :1]).all()
    return rgb[..., 0]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_white_is_zero_is_inverted(dtype: type, order: str) -> None:
    levels = (RAMP * (257 if dtype is np.uint16 else 1)).astype(dtype)
    assert np.array_equal(grey(tiff(levels, photometric=0, order=order)), 255 - RAMP)


@pytest.mark.parametrize(
    ("content", "levels"),
    [
        (tiff((RAMP * 16).astype(np.uint16)), "0-4080"),
        (tiff((RAMP * 10 - 1024).astype(np.int16), sample=2), "-1024-1526"),
        (tiff(RAMP.astype(np.int32), sample=2), "0-255"),
        (tiff((RAMP / 255).astype(np.float32), sample=3), "0-1"),
        (png((RAMP // 128).astype(np.uint8)), "0-1"),
    ],
)
def test_a_named_range_becomes_black_to_white_and_so_does_each_images_own(content: bytes, levels: str) -> None:
    expected = RAMP // 128 * 255 if levels == "0-1" and content.startswith(b"\x89PNG") else RAMP
    assert np.array_equal(grey(content, levels), expected)
    assert np.array_equal(grey(content, "stretch"), expected)


def test_levels_outside_the_range_are_clipped_and_a_range_backwards_inverts() -> None:
    assert np.array_equal(grey(png(RAMP.astype(np.uint8)), "100-200"), np.rint(((RAMP - 100) / 100).clip(0, 1) * 255))
    assert np.array_equal(grey(png(RAMP.astype(np.uint8)), "255-0"), 255 - RAMP)


def test_three_equal_channels_are_grey_and_colours_are_left_alone() -> None:
    classes = np.random.default_rng(0).integers(0, 4, (8, 8), dtype=np.uint8)
    assert np.array_equal(grey(png(np.stack([classes] * 3, axis=2)), "0-3"), classes * 85)
    colours = np.random.default_rng(0).integers(0, 4, (8, 8, 3), dtype=np.uint8)
    assert np.array_equal(decode(png(colours), Reading("0-3")), colours)


@pytest.mark.parametrize(
    ("content", "used"),
    [
        (png((RAMP % 4).astype(np.uint8)), "0..3 of 0..255"),
        (png((RAMP % 4)[..., None].repeat(3, axis=2).astype(np.uint8)), "0..3 of 0..255"),
        (png((RAMP * 16).astype(np.uint16)), "0..4080 of 0..65535"),
        (tiff(RAMP.astype(np.int32), sample=2), "0..255 of 0..65535"),
    ],
)
def test_an_image_that_is_all_but_flat_is_doubted_as_stored(content: bytes, used: str) -> None:
    notes = Notes()
    grey(content, notes=notes)
    assert notes.doubts == [(NARROW, used)]
    grey(content, "stretch", notes := Notes())
    assert not notes.doubts


@pytest.mark.parametrize("levels", [np.zeros((8, 8), np.uint8), np.full((8, 8), 255, np.uint8), RAMP.astype(np.uint8)])
def test_an_empty_mask_and_a_usual_image_are_not_doubted(levels: Array) -> None:
    grey(png(levels), notes=(notes := Notes()))
    assert not notes.doubts


def test_signed_levels_are_refused_with_their_range_and_the_way_out() -> None:
    with pytest.raises(BadImage, match=r"^grey levels from -1024 to 1526, outside 0..65535: .* --levels=-1024-1526"):
        decode(tiff((RAMP * 10 - 1024).astype(np.int16), sample=2))


@pytest.mark.parametrize(("bands", "words"), [(3, "a TIFF of 3 bands of 16 bits"), (7, "a TIFF of 7 bands of 16 bits")])
def test_a_tiff_of_several_bands_is_named_as_what_it_is(bands: int, words: str) -> None:
    with pytest.raises(BadImage, match=words):
        decode(tiff(np.zeros((4, 4, bands), np.uint16), bands=bands))


def test_what_pillow_reads_wrongly_is_refused() -> None:
    with pytest.raises(BadImage, match="signed levels of 8 bits"):
        decode(tiff(np.full((4, 4), -3, np.int8), sample=2))
    planes = io.BytesIO()
    tifffile.imwrite(planes, np.zeros((3, 4, 4), np.uint16), photometric="rgb", planarconfig="separate")
    with pytest.raises(BadImage, match="separate planes of 16 bits"):
        decode(planes.getvalue())


def test_a_fourth_band_of_unknown_meaning_is_doubted() -> None:
    decode(tiff(np.full((4, 4, 4), 99, np.uint8), photometric=2, bands=4), notes=(notes := Notes()))
    assert "transparency" in notes.doubts[0][0]
