"""The storage format `encoded`: the files of a split as they are, concatenated, decoded and resized when they are read.

For sets whose arrays would be too large: files of 256 x 512 pixels take a tenth or less of their arrays. A folder holds, besides
`meta.json` and `names.json`, blobs `files-00000.bin`, … of at most 2 GiB (more only where a single image's files are larger), and
`index.npy`, int64 (images, files of an image, 4): blob, first byte, byte behind the last, and 1 where the file is a plain JPEG.
What is read is bit for bit what the storage format `arrays` holds.
"""

import array
import hashlib
import importlib.util
import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pix2pix.data.conversion import Array, Conversion
from pix2pix.data.jpeg import plain_pixels

INDEX = "index.npy"
_BLOB_BYTES = 2 * 1024**3


class EncodedImages:
    """Reader of the storage format `encoded`. Decoding runs on all cores, as it releases the GIL."""

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
        self._has_turbo = importlib.util.find_spec("simplejpeg") is not None  # without it Pillow decodes all: slower, the same pixels
        self._threads = ThreadPoolExecutor(len(os.sched_getaffinity(0)))

    def __len__(self) -> int:
        return len(self._index)

    def read(self, wanted: Array) -> Array:
        """Images at the places `wanted` (int64), (n, planes, size, size) as the storage format `arrays` holds them."""
        rgb = self.conversion.empty(len(wanted))
        # list() raises here what a thread raised
        list(self._threads.map(self._convert, rgb, wanted))
        return self.conversion.stored(rgb)

    def _convert(self, planes: Array, position: int) -> None:
        files = self._index[position]
        contents = [self._blobs[blob][start:stop].tobytes() for blob, start, stop, _ in files]
        if self._has_turbo and files[:, 3].all():
            self.conversion.resize_to(planes, self.conversion.sides([plain_pixels(content) for content in contents]))
        else:
            self.conversion.convert(planes, contents)


@dataclass(frozen=True)
class Files:
    """The files of some images, concatenated.

    index: int64 (images, files of an image, 2): of each file its length in bytes, and 1 where it is plain (`jpeg.is_plain`), else 0.
    """

    content: bytes
    index: Array


class Blobs:
    """Writer of the blobs, hashed on the way, and of their index."""

    def __init__(self, folder: Path, files: int) -> None:
        """files: of an image."""
        self._folder, self._files = folder, files
        self._rows = array.array("q")
        self._digests = [hashlib.sha256()]
        self._sizes = [0]

    def add(self, files: Files) -> None:
        """Append the files of further images; those of one image lie in one blob."""
        content, written, reached = memoryview(files.content), 0, 0
        for image in files.index.tolist():
            length = sum(size for size, _ in image)
            if self._sizes[-1] and self._sizes[-1] + length > _BLOB_BYTES:
                self._append(content[written:reached])
                written = reached
                self._digests.append(hashlib.sha256())
                self._sizes.append(0)
            for size, plain in image:
                start = self._sizes[-1]
                self._rows.extend((len(self._sizes) - 1, start, start + size, plain))
                self._sizes[-1] += size
            reached += length
        self._append(content[written:])

    def finish(self) -> list[dict[str, str | int]]:
        """Write the index; returns the entries `shards` for meta.json."""
        table = io.BytesIO()  # np.save into a file would hide the reason of a disk error
        np.save(table, np.frombuffer(self._rows, dtype=np.int64).reshape(-1, self._files, 4))
        (self._folder / INDEX).write_bytes(table.getvalue())
        blobs = enumerate(zip(self._sizes, self._digests, strict=True))
        return [{"file": _name(i), "bytes": size, "sha256": digest.hexdigest()} for i, (size, digest) in blobs]

    def _append(self, content: memoryview) -> None:
        with (self._folder / _name(len(self._sizes) - 1)).open("ab") as file:
            file.write(content)
        self._digests[-1].update(content)


def _name(blob: int) -> str:
    return f"files-{blob:05d}.bin"
