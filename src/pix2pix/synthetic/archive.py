"""Pack synthetic images into archives laid out like the published ones.

The bytes depend only on the arguments: times, owners and order are fixed, Pillow writes the JPEGs, and nothing is compressed (JPEG does
not shrink further, and implementations of zlib differ in their output).
"""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
from PIL import Image

from pix2pix.errors import UserError
from pix2pix.synthetic import anime, cityscapes, facades, food, maps, night2day, products

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


@dataclass(frozen=True)
class SyntheticSet:
    """A dataset that can be drawn.

    `draw(rng, size)` returns an RGB image of (2 * size, size) pixels for side-by-side pairs and of (size, size) otherwise. The members
    of the archive are called `<archive without its suffix>/<split>/<number><ending>.jpg`, the number padded to `digits`.
    """

    draw: Callable[[np.random.Generator, int], Image.Image]
    archive: str
    splits: tuple[str, ...] = ("train", "val")
    digits: int = 1
    ending: str = ""


SYNTHETIC_SETS: Mapping[str, SyntheticSet] = {
    "facades": SyntheticSet(facades.draw, "facades.tar.gz", ("train", "val", "test")),
    "cityscapes": SyntheticSet(cityscapes.draw, "cityscapes.tar.gz"),
    "maps": SyntheticSet(maps.draw, "maps.tar.gz"),
    "edges2shoes": SyntheticSet(products.draw_shoe, "edges2shoes.tar.gz", ending="_AB"),
    "edges2handbags": SyntheticSet(products.draw_handbag, "edges2handbags.tar.gz", ending="_AB"),
    "night2day": SyntheticSet(night2day.draw, "night2day.tar.gz", ("train", "val", "test")),
    "food": SyntheticSet(food.draw, "food_resized.zip", digits=4),
    "anime": SyntheticSet(anime.draw, "anime_resized.zip", digits=4),
}


def archive_name(name: str) -> str:
    """The file name of the dataset's archive, that of the published one. UserError when the dataset cannot be drawn."""
    return _find(name).archive


def write_archive(name: str, path: Path, *, seed: int, size: int, counts: Mapping[str, int]) -> None:
    """Draw the dataset `name` and write its archive to `path`, as `.zip` or else `.tar.gz` by the name of the published one.

    The file is not written atomically: give a path in a temporary folder.

    Args:
        seed: 0 or more. Image n of a split depends on seed, dataset, split, n and size alone: more images change none of the others.
        size: height of an image in pixels (and width; a pair is twice as wide), at least 32: below, a window is less than a pixel.
        counts: how many images each split gets. Splits that the published archive has not are left out.

    Raises:
        UserError: the dataset cannot be drawn.
    """
    chosen = _find(name)
    with path.open("wb") as file:
        write = _write_zip if chosen.archive.endswith(".zip") else _write_tar_gz
        write(file, _members(name, chosen, seed, size, counts))


def _find(name: str) -> SyntheticSet:
    if name not in SYNTHETIC_SETS:
        raise UserError(
            f"there are no synthetic images of the dataset '{name}', only for {', '.join(SYNTHETIC_SETS)}; "
            f"give it a source: 'published', or the URL or path of an archive or a folder"
        )
    return SYNTHETIC_SETS[name]


def _members(name: str, chosen: SyntheticSet, seed: int, size: int, counts: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
    folder = chosen.archive.partition(".")[0]
    for split in chosen.splits:
        for number in range(1, counts.get(split, 0) + 1):
            rng = np.random.default_rng(np.random.SeedSequence([seed, *name.encode(), *split.encode(), number]))
            jpeg = io.BytesIO()
            # no chroma subsampling: it would mix the colours of a label map at their borders
            chosen.draw(rng, size).save(jpeg, "JPEG", quality=95, subsampling="4:4:4")
            yield f"{folder}/{split}/{number:0{chosen.digits}d}{chosen.ending}.jpg", jpeg.getvalue()


def _write_zip(file: IO[bytes], members: Iterator[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for member, content in members:
            info = zipfile.ZipInfo(member)  # its time is the first of 1980
            info.create_system = 3  # Unix, whatever this machine is
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)


def _write_tar_gz(file: IO[bytes], members: Iterator[tuple[str, bytes]]) -> None:
    stored = _StoredGzip(file)
    with tarfile.open(fileobj=stored, mode="w|", format=tarfile.USTAR_FORMAT) as archive:
        for member, content in members:
            info = tarfile.TarInfo(member)  # time, owner and group are 0 and nameless
            info.size, info.mode = len(content), 0o644
            archive.addfile(info, io.BytesIO(content))
    stored.end()


class _StoredGzip(io.BufferedIOBase):
    """A gzip stream (RFC 1952) of stored blocks (RFC 1951, section 3.2.4): no compressor, hence the same bytes with every zlib."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._crc, self._length = file, 0, 0
        file.write(b"\x1f\x8b\x08\x00" + bytes(4) + b"\x00\xff")  # deflate, no flags, no time, unknown system

    def write(self, data: "ReadableBuffer", /) -> int:
        """Appends at most 65,535 bytes, as a block of their own; tarfile writes 10,240 at once."""
        content = bytes(data)
        self._crc, self._length = zlib.crc32(content, self._crc), self._length + len(content)
        self._file.write(struct.pack("<BHH", 0, len(content), len(content) ^ 0xFFFF) + content)
        return len(content)

    def end(self) -> None:
        """Writes an empty last block, the checksum and the length; the file below stays open."""
        self._file.write(struct.pack("<BHHII", 1, 0, 0xFFFF, self._crc, self._length & 0xFFFFFFFF))
