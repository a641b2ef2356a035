"""Convert image files to stored planes. Both storage formats use this code, so that they hold the same bits."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import torch
from PIL import Image

from pix2pix.data.bad_image import BadImage
from pix2pix.data.colour_planes import LAB_UNIT, ColourPlanes
from pix2pix.data.fit import half_width, require_room, to_square
from pix2pix.data.images import decode
from pix2pix.data.lab import rgb8_to_lab
from pix2pix.data.pixels import AS_STORED, Notes, Reading

Array = np.ndarray[Any, Any]
_SHAPE_PIXELS = 1  # that a side of A or B may deviate from the other's aspect ratio, as resizing rounds sides
_SHAPE_SHARE = 0.02  # that the aspect ratios may differ by, as programs round sides to multiples of 4, 8 or 16


@dataclass(frozen=True)
class Conversion:
    """Conversion of image files to stored images.

    kind: pairs, lab or folders. direction: AtoB or BtoA. size: pixels of a side. resize, fit: as in `to_square`. levels, max_pixels: as in
    `Reading`."""

    kind: str
    direction: str
    size: int
    resize: str
    fit: str
    levels: str = AS_STORED.levels
    max_pixels: int = AS_STORED.max_pixels

    @property
    def planes(self) -> ColourPlanes:
        """Colour planes of the stored images."""
        return ColourPlanes.of(self.kind, self.direction)

    @property
    def files(self) -> int:
        """Number of files for one image: 2 for `folders` (A and B), else 1."""
        return 2 if self.kind == "folders" else 1

    @property
    def shape(self) -> tuple[int, int, int]:
        """(planes, size, size) of a stored image."""
        return self.planes.channels_in + self.planes.channels_out, self.size, self.size

    def image_bytes(self) -> int:
        """Bytes of one stored image."""
        planes, height, width = self.shape
        return planes * height * width * np.dtype(self.planes.dtype).itemsize

    def as_dict(self) -> dict[str, str | int]:
        """As a dict for JSON, without what is as by default; `Conversion(**…)` restores it."""
        defaults = {field.name: field.default for field in fields(self)}
        return {name: value for name, value in asdict(self).items() if value != defaults[name]}

    def empty(self, count: int) -> Array:
        """An uninitialised array for `count` images in RGB: (count, 6 or 3, size, size) uint8."""
        return np.empty((count, 3 if self.kind == "lab" else 6, self.size, self.size), dtype=np.uint8)

    def convert(self, planes: Array, contents: Sequence[bytes], notes: Notes | None = None) -> None:
        """Convert the contents of one image's files to RGB planes (6 or 3, size, size), the input's first. Raises BadImage."""
        self.resize_to(planes, self.sides(self.decode(contents, notes)))

    def decode(self, contents: Sequence[bytes], notes: Notes | None = None) -> list[Array]:
        """The contents of one image's files, each as (height, width, 3) uint8; adds to `notes`. Raises BadImage."""
        reading = Reading(self.levels, self.max_pixels)
        found = []
        for side, content in zip("AB", contents, strict=False):
            try:
                found.append(np.asarray(decode(content, reading, notes)))
            except BadImage as error:
                raise BadImage(f"{side}: {error}" if self.files == 2 else str(error)) from None
        return found

    def sides(self, decoded: Sequence[Array]) -> list[Array]:
        """[input, target] from the decoded files of one image, (height, width, 3) uint8 each; for `lab` the one image.

        Raises BadImage if the images cannot be used, so that `resize_to` cannot fail on the result.
        """
        sides = list(decoded)
        if self.kind == "folders":
            _check_shapes(*sides)
        if self.kind == "pairs":
            height, width, _ = decoded[0].shape
            half = half_width(width, height)
            sides = [decoded[0][:, :half], decoded[0][:, half:]]
        for side in sides:
            height, width, _ = side.shape
            require_room(width, height, self.fit)
        if self.direction == "BtoA":
            sides.reverse()
        return sides

    def resize_to(self, planes: Array, sides: Sequence[Array]) -> None:
        """Resize the result of `sides` into `planes`, RGB (6 or 3, size, size) uint8, in place."""
        for i, side in enumerate(sides):
            if side.shape[:2] != (self.size, self.size):  # two copies fewer, where files are read again at every epoch
                side = np.asarray(to_square(Image.fromarray(side), self.size, resize=self.resize, fit=self.fit))
            planes[3 * i : 3 * i + 3] = side.transpose(2, 0, 1)

    def stored(self, rgb: Array) -> Array:
        """(n, 6 or 3, size, size) RGB uint8 -> stored images: unchanged, or for `lab` int16 hundredths, the input's planes first."""
        if self.kind != "lab":
            return rgb
        hundredths = np.empty(rgb.shape, dtype=np.int16)
        for i in range(len(rgb)):  # one image at a time: intermediate results stay in the CPU cache
            lab = rgb8_to_lab(torch.from_numpy(rgb[i : i + 1]))
            ordered = lab if self.planes.input == "L" else lab[:, [1, 2, 0]]
            hundredths[i] = (ordered * LAB_UNIT).round()[0].numpy()
        return hundredths


def relative_difference(a: Array, b: Array) -> float:
    """How much the aspect ratios of two images (height, width, 3) differ, as a share; 0 within a pixel, by which rounded sides differ."""
    (height_a, width_a, _), (height_b, width_b, _) = a.shape, b.shape
    one, other = width_a * height_b, height_a * width_b
    if abs(one - other) <= _SHAPE_PIXELS * max(height_a, width_a, height_b, width_b):
        return 0.0
    return abs(one - other) / max(one, other)


def _check_shapes(a: Array, b: Array) -> None:
    """Raise BadImage if A and B differ in aspect ratio. They may differ in size, as both are resized."""
    share = relative_difference(a, b)
    if share > _SHAPE_SHARE:
        (height_a, width_a, _), (height_b, width_b, _) = a.shape, b.shape
        raise BadImage(
            f"A is {width_a}x{height_a} and B is {width_b}x{height_b} pixels: not of one shape (they differ by {share:.0%}, "
            f"{_SHAPE_SHARE:.0%} are allowed)"
        )
