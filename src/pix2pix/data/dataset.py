"""Dataset of prepared images on disk: one large, memory-mapped file a split. The same images give the same bytes.

A folder has `meta.json` (colour planes, size, the file of images with its SHA-256, as `shards`) and `names.json` (file stems in natural
order). In the storage format `arrays` the file is a NumPy array, (n, planes, size, size) uint8 or int16; in `encoded` it is the image files
one after another (see `data.encoded`), and meta.json also has the conversion from files to images.
"""

import array
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.conversion import Array, Conversion
from pix2pix.data.encoded import INDEX, EncodedImages, Files
from pix2pix.errors import UserError
from pix2pix.system.atomic_write import write_json


class ImageDataset:
    """Images of one split with random access, not loaded into memory.

    Attributes:
        names: file stems of the images.
        planes: colour planes of input and target.
        height, width: pixels.
        digest: SHA-256 of meta.json and names.json, which covers the hash of the images."""

    def __init__(self, folder: Path) -> None:
        """Open a folder written by `ArrayWriter` or `EncodedWriter`. Raises UserError if it is missing or damaged."""
        try:
            meta: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
            self.names: list[str] = json.loads((folder / "names.json").read_text(encoding="utf-8"))
            self.planes = ColourPlanes(**meta["layout"])
            self.height, self.width = int(meta["height"]), int(meta["width"])
            self._read, count = self._open(folder, meta)
            if count != len(self.names):
                raise ValueError("there are not as many images as names")
        except FileNotFoundError as error:
            missing = Path(error.filename).name
            raise UserError(f"{folder} holds no prepared images: {missing} is missing; make them with the stage prepare") from None
        except Exception as error:  # invalid JSON, missing keys, a truncated array: the same message for all
            raise UserError(f"{folder} is damaged ({type(error).__name__}: {error}); run the stage prepare again") from None
        self.digest = hashlib.sha256((folder / "meta.json").read_bytes() + (folder / "names.json").read_bytes()).hexdigest()

    def _open(self, folder: Path, meta: dict[str, Any]) -> tuple[Callable[[Array], Array], int]:
        """What reads the images at positions, (n,) int64 -> (n, planes, H, W), and their number."""
        (file,) = meta["shards"]
        if "conversion" in meta:
            conversion = Conversion(**meta["conversion"])
            if conversion.planes != self.planes or not conversion.size == self.height == self.width:
                raise ValueError("meta.json contradicts itself")
            encoded = EncodedImages(folder / file["file"], conversion)
            return encoded.read, len(encoded)
        array = np.load(folder / file["file"], mmap_mode="r")
        image = (self.planes.channels_in + self.planes.channels_out, self.height, self.width)
        if array.shape[1:] != image or array.dtype != self.planes.dtype:
            raise ValueError("the array is not of the size and type that meta.json names")
        return array.__getitem__, len(array)

    def __len__(self) -> int:
        return len(self.names)

    def read(self, indices: Sequence[int] | Tensor) -> Tensor:
        """Images at `indices` as stored, (n, planes, H, W) uint8 or int16; `planes.split` converts them to real_a, real_b."""
        return torch.from_numpy(self._read(np.asarray(indices, dtype=np.int64)))

    def pairs(self, batch_size: int) -> Iterable[tuple[list[str], Tensor, Tensor]]:
        """Yield all images in order, in batches (names, real_a, real_b); real_a and real_b are NCHW float32 in [-1, 1]."""
        for start in range(0, len(self), batch_size):
            stop = min(start + batch_size, len(self))
            yield self.names[start:stop], *self.planes.split(self.read(range(start, stop)))

    def nbytes(self) -> int:
        """Bytes of all images in memory, as `read` returns them."""
        count = self.planes.channels_in + self.planes.channels_out
        return len(self) * count * self.height * self.width * np.dtype(self.planes.dtype).itemsize


def write_dataset(folder: Path, chunks: Iterable[Array], names: Sequence[str], planes: ColourPlanes, size: int) -> None:
    """Write a dataset in the storage format `arrays`: `chunks` are arrays (n, planes, size, size), in the order of `names`."""
    writer = ArrayWriter(folder, planes, size, expected=len(names))
    for images in chunks:
        writer.add(names[len(writer.names) :][: len(images)], images)
    writer.finish()


