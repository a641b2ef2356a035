"""The two halves of a side-by-side image."""

from PIL import Image

from pix2pix.data.fit import half_width


def halves(pair: Image.Image) -> tuple[Image.Image, Image.Image]:
    """(A, the left half; B, the right half)."""
    half = half_width(*pair.size)
    return pair.crop((0, 0, half, pair.height)), pair.crop((half, 0, pair.width, pair.height))
