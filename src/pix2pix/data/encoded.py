"""The storage format `encoded`: the unchanged image files of a split, concatenated. They are decoded and resized when they are read.

It is for datasets whose arrays would be too large: files of 256 x 512 pixels take a tenth or less of their arrays. Besides `meta.json` and
`names.json`, a folder has `files-00000.bin` and `index.npy`, int64 (images, files per image, 4): 0, start byte, end byte (exclusive), and 1
if the file is a plain JPEG (`jpeg.is_plain`). Reading gives bit for bit the images of the storage format `arrays`.
"""

import importlib.util
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pix2pix.data.conversion import Array, Conversion
from pix2pix.data.decode_memory import decode_memory
from pix2pix.data.jpeg import plain_pixels
from pix2pix.system.runtime import cores

INDEX = "index.npy"


class EncodedImages:
    """Reads the storage format `encoded`. Threads decode on all cores, as decoding releases the GIL."""

    def __init__(self, file: Path, conversion: Conversion) -> None:
        """file: the concatenated files; the index is beside it. Raises ValueError or OSError if they do not match."""
        self.conversion = conversion
        self._index, self._content = np.load(file.parent / INDEX), np.memmap(file, mode="r", dtype=np.uint8)
        if self._index.dtype != np.int64 or self._index.shape[1:] != (conversion.files, 4):
            raise ValueError(f"{INDEX} is not of the shape that meta.json names")
        first, start, stop = self._index[..., 0], self._index[..., 1], self._index[..., 2]
        if first.any() or (start < 0).any() or (start > stop).any() or stop.max(initial=0) != len(self._content):
            raise ValueError(f"{INDEX} points outside the files")
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
