"""JPEG files that need nothing but decoding, by a decoder that is faster than Pillow's and gives the same pixels."""

import io
import warnings
from collections.abc import Sequence

import numpy as np
import torch
from PIL import ExifTags, Image
from torch import Tensor

from pix2pix.data.conversion import Array, Conversion

# torchvision's versions that are meant here all have the decoder, and a filter set for each call would not be safe among threads
warnings.filterwarnings("ignore", message="The image decoding and encoding capabilities of TorchVision are deprecated")


def is_plain(contents: Sequence[bytes], pictures: Sequence[Image.Image], conversion: Conversion) -> bool:
    """Whether the files of one image are colour JPEGs that lie upright and already have the size of the image.

    pictures: what `conversion.pictures` made of them. Told by the headers, and by decoding them the other way too: only what comes out
    the same counts.
    """
    if any(picture.size != (conversion.size, conversion.size) for picture in pictures):
        return False  # the usual case, told without a further look at the files
    for content in contents:
        header = Image.open(io.BytesIO(content))
        if header.format != "JPEG" or header.mode != "RGB" or header.getexif().get(ExifTags.Base.Orientation, 1) != 1:
            return False
    slowly, quickly = conversion.empty(1)[0], conversion.empty(1)[0]
    conversion.place(slowly, pictures)
    fill_plain(quickly, contents, conversion)
    return np.array_equal(slowly, quickly)


def fill_plain(image: Array, contents: Sequence[bytes], conversion: Conversion) -> None:
    """As `Conversion.fill`, for contents that are plain: libjpeg-turbo through torchvision, straight to planes."""
    from torchvision.io import ImageReadMode, decode_jpeg  # type: ignore[import-untyped]

    planes: list[Tensor] = [decode_jpeg(torch.frombuffer(bytearray(content), dtype=torch.uint8), ImageReadMode.RGB) for content in contents]
    if conversion.kind == "pairs":
        planes = list(planes[0].chunk(2, dim=2))
    if conversion.direction == "BtoA":
        planes.reverse()
    for i, part in enumerate(planes):
        image[3 * i : 3 * i + 3] = part.numpy()
