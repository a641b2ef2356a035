"""The storage format `encoded`: the unchanged image files of a split, concatenated. They are decoded and resized when they are read.

It is for datasets whose arrays would be too large: files of 256 x 512 pixels take a tenth or less of their arrays. Besides `meta.json` and
`names.json`, a folder has blobs `files-00000.bin`, … of at most 2 GiB (more only if a single image's files are larger), and `index.npy`,
int64 (images, files per image, 4): blob, start byte, end byte (exclusive), and 1 if the file is a plain JPEG (`jpeg.is_plain`).
Reading gives bit for bit the images of the storage format `arrays`.
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
    """Reads the storage format `encoded`. Threads decode on all cores, as decoding releases the GIL."""

    def __init__(self, folder: Path, conversion: Conversion, blobs: Sequence[dict[str, Any]]) -> None:
        """blobs: the entries of `shards` in meta.json. Raises ValueError or OSError if the files do not match them."""
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
        self._has_turbo = importlib.util.find_spec("simplejpeg") is not None  # without simplejpeg Pillow decodes: slower, the same pixels
        self._threads = ThreadPoolExecutor(len(os.sched_getaffinity(0)))

    def __len__(self) -> int:
        return len(self._index)

    def read(self, wanted: Array) -> Array:
        """Images at the positions `wanted`, (n,) int64 -> (n, planes, size, size), as in the storage format `arrays`."""
        rgb = self.conversion.empty(len(wanted))
        # list() re-raises an exception of a thread
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
    """The concatenated files of several images.

    index: int64 (images, files per image, 2): the length of each file in bytes, and 1 if it is plain (`jpeg.is_plain`), else 0.
    """

    content: bytes
    index: Array


class Blobs:
    """Writes the blobs, which are hashed as they are written, and their index."""

    def __init__(self, folder: Path, files: int) -> None:
        """folder: an existing folder. files: number of files for one image."""
        self._folder, self._files = folder, files
        self._rows = array.array("q")
        self._digests = [hashlib.sha256()]
        self._sizes = [0]

    def add(self, files: Files) -> None:
        """Append the files of further images. The files of one image are in the same blob."""
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
        """Write the index; returns the entries of `shards` in meta.json."""
        table = io.BytesIO()  # np.save to a file would hide the reason of an OSError
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