class ArrayWriter:
    """Writes a dataset in the storage format `arrays`, batch by batch, and hashes the images as they come.

    The header is written first, with the expected number of images. If fewer were added, `finish` corrects it and hashes the file again.
    """

    def __init__(self, folder: Path, planes: ColourPlanes, size: int, *, expected: int) -> None:
        """Create `folder` for at most `expected` images of `size` x `size` pixels. Raises FileExistsError."""
        folder.mkdir(parents=True)
        self.names: list[str] = []
        self._folder, self._planes, self._size, self._expected = folder, planes, size, expected
        self._path, self._digest = folder / "images-00000.npy", hashlib.sha256()
        self._append(self._header(expected))

    def add(self, names: Sequence[str], images: Array) -> None:
        """Append images (n, planes, size, size) with their names. Raises ValueError if they are more than expected."""
        self.names += names
        if len(self.names) > self._expected:
            raise ValueError(f"more than the {self._expected} images expected")
        self._append(np.ascontiguousarray(images).data)

    def finish(self) -> None:
        """Write meta.json and names.json."""
        if len(self.names) < self._expected:
            with self._path.open("r+b") as file:
                file.write(self._header(len(self.names)))
                file.seek(0)
                self._digest = hashlib.file_digest(file, "sha256")
        shard = {"file": self._path.name, "images": len(self.names), "sha256": self._digest.hexdigest()}
        _write_meta(self._folder, self.names, self._planes, self._size, {"shards": [shard]})

    def _append(self, content: bytes | memoryview) -> None:
        # no memory map: on a full disk, a write to one kills the process with SIGBUS
        with self._path.open("ab") as file:
            file.write(content)
        self._digest.update(content)

    def _header(self, count: int) -> bytes:
        """NumPy's header of an array in C order (numpy.lib.format, version 1.0); its length is the same for every count."""
        header, shape = io.BytesIO(), (count, self._planes.channels_in + self._planes.channels_out, self._size, self._size)
        described = {"descr": np.lib.format.dtype_to_descr(np.dtype(self._planes.dtype)), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(header, described)
        return header.getvalue()


class EncodedWriter:
    """Writes a dataset in the storage format `encoded`, batch by batch, and hashes the files as they come."""

    def __init__(self, folder: Path, conversion: Conversion) -> None:
        """Create `folder` for files that `conversion` converts to images. Raises FileExistsError."""
        folder.mkdir(parents=True)
        self.names: list[str] = []
        self._folder, self._conversion = folder, conversion
        self._path, self._digest, self._size = folder / "files-00000.bin", hashlib.sha256(), 0
        self._index = array.array("q")

    def add(self, names: Sequence[str], files: Files) -> None:
        """Append the files of images with their names."""
        self.names += names
        for size, plain in files.index.reshape(-1, 2).tolist():
            self._index.extend((0, self._size, self._size + size, plain))
            self._size += size
        with self._path.open("ab") as file:
            file.write(files.content)
        self._digest.update(files.content)

    def finish(self) -> None:
        """Write the index, meta.json and names.json."""
        table = io.BytesIO()  # np.save to a file would hide the reason of an OSError
        np.save(table, np.frombuffer(self._index, dtype=np.int64).reshape(-1, self._conversion.files, 4))
        (self._folder / INDEX).write_bytes(table.getvalue())
        shard = {"file": self._path.name, "bytes": self._size, "sha256": self._digest.hexdigest()}
        more = {"conversion": self._conversion.as_dict(), "shards": [shard]}
        _write_meta(self._folder, self.names, self._conversion.planes, self._conversion.size, more)


def _write_meta(folder: Path, names: list[str], planes: ColourPlanes, size: int, more: Mapping[str, object]) -> None:
    write_json(folder / "names.json", names)
    write_json(folder / "meta.json", {"layout": planes.as_dict(), "height": size, "width": size, "images": len(names), **more})
