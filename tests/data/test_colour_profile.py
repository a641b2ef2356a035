"""Colours by ICC profiles come out in sRGB; sRGB itself changes no bit; what cannot be used is noted."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from pix2pix.data.images import decode
from pix2pix.data.pixels import Notes

Array = np.ndarray[Any, Any]
P3 = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))  # XYZ of R, G, B, adapted to D50
ADOBE = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
TO_LINEAR = np.linalg.inv(np.array(SRGB).T)


def profile(gamma: float, primaries: tuple[tuple[float, ...], ...] = (), space: bytes = b"RGB ") -> bytes:
    """An ICC profile of version 2: curves of one gamma, and a matrix for RGB."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)

    def xyz(values: tuple[float, ...]) -> bytes:
        return b"XYZ " + bytes(4) + b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    tags = {b"wtpt": xyz((0.9642, 1.0, 0.8249))}
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    for name, values in zip("rgb", primaries, strict=False):
        tags |= {f"{name}XYZ".encode(): xyz(values), f"{name}TRC".encode(): curve}
    place, table, body = 132 + 12 * len(tags), b"", b""
    for tag, content in tags.items():
        table += tag + struct.pack(">II", place + len(body), len(content))
        body += content
    head = struct.pack(">I4sI4s4s4s", place + len(body), b"none", 0x02400000, b"mntr", space, b"XYZ ") + bytes(12) + b"acsp"
    head += bytes(28) + struct.pack(">iii", 63190, 65536, 54061)
    return head + bytes(128 - len(head)) + struct.pack(">I", len(tags)) + table + body


def encoded(image: Image.Image, icc: bytes, format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, icc_profile=icc)
    return buffer.getvalue()


def noise(mode: str = "RGB", low: int = 40, high: int = 220) -> Image.Image:
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.fromarray(np.random.default_rng(0).integers(low, high, (16, 12, bands), dtype=np.uint8).squeeze(), mode=mode)


def srgb_of(image: Image.Image, gamma: float, primaries: tuple[tuple[float, ...], ...]) -> Array:
    """The textbook way: linearise, to XYZ, to linear sRGB, through sRGB's curve (IEC 61966-2-1)."""
    linear = (np.asarray(image) / 255) ** gamma @ np.array(primaries) @ TO_LINEAR.T
    linear = linear.clip(0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055) * 255


@pytest.mark.parametrize(("gamma", "primaries"), [(2.2, P3), (2.19921875, ADOBE), (1.8, SRGB), (2.2, SRGB[::-1])])
@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_rgb_is_converted_to_srgb(gamma: float, primaries: tuple[tuple[float, ...], ...], format: str) -> None:
    found = decode(encoded(noise(), profile(gamma, primaries), format))
    assert np.abs(np.asarray(found) - srgb_of(noise(), gamma, primaries)).max() < 2.5
    assert not found.info, "nothing is left that would go into a file"


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_a_profile_of_srgb_changes_no_bit(mode: str) -> None:
    plain, tagged = io.BytesIO(), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    noise(mode, 0, 256).save(plain, "PNG")
    assert decode(encoded(noise(mode, 0, 256), tagged)).tobytes() == decode(plain.getvalue()).tobytes()


def test_grey_has_profiles_too() -> None:
    found = np.asarray(decode(encoded(noise("L"), profile(1.0, space=b"GRAY"))))
    linear = np.asarray(noise("L")) / 255
    assert np.abs(found - ((1.055 * linear ** (1 / 2.4) - 0.055) * 255)[..., None]).max() < 2.5


def test_transparency_is_laid_over_white_after_the_conversion() -> None:
    image = noise().convert("RGBA")
    image.putalpha(128)
    found = np.asarray(decode(encoded(image, profile(2.2, P3))))
    assert np.abs(found - (srgb_of(noise(), 2.2, P3) * 128 + 255 * 127) / 255).max() < 2.5


@pytest.mark.parametrize(("icc", "why"), [(b"x" * 300, "is damaged"), (profile(1, space=b"GRAY"), "is for GRAY, its pixels are RGB")])
def test_a_profile_that_cannot_be_used_is_noted_and_left_out_of_account(icc: bytes, why: str) -> None:
    notes = Notes()
    assert np.array_equal(decode(encoded(noise(), icc), notes=notes), noise())
    assert [detail.startswith(why) for _, detail in notes.doubts] == [True]


def test_a_profile_beyond_a_mebibyte_is_read() -> None:
    long = profile(2.2, P3) + bytes(1_500_000)
    long = struct.pack(">I", len(long)) + long[4:]
    assert np.array_equal(decode(encoded(noise(), long)), decode(encoded(noise(), profile(2.2, P3))))
