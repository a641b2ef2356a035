"""Packs drawn pictures into archives laid out like the published ones, so that everything behind them meets the real layout.

The bytes depend on the arguments alone: fixed times and owners, a fixed order, JPEG by Pillow, and no compressor (JPEG does not
shrink, and zlib's output differs between zlib and its replacements).
"""

import io
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING

import numpy as np
from PIL import Image

from pix2pix.errors import UserError
from pix2pix.synthetic import anime, cityscapes, facades, food, maps, night2day, products

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

SPLITS = ("train", "val", "test")
SMALLEST = 32  # pixels; below that a window is less than a pixel
Member = tuple[str, bytes]


@dataclass(frozen=True)
class Sample:
    """A dataset that can be drawn.

    `draw(rng, size)` returns an RGB picture, (2 * size, size) pixels for side-by-side pairs and (size, size) otherwise. The members
    of the archive are called `<folder>/<split>/<number><ending>.jpg`, the number padded to `digits`.
    """

    draw: Callable[[np.random.Generator, int], Image.Image]
    archive: str
    folder: str
    splits: tuple[str, ...]
    digits: int = 1
    ending: str = ""


SAMPLES: Mapping[str, Sample] = MappingProxyType(
    {
        "facades": Sample(facades.draw, "facades.tar.gz", "facades", SPLITS),
        "cityscapes": Sample(cityscapes.draw, "cityscapes.tar.gz", "cityscapes", ("train", "val")),
        "maps": Sample(maps.draw, "maps.tar.gz", "maps", ("train", "val")),
        "edges2shoes": Sample(products.draw_shoe, "edges2shoes.tar.gz", "edges2shoes", ("train", "val"), ending="_AB"),
        "edges2handbags": Sample(products.draw_handbag, "edges2handbags.tar.gz", "edges2handbags", ("train", "val"), ending="_AB"),
        "night2day": Sample(night2day.draw, "night2day.tar.gz", "night2day", SPLITS),
        "food": Sample(food.draw, "food_resized.zip", "food_resized", ("train", "val"), digits=4),
        "anime": Sample(anime.draw, "anime_resized.zip", "anime_resized", ("train", "val"), digits=4),
    }
)


def archive_name(name: str) -> str:
    """The file name of the dataset's archive, that of the published one. UserError when there is no sample of the dataset."""
    return _sample(name).archive


def write_archive(name: str, path: Path, *, seed: int, size: int, counts: Mapping[str, int]) -> None:
    """Draws the dataset `name` and writes its archive to `path`, as `.zip` or else `.tar.gz` by the name of the published one.

    Args:
        seed: 0 or more. Picture n of a split depends on seed, dataset, split, n and size alone: more pictures change none of the others.
        size: height of a picture in pixels (and width; a pair is twice as wide), at least 32.
        counts: how many pictures each split gets; a split that is left out gets none.

    Raises:
        UserError: no sample of this dataset, a split that its archive does not have, a number out of range.
    """
    sample = _sample(name)
    _check(name, sample, seed, size, counts)
    members = _members(name, sample, seed, size, counts)
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        if sample.archive.endswith(".zip"):
            _write_zip(file, members)
        else:
            _write_tar_gz(file, members)
    os.replace(partial, path)


def _sample(name: str) -> Sample:
    if name not in SAMPLES:
        raise UserError(
            f"there is no sample data for the dataset '{name}', only for {', '.join(SAMPLES)}; "
            f"give it a source: 'published', or the URL or path of an archive or a folder"
        )
    return SAMPLES[name]


def _check(name: str, sample: Sample, seed: int, size: int, counts: Mapping[str, int]) -> None:
    problems = [f"'{split}' is not a split of it (it has {', '.join(sample.splits)})" for split in counts if split not in sample.splits]
    problems += [f"{count} pictures in '{split}' (give 0 or more)" for split, count in counts.items() if count < 0]
    if size < SMALLEST:
        problems.append(f"a size of {size} pixels (give {SMALLEST} or more)")
    if seed < 0:
        problems.append(f"seed {seed} (give 0 or more)")
    if problems:
        raise UserError(f"cannot draw the sample of '{name}': {'; '.join(problems)}")


def _members(name: str, sample: Sample, seed: int, size: int, counts: Mapping[str, int]) -> Iterator[Member]:
    for split in sample.splits:
        for number in range(1, counts.get(split, 0) + 1):
            rng = np.random.default_rng(np.random.SeedSequence([seed, *name.encode(), *split.encode(), number]))
            jpeg = io.BytesIO()
            # 4:4:4, or the colours of a label map would bleed into each other
            sample.draw(rng, size).save(jpeg, "JPEG", quality=95, subsampling="4:4:4")
            yield f"{sample.folder}/{split}/{number:0{sample.digits}d}{sample.ending}.jpg", jpeg.getvalue()


def _write_zip(file: IO[bytes], members: Iterator[Member]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for member, content in members:
            info = zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0))
            info.create_system = 3  # Unix, whatever this machine is
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)


def _write_tar_gz(file: IO[bytes], members: Iterator[Member]) -> None:
    with _StoredGzip(file) as stored, tarfile.open(fileobj=stored, mode="w|", format=tarfile.USTAR_FORMAT) as archive:
        for member, content in members:
            info = tarfile.TarInfo(member)  # time, owner and group are 0 and nameless
            info.size, info.mode = len(content), 0o644
            archive.addfile(info, io.BytesIO(content))


class _StoredGzip(io.BufferedIOBase):
    """A gzip stream (RFC 1952) of stored blocks (RFC 1951, section 3.2.4): no compressor, hence the same bytes with every zlib."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._crc, self._length = file, 0, 0
        self._file.write(b"\x1f\x8b\x08\x00" + bytes(4) + b"\x00\xff")  # deflate, no flags, no time, unknown system

    def write(self, data: "ReadableBuffer", /) -> int:
        content = bytes(data)
        for start in range(0, len(content), 0xFFFF):
            self._block(content[start : start + 0xFFFF], last=False)
        self._crc, self._length = zlib.crc32(content, self._crc), self._length + len(content)
        return len(content)

    def _block(self, content: bytes, *, last: bool) -> None:
        self._file.write(struct.pack("<BHH", last, len(content), len(content) ^ 0xFFFF) + content)

    def close(self) -> None:
        """Ends the stream; the file below stays open."""
        if not self.closed:
            self._block(b"", last=True)
            self._file.write(struct.pack("<II", self._crc, self._length & 0xFFFFFFFF))
        super().close()
