"""The storage format `encoded`: the unchanged image files of a split, concatenated. They are decoded and resized when they are read.

It is for datasets whose arrays would be too large: files of 256 x 512 pixels take a tenth or less of their arrays. Besides `meta.json` and
`names.json`, a folder has `files-00000.bin` and `index.npy`, int64 (images, files per image, 4): 0, start byte, end byte (exclusive), and 1
if the file is a plain JPEG (`jpeg.is_plain`). Reading gives bit for bit the images of the storage format `arrays`.
"""

import array
import hashlib
import importlib.util
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pix2pix.data.conversion import Array, Conversion
from pix2pix.data.decode_memory import decode_memory
from pix2pix.data.jpeg import plain_pixels
from pix2pix.system.runtime import cores

_NAME, _INDEX = "files-00000.bin", "index.npy"


class EncodedImages:
    """Reads the storage format `encoded`. Threads decode on all cores, as decoding releases the GIL."""

    def __init__(self, file: Path, conversion: Conversion) -> None:
        """file: the concatenated files; the index is beside it. Raises ValueError or OSError if they do not match."""
        self.conversion = conversion
        self._index, self._content = np.load(file.parent / _INDEX), np.memmap(file, mode="r", dtype=np.uint8)
        if self._index.dtype != np.int64 or self._index.shape[1:] != (conversion.files, 4):
            raise ValueError(f"{_INDEX} is not of the shape that meta.json names")
        first, start, stop = self._index[..., 0], self._index[..., 1], self._index[..., 2]
        if first.any() or (start < 0).any() or (start > stop).any() or stop.max(initial=0) != len(self._content):
            raise ValueError(f"{_INDEX} points outside the files")
        self._has_turbo = importlib.util.find_spec("simplejpeg") is not None  # without simplejpeg Pillow decodes: slower, the same pixels
        self._threads = ThreadPoolExecutor(cores())

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
        contents = [self._content[start:stop].tobytes() for _, start, stop, _ in files]
        if self._has_turbo and files[:, 3].all():
            self.conversion.resize_to(planes, self.conversion.sides([plain_pixels(content) for content in contents]))
        else:
            with decode_memory.taken(contents):
                self.conversion.convert(planes, contents)


@dataclass(frozen=True)
class Files:
    """The concatenated files of several images.

    index: int64 (images, files per image, 2): the length of each file in bytes, and 1 if it is plain (`jpeg.is_plain`), else 0.
    """

    content: bytes
    index: Array


class EncodedFile:
    """Writes the files, hashed as they are written, and their index."""

    def __init__(self, folder: Path, files: int) -> None:
        """folder: an existing folder. files: number of files for one image."""
        self._folder, self._files = folder, files
        self._rows = array.array("q")
        self._digest, self._size = hashlib.sha256(), 0

    def add(self, files: Files) -> None:
        """Append the files of further images."""
        for size, plain in files.index.reshape(-1, 2).tolist():
            self._rows.extend((0, self._size, self._size + size, plain))
            self._size += size
        with (self._folder / _NAME).open("ab") as file:
            file.write(files.content)
        self._digest.update(files.content)

    def finish(self) -> list[dict[str, str | int]]:
        """Write the index; returns `shards` of meta.json."""
        table = io.BytesIO()  # np.save to a file would hide the reason of an OSError
        np.save(table, np.frombuffer(self._rows, dtype=np.int64).reshape(-1, self._files, 4))
        (self._folder / _INDEX).write_bytes(table.getvalue())
        return [{"file": _NAME, "bytes": self._size, "sha256": self._digest.hexdigest()}]
