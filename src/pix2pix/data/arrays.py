"""The storage format `arrays`: images of one size in NumPy files `images-00000.npy`, …, each (n, planes, H, W) and at most 2 GiB."""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pix2pix.data.conversion import Array

_SHARD_BYTES = 2 * 1024**3


class Arrays:
    """Reads images from memory-mapped arrays (n, planes, H, W)."""

    def __init__(self, shards: Sequence[Array]) -> None:
        self._shards = shards
        self._starts = np.cumsum([0, *(len(shard) for shard in shards)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def read(self, wanted: Array) -> Array:
        """Images at the positions `wanted`, (n,) int64 -> (n, planes, H, W)."""
        if len(self._shards) == 1:
            return self._shards[0][wanted]
        out = np.empty((len(wanted), *self._shards[0].shape[1:]), dtype=self._shards[0].dtype)
        shard_of = np.searchsorted(self._starts, wanted, side="right") - 1
        for shard in np.unique(shard_of):
            here = shard_of == shard
            out[here] = self._shards[shard][wanted[here] - self._starts[shard]]
        return out


class ArrayFiles:
    """Writes the NumPy files. Images are hashed as they are appended, so that no file is read again.

    Each header is written first, with the expected number of images. If fewer were added, `finish` corrects the last file's header and
    hashes that file again.
    """

    def __init__(self, folder: Path, shape: tuple[int, ...], dtype: str, *, expected: int) -> None:
        """shape: (planes, H, W) of an image. dtype: NumPy name. expected: the most images that will be added."""
        self._folder, self._shape, self._dtype, self._expected = folder, shape, np.dtype(dtype), expected
        self._per_file = max(1, _SHARD_BYTES // (int(np.prod(shape)) * self._dtype.itemsize))
        self._names: list[str] = []
        self._digests: list[str] = []
        self._digest = hashlib.sha256()
        self._written = 0

    def add(self, images: Array) -> None:
        """Append images (n, planes, H, W). Raises ValueError if they are more than expected."""
        if self._written + len(images) > self._expected:
            raise ValueError(f"more than the {self._expected} images expected")
        while len(images):
            filled = self._written % self._per_file
            if not filled:
                self._begin()
            now, images = np.split(images, [self._per_file - filled])
            self._append(np.ascontiguousarray(now).data)
            self._written += len(now)

    def finish(self) -> list[dict[str, object]]:
        """Correct the last header if fewer images came; returns the entries of `shards` in meta.json."""
        if self._written < self._expected and self._written % self._per_file:
            self._correct()
        counts = [min(self._per_file, self._written - i * self._per_file) for i in range(len(self._names))]
        digests = [*self._digests, self._digest.hexdigest()]
        return [{"file": f, "images": n, "sha256": d} for f, n, d in zip(self._names, counts, digests, strict=False)]

    def _begin(self) -> None:
        if self._names:
            self._digests.append(self._digest.hexdigest())
        self._names.append(f"images-{len(self._names):05d}.npy")
        self._digest = hashlib.sha256()
        self._append(self._header(min(self._per_file, self._expected - self._written)))

    def _append(self, content: bytes | memoryview) -> None:
        # no memory map: on a full disk, a write to one kills the process with SIGBUS
        with (self._folder / self._names[-1]).open("ab") as file:
            file.write(content)
        self._digest.update(content)

    def _correct(self) -> None:
        with (self._folder / self._names[-1]).open("r+b") as file:
            file.write(self._header(self._written % self._per_file))
            file.seek(0)
            self._digest = hashlib.file_digest(file, "sha256")

    def _header(self, count: int) -> bytes:
        """NumPy's header of an array in C order (numpy.lib.format, version 1.0); its length is the same for every count."""
        header = io.BytesIO()
        described = {"descr": np.lib.format.dtype_to_descr(self._dtype), "fortran_order": False, "shape": (count, *self._shape)}
        np.lib.format.write_array_header_1_0(header, described)
        return header.getvalue()
