"""The encoded layout: the files of a split as they came, one behind another, decoded and resized when they are read.

For sets whose arrays would be too large: files of 256 x 512 pixels take a tenth or less of their arrays. A folder holds, besides
`meta.json` and `names.json`, blobs `files-00000.bin`, … of at most 2 GiB (more only where a single image's files are larger), and
`index.npy`, int64 (images, files of an image, 4): blob, first byte, byte behind the last, and 1 where the file is a plain JPEG.
What is read is bit for bit what the layout of arrays holds.
"""

import hashlib
import importlib.util
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from pix2pix.data.conversion import Array, Conversion
from pix2pix.data.jpeg import fill_plain

INDEX = "index.npy"
_BLOB_BYTES = 2 * 1024**3
_CHUNK = 16 << 20


class EncodedImages:
    """Reader of the encoded layout. Decoding runs on all cores: Pillow and torchvision leave Python's lock alone meanwhile."""

    def __init__(self, folder: Path, conversion: Conversion, blobs: Sequence[dict[str, Any]]) -> None:
        """blobs: the entries `shards` of meta.json. Raises ValueError, OSError where the files do not fit them."""
        self.conversion = conversion
        self._index = np.load(folder / INDEX)
        if self._index.dtype != np.int64 or self._index.shape[1:] != (conversion.files, 4):
            raise ValueError(f"{INDEX} is not of the shape that meta.json names")
        self._blobs = [np.memmap(folder / blob["file"], mode="r", dtype=np.uint8) for blob in blobs]
        if [len(blob) for blob in self._blobs] != [blob["bytes"] for blob in blobs]:
            raise ValueError("the files are not as long as meta.json says")
        blob, start, stop = self._index[..., 0], self._index[..., 1], self._index[..., 2]
        lengths = np.array([len(blob) for blob in self._blobs])
        if ((blob < 0) | (blob >= len(lengths)) | (start < 0) | (start > stop)).any() or (stop > lengths[blob]).any():
            raise ValueError(f"{INDEX} points outside the files")
        self._quick = importlib.util.find_spec("torchvision") is not None  # without it Pillow does it all: slower, the same pixels
        self._threads = ThreadPoolExecutor(len(os.sched_getaffinity(0)))

    def __len__(self) -> int:
        return len(self._index)

    def read(self, wanted: Array) -> Array:
        """Images at the places `wanted` (int64), (n, planes, size, size) as the layout of arrays stores them."""
        rgb = self.conversion.empty(len(wanted))
        # the list makes errors come out here
        list(self._threads.map(self._fill, rgb, wanted))
        return self.conversion.coloured(rgb)

    def _fill(self, image: Array, place: int) -> None:
        contents = [self._blobs[blob][start:stop].tobytes() for blob, start, stop, _ in self._index[place]]
        if self._quick and self._index[place, :, 3].all():
            fill_plain(image, contents, self.conversion)
        else:
            self.conversion.fill(image, contents)


def write_blobs(folder: Path, parts: Iterable[Path], index: Array) -> list[dict[str, str | int]]:
    """Put the files `parts` one behind another into blobs in `folder`, and write their index; returns the entries for meta.json.

    index: int64 (images, files, 2): of each file its length in bytes, and whether it is plain; in the order in which they lie in `parts`.
    """
    lengths = index[:, :, 0].sum(axis=1)
    placed = np.empty((*index.shape[:2], 4), dtype=np.int64)
    blob, filled = 0, 0
    for image, length in enumerate(lengths.tolist()):
        if filled and filled + length > _BLOB_BYTES:
            blob, filled = blob + 1, 0
        stops = filled + index[image, :, 0].cumsum()
        placed[image] = np.stack([np.full_like(stops, blob), stops - index[image, :, 0], stops, index[image, :, 1]], axis=1)
        filled += length
    table = io.BytesIO()  # np.save into a file would not say why a disk refuses
    np.save(table, placed)
    (folder / INDEX).write_bytes(table.getvalue())
    sizes = [int(placed[placed[..., 0] == number, 2].max()) for number in range(blob + 1)]
    pieces = _pieces(parts)
    rest = b""
    entries: list[dict[str, str | int]] = []
    for number, size in enumerate(sizes):
        name, digest, written = f"files-{number:05d}.bin", hashlib.sha256(), 0
        with (folder / name).open("wb") as file:
            while written < size:
                piece = rest or next(pieces)
                piece, rest = piece[: size - written], piece[size - written :]
                file.write(piece)
                digest.update(piece)
                written += len(piece)
        entries.append({"file": name, "bytes": size, "sha256": digest.hexdigest()})
    return entries


def _pieces(parts: Iterable[Path]) -> Iterator[bytes]:
    for part in parts:
        with part.open("rb") as file:
            while piece := file.read(_CHUNK):
                yield piece
