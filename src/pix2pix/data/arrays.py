"""The storage format `arrays`: the images of a split, of one size, in one NumPy file, (n, planes, H, W)."""

import hashlib
import io
from pathlib import Path

import numpy as np

from pix2pix.data.conversion import Array

_NAME = "images-00000.npy"


class ArrayFile:
    """Writes the file. Images are hashed as they are appended, so that the file is not read again.

    The header is written first, with the expected number of images. If fewer were added, `finish` corrects it and hashes the file again.
    """

    def __init__(self, folder: Path, shape: tuple[int, ...], dtype: str, *, expected: int) -> None:
        """shape: (planes, H, W) of an image. dtype: NumPy name. expected: the most images that will be added."""
        self._path, self._shape, self._dtype, self._expected = folder / _NAME, shape, np.dtype(dtype), expected
        self._digest = hashlib.sha256()
        self._written = 0
        self._append(self._header(expected))

    def add(self, images: Array) -> None:
        """Append images (n, planes, H, W). Raises ValueError if they are more than expected."""
        self._written += len(images)
        if self._written > self._expected:
            raise ValueError(f"more than the {self._expected} images expected")
        self._append(np.ascontiguousarray(images).data)

    def finish(self) -> list[dict[str, object]]:
        """Correct the header if fewer images came; returns `shards` of meta.json."""
        if self._written < self._expected:
            with self._path.open("r+b") as file:
                file.write(self._header(self._written))
                file.seek(0)
                self._digest = hashlib.file_digest(file, "sha256")
        return [{"file": _NAME, "images": self._written, "sha256": self._digest.hexdigest()}]

    def _append(self, content: bytes | memoryview) -> None:
        # no memory map: on a full disk, a write to one kills the process with SIGBUS
        with self._path.open("ab") as file:
            file.write(content)
        self._digest.update(content)

    def _header(self, count: int) -> bytes:
        """NumPy's header of an array in C order (numpy.lib.format, version 1.0); its length is the same for every count."""
        header = io.BytesIO()
        described = {"descr": np.lib.format.dtype_to_descr(self._dtype), "fortran_order": False, "shape": (count, *self._shape)}
        np.lib.format.write_array_header_1_0(header, described)
        return header.getvalue()
