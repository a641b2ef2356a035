"""Turn an image upright as its EXIF orientation says. All other tags are left alone, whatever is wrong with them."""

from PIL import ExifTags, Image

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # EXIF 2.3, 4.6.4, tag 274


def turn(image: Image.Image) -> Image.Transpose | None:
    """How the image is to be turned; None where it is upright, or its EXIF has no orientation or cannot be read."""
    try:
        return _TURNS.get(int(image.getexif().get(ExifTags.Base.Orientation, 1)))
    except Exception:  # Pillow raises SyntaxError, struct.error, TypeError, KeyError, … on damaged EXIF
        return None


def is_sideways(image: Image.Image) -> bool:
    """Whether turning it upright swaps width and height."""
    return turn(image) in (Image.Transpose.TRANSPOSE, Image.Transpose.ROTATE_270, Image.Transpose.TRANSVERSE, Image.Transpose.ROTATE_90)
