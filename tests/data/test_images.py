"""Picture files of every sort become upright 8-bit RGB or are refused with the reason; nothing else ever happens."""

import io
import struct
import warnings
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pix2pix.data.bad_image import BadImage
from pix2pix.data.fit import to_square
from pix2pix.data.images import decode
from tests.halves import halves

Array = np.ndarray[Any, Any]


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def smooth(width: int, height: int) -> Image.Image:
    """A picture that JPEG keeps within a few levels."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack([x, y, 255 - x], axis=2).astype(np.uint8))


def pixels(data: bytes) -> Array:
    image = decode(data)
    assert image.mode == "RGB"
    return np.asarray(image)


def reason(data: bytes) -> str:
    with pytest.raises(BadImage) as caught:
        decode(data)
    return str(caught.value)


# what is converted


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "PPM"])
def test_rgb_comes_back_as_it_was(format: str) -> None:
    assert np.array_equal(pixels(encoded(noise(7, 5), format)), np.asarray(noise(7, 5)))


@pytest.mark.parametrize("mode", ["L", "1"])
def test_grey_and_black_and_white_have_three_equal_planes(mode: str) -> None:
    grey = noise(7, 5).convert(mode)
    expected = np.asarray(grey.convert("L"))
    assert np.array_equal(pixels(encoded(grey, "PNG")), np.stack([expected] * 3, axis=2))


def test_a_palette_is_looked_up() -> None:
    palette = noise(7, 5).quantize(16)
    assert np.array_equal(pixels(encoded(palette, "PNG")), np.asarray(palette.convert("RGB")))


def test_cmyk_is_converted() -> None:
    cmyk = noise(7, 5).convert("CMYK")
    assert np.array_equal(pixels(encoded(cmyk, "TIFF")), np.asarray(noise(7, 5)))


def test_an_inverted_cmyk_jpeg_of_photoshop_shows_its_colours() -> None:
    found = pixels(encoded(smooth(32, 32).convert("CMYK"), "JPEG", quality=95)).astype(int)
    assert np.abs(found - np.asarray(smooth(32, 32))).max() < 24


LEVELS = np.arange(256).reshape(16, 16)


def big_endian_tiff(levels: Array) -> bytes:
    """16-bit grey with the most significant byte first, as cameras and scientific programs write it."""
    height, width = levels.shape
    body = levels.astype(">u2").tobytes()
    short = {256: width, 257: height, 258: 16, 259: 1, 262: 1, 277: 1, 278: height}
    tags = {tag: struct.pack(">HHIHH", tag, 3, 1, value, 0) for tag, value in short.items()}
    tags |= {273: struct.pack(">HHII", 273, 4, 1, 8), 279: struct.pack(">HHII", 279, 4, 1, len(body))}
    folder = struct.pack(">H", len(tags)) + b"".join(tags[tag] for tag in sorted(tags)) + b"\0\0\0\0"
    return b"MM\0*" + struct.pack(">I", 8 + len(body)) + body + folder


SIXTEEN = {
    "I;16 PNG": encoded(Image.fromarray((LEVELS * 257).astype(np.uint16)), "PNG"),
    "I;16 TIFF": encoded(Image.fromarray((LEVELS * 257).astype(np.uint16)), "TIFF"),
    "I;16B TIFF": big_endian_tiff(LEVELS * 257),
    "I TIFF": encoded(Image.fromarray((LEVELS * 257).astype(np.int32)), "TIFF"),
}


@pytest.mark.parametrize("name", SIXTEEN)
def test_16_bit_grey_keeps_its_levels(name: str) -> None:
    assert Image.open(io.BytesIO(SIXTEEN[name])).mode == name.split()[0]
    assert np.array_equal(pixels(SIXTEEN[name]), np.stack([LEVELS] * 3, axis=2))


def test_16_bit_levels_between_two_are_rounded_to_the_nearest() -> None:
    sixteen = np.arange(65536).reshape(256, 256)
    found = pixels(encoded(Image.fromarray(sixteen.astype(np.uint16)), "PNG"))[..., 0]
    assert np.array_equal(found, np.floor(sixteen / 257 + 0.5))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparency_is_laid_over_white(mode: str) -> None:
    picture = noise(7, 5).convert("L" if mode == "LA" else "RGB")
    alpha = Image.fromarray(np.random.default_rng(1).integers(0, 256, (5, 7), dtype=np.uint8))
    layers = picture.quantize(8).convert("PA") if mode == "PA" else picture.copy()
    layers.putalpha(alpha)
    assert layers.mode == mode
    colours = np.asarray(layers.convert("RGB"), dtype=float)
    share = np.asarray(alpha, dtype=float)[..., None] / 255
    found = pixels(encoded(layers, "TIFF" if mode == "PA" else "PNG"))
    assert np.abs(found - (colours * share + 255 * (1 - share))).max() <= 1


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "I;16"])
def test_a_see_through_colour_becomes_white_and_no_other_does(mode: str) -> None:
    levels = np.array([[0, 50], [100, 150]])
    if mode == "I;16":
        picture, key, expected = Image.fromarray((levels * 257).astype(np.uint16)), 50 * 257, levels
    else:
        picture = Image.fromarray(levels.astype(np.uint8)).convert("RGB" if mode == "RGB" else "L")
        picture = picture.quantize(4) if mode == "P" else picture
        key = picture.getpixel((1, 0))
        expected = levels
    found = pixels(encoded(picture, "PNG", transparency=key))
    assert np.array_equal(found[..., 0], np.where(expected == 50, 255, expected))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_rotated_photo_stands_upright(format: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    lying = smooth(24, 16)
    # what a viewer does to show the stored pixels, by the Exif standard (orientation tag): 6 is a quarter turn clockwise, …
    turns: list[Image.Transpose | None] = [
        None,
        Image.Transpose.FLIP_LEFT_RIGHT,
        Image.Transpose.ROTATE_180,
        Image.Transpose.FLIP_TOP_BOTTOM,
        Image.Transpose.TRANSPOSE,
        Image.Transpose.ROTATE_270,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
    ]
    turn = turns[orientation - 1]
    found = decode(encoded(lying, format, exif=exif, quality=95))
    upright = lying if turn is None else lying.transpose(turn)
    assert found.size == upright.size
    assert np.abs(np.asarray(found).astype(int) - np.asarray(upright)).mean() < 4


def test_a_single_pixel_is_a_picture() -> None:
    assert pixels(encoded(Image.new("RGB", (1, 1), (1, 2, 3)), "PNG")).tolist() == [[[1, 2, 3]]]


def test_the_first_picture_of_a_stereo_camera_is_taken() -> None:
    both = encoded(smooth(32, 16), "MPO", save_all=True, append_images=[Image.new("RGB", (32, 16))], quality=95)
    assert np.abs(pixels(both).astype(int) - np.asarray(smooth(32, 16))).mean() < 4


# what is refused


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF"])
def test_animations_and_several_pages_are_refused(format: str) -> None:
    moving = encoded(smooth(8, 8), format, save_all=True, append_images=[noise(8, 8)])
    assert reason(moving) == "animated or of several pages (2 frames)"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
def test_a_picture_cut_short_is_refused(format: str) -> None:
    whole = encoded(noise(40, 40), format)
    assert reason(whole[: len(whole) * 6 // 10]).startswith("damaged: ")


def test_what_is_no_picture_is_refused() -> None:
    assert reason(b"") == "an empty file"
    assert reason(b"# README\nPictures of cats.\n") == "not an image that is read: a file of unknown kind"


def test_levels_of_unknown_range_are_refused() -> None:
    assert "floating-point" in reason(encoded(Image.fromarray(LEVELS.astype(np.float32)), "TIFF"))
    assert "grey levels from 0 to 17850000, outside 0..65535" in reason(encoded(Image.fromarray((LEVELS * 70000).astype(np.int32)), "TIFF"))
    assert "--levels=-9-246" in reason(encoded(Image.fromarray((LEVELS - 9).astype(np.int32)), "TIFF"))


def png_claiming(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (10_001, 10_000), (2_000_000_000, 1)])
def test_a_header_that_claims_a_giant_is_refused_before_memory_is_taken(width: int, height: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "the limit of 100 million" in reason(png_claiming(width, height))


# damage

WHOLE = {
    "JPEG": encoded(noise(24, 16), "JPEG"),
    "progressive JPEG": encoded(noise(24, 16), "JPEG", progressive=True),
    "PNG": encoded(noise(24, 16), "PNG"),
    "palette PNG": encoded(noise(24, 16).quantize(16), "PNG", transparency=3),
    "WEBP": encoded(noise(24, 16), "WEBP"),
    "TIFF": encoded(noise(24, 16), "TIFF"),
    "GIF": encoded(noise(24, 16), "GIF"),
    "BMP": encoded(noise(24, 16), "BMP"),
    "AVIF": encoded(noise(24, 16), "AVIF"),
}
exif = Image.Exif()
exif[0x0112] = 6
WHOLE["turned JPEG"] = encoded(noise(24, 16), "JPEG", exif=exif)


@pytest.mark.filterwarnings("ignore")
@given(name=st.sampled_from(sorted(WHOLE)), data=st.data())
def test_damage_of_any_sort_gives_a_picture_or_the_reason_and_nothing_else(name: str, data: st.DataObject) -> None:
    content = bytearray(WHOLE[name])
    # most of what a reader trusts stands at the front
    places = st.integers(0, min(200, len(content) - 1)) | st.integers(0, len(content) - 1)
    for place in data.draw(st.lists(places, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    kept = data.draw(st.integers(0, len(content)) | st.just(len(content)))
    try:
        image = decode(bytes(content[:kept]))
    except BadImage as error:
        assert str(error).strip(": ")
    else:
        assert image.mode == "RGB" and image.width >= 1 and image.height >= 1


@pytest.mark.parametrize("name", sorted(WHOLE))
@pytest.mark.filterwarnings("ignore")
def test_every_single_byte_of_the_header_may_be_wrong(name: str) -> None:
    for place in range(min(160, len(WHOLE[name]))):
        for value in (0, 255, WHOLE[name][place] ^ 1):
            content = bytearray(WHOLE[name])
            content[place] = value
            try:
                assert decode(bytes(content)).mode == "RGB"
            except BadImage as error:
                assert str(error).strip(": ")


# sizes

FILTERS = {"bicubic": Image.Resampling.BICUBIC, "area": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR}


@pytest.mark.parametrize("resize", FILTERS)
@pytest.mark.parametrize(("width", "height"), [(40, 40), (50, 30), (20, 33)])
def test_squash_is_one_plain_resize(resize: str, width: int, height: int) -> None:
    found = to_square(noise(width, height), 32, resize=resize, fit="squash")
    assert np.array_equal(np.asarray(found), np.asarray(noise(width, height).resize((32, 32), FILTERS[resize])))


@pytest.mark.parametrize("resize", FILTERS)
@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
def test_a_square_picture_is_fitted_the_same_way_by_all(resize: str, fit: str) -> None:
    found = to_square(noise(48, 48), 32, resize=resize, fit=fit)
    assert np.array_equal(np.asarray(found), np.asarray(noise(48, 48).resize((32, 32), FILTERS[resize])))


@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
def test_a_square_picture_of_the_right_size_is_left_alone(fit: str) -> None:
    assert np.array_equal(np.asarray(to_square(noise(32, 32), 32, resize="bicubic", fit=fit)), np.asarray(noise(32, 32)))


@pytest.mark.parametrize(("width", "height", "box"), [(60, 30, (15, 0, 45, 30)), (20, 36, (0, 8, 20, 28))])
def test_crop_takes_the_middle(width: int, height: int, box: tuple[int, int, int, int]) -> None:
    found = to_square(noise(width, height), 32, resize="bicubic", fit="crop")
    expected = noise(width, height).resize((32, 32), Image.Resampling.BICUBIC, box=box)
    assert np.array_equal(np.asarray(found), np.asarray(expected))


@pytest.mark.parametrize(("width", "height"), [(64, 32), (32, 64)])
def test_pad_keeps_the_proportions_and_fills_with_the_edges_colour(width: int, height: int) -> None:
    picture = Image.new("RGB", (width, height), (10, 200, 30))
    picture.paste((90, 90, 90), (width // 4, height // 4, width * 3 // 4, height * 3 // 4))
    expected = Image.new("RGB", (64, 64), (10, 200, 30))
    expected.paste(picture, ((64 - width) // 2, (64 - height) // 2))
    assert np.array_equal(np.asarray(to_square(picture, 64, resize="bicubic", fit="pad")), np.asarray(expected))


def test_a_picture_too_narrow_to_be_padded_is_refused_before_memory_is_taken() -> None:
    with pytest.raises(BadImage, match="50000x1 pixels: padded to a square it would be above the limit"):
        to_square(Image.new("RGB", (50_000, 1)), 32, resize="bicubic", fit="pad")


@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
def test_a_single_pixel_fills_the_square(fit: str) -> None:
    found = np.asarray(to_square(Image.new("RGB", (1, 1), (1, 2, 3)), 32, resize="bicubic", fit=fit))
    assert found.shape == (32, 32, 3) and (found == (1, 2, 3)).all()


# pairs


def test_a_pair_is_cut_in_the_middle() -> None:
    a, b = halves(noise(20, 8))
    assert np.array_equal(np.concatenate([np.asarray(a), np.asarray(b)], axis=1), np.asarray(noise(20, 8)))
    assert a.size == b.size == (10, 8)


def test_a_pair_of_upright_pictures_is_cut_too() -> None:
    assert halves(noise(20, 15))[0].size == (10, 15)


@pytest.mark.parametrize(
    ("width", "height", "told"), [(21, 8, "a pair of odd width (21x8)"), (16, 16, "16x16 is no pair"), (8, 16, "8x16 is no pair")]
)
def test_what_has_no_two_halves_is_refused(width: int, height: int, told: str) -> None:
    with pytest.raises(BadImage) as caught:
        halves(noise(width, height))
    assert str(caught.value).startswith(told)
