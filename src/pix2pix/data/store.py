"""Prepared images on disk: few large files, memory-mapped, that come out with the same bytes every time.

A folder holds `meta.json` (layout, size, shards with their SHA-256) and `names.json` (stems in natural order). In the layout of arrays
the shards are `images-00000.npy`, … of (n, planes, H, W), uint8 or int16, at most 2 GiB each; in the encoded one they hold the
picture files themselves (see `encoded`), and meta.json also says how those become images.
"""

import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from pix2pix.data.conversion import Array, Conversion
from pix2pix.data.encoded import EncodedImages, write_blobs
from pix2pix.data.layout import Layout
from pix2pix.errors import UserError
from pix2pix.whole_file import write_json

_SHARD_BYTES = 2 * 1024**3


class _Images(Protocol):
    """Images of one layout."""

    def __len__(self) -> int:
        """How many there are."""

    def read(self, wanted: Array) -> Array:
        """Those at the places `wanted` (int64), (n, planes, H, W)."""


class _Arrays:
    """Images as arrays of fixed size."""

    def __init__(self, shards: Sequence[Array]) -> None:
        self._shards = shards
        self._starts = np.cumsum([0, *(len(shard) for shard in shards)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def read(self, wanted: Array) -> Array:
        if len(self._shards) == 1:
            return self._shards[0][wanted]
        out = np.empty((len(wanted), *self._shards[0].shape[1:]), dtype=self._shards[0].dtype)
        shard_of = np.searchsorted(self._starts, wanted, side="right") - 1
        for shard in np.unique(shard_of):
            here = shard_of == shard
            out[here] = self._shards[shard][wanted[here] - self._starts[shard]]
        return out


class ImageStore:
    """Images of one split, read in any order without loading them all."""

    def __init__(self, folder: Path) -> None:
        """Open a folder written by `write_store` or `write_encoded`. Raises UserError where it is missing or damaged."""
        try:
            meta: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
            self.names: list[str] = json.loads((folder / "names.json").read_text(encoding="utf-8"))
            self.layout = Layout(**meta["layout"])
            self.height, self.width = int(meta["height"]), int(meta["width"])
            self._images = self._opened(folder, meta)
            if len(self._images) != len(self.names):
                raise ValueError("there are not as many images as names")
        except FileNotFoundError as error:
            missing = Path(error.filename).name
            raise UserError(f"{folder} holds no prepared images: {missing} is missing; make them with the stage prepare") from None
        except Exception as error:  # JSON, missing keys, a cut array: each means the same to the user
            raise UserError(f"{folder} is damaged ({type(error).__name__}: {error}); run the stage prepare again") from None
        self.digest = hashlib.sha256((folder / "meta.json").read_bytes() + (folder / "names.json").read_bytes()).hexdigest()

    def _opened(self, folder: Path, meta: dict[str, Any]) -> _Images:
        if "conversion" in meta:
            conversion = Conversion(**meta["conversion"])
            if conversion.layout != self.layout or not conversion.size == self.height == self.width:
                raise ValueError("meta.json contradicts itself")
            return EncodedImages(folder, conversion, meta["shards"])
        shards = [np.load(folder / shard["file"], mmap_mode="r") for shard in meta["shards"]]
        image = (self.layout.channels_in + self.layout.channels_out, self.height, self.width)
        if any(shard.shape[1:] != image or shard.dtype != self.layout.dtype for shard in shards):
            raise ValueError("the arrays are not of the size and type that meta.json names")
        return _Arrays(shards)

    def __len__(self) -> int:
        return len(self.names)

    def read(self, indices: Sequence[int] | Tensor) -> Tensor:
        """Images at `indices`, (n, planes, H, W) as stored; layout.split makes network inputs of them."""
        return torch.from_numpy(self._images.read(np.asarray(indices, dtype=np.int64)))

    def pairs(self, batch_size: int) -> Iterable[tuple[list[str], Tensor, Tensor]]:
        """All images in order as (names, real_a, real_b), NCHW float32 in [-1, 1]."""
        for start in range(0, len(self), batch_size):
            stop = min(start + batch_size, len(self))
            yield self.names[start:stop], *self.layout.split(self.read(range(start, stop)))

    def nbytes(self) -> int:
        """Bytes that all images take in memory, as `read` gives them."""
        planes = self.layout.channels_in + self.layout.channels_out
        return len(self) * planes * self.height * self.width * np.dtype(self.layout.dtype).itemsize


def write_store(folder: Path, chunks: Iterable[Array], names: Sequence[str], layout: Layout, size: int) -> None:
    """Write images to `folder`: `chunks` are arrays (n, planes, size, size) that follow one another in the order of `names`."""
    folder.mkdir(parents=True)
    planes = layout.channels_in + layout.channels_out
    per_shard = max(1, _SHARD_BYTES // (planes * size * size * np.dtype(layout.dtype).itemsize))
    shards: list[dict[str, object]] = []
    source = iter(chunks)
    rest = np.empty((0, planes, size, size), dtype=layout.dtype)
    for start in range(0, len(names), per_shard):
        count = min(per_shard, len(names) - start)
        file = folder / f"images-{len(shards):05d}.npy"
        digest = hashlib.sha256()
        # written and not mapped: a disk that is full would end a process that writes through a map without a word
        with file.open("wb") as out:
            header = _npy_header((count, planes, size, size), layout.dtype)
            out.write(header)
            digest.update(header)
            filled = 0
            while filled < count:
                if not len(rest):
                    rest = next(source)
                take = min(len(rest), count - filled)
                piece = np.ascontiguousarray(rest[:take]).data
                out.write(piece)
                digest.update(piece)
                rest, filled = rest[take:], filled + take
        shards.append({"file": file.name, "images": count, "sha256": digest.hexdigest()})
    meta = {"layout": layout.as_dict(), "height": size, "width": size, "images": len(names), "shards": shards}
    write_json(folder / "names.json", list(names))
    write_json(folder / "meta.json", meta)


def write_encoded(folder: Path, parts: Iterable[Path], index: Array, names: Sequence[str], conversion: Conversion) -> None:
    """Write images to `folder` as the files they came in: `parts` hold those one behind another, in the order of `names`.

    index: int64 (images, files of an image, 2): of each file its length in bytes, and 1 where it is plain (`jpeg.is_plain`), else 0.
    """
    folder.mkdir(parents=True)
    shards = write_blobs(folder, parts, index)
    size, layout = conversion.size, conversion.layout.as_dict()
    how = conversion.as_dict()
    meta = {"layout": layout, "height": size, "width": size, "images": len(names), "conversion": how, "shards": shards}
    write_json(folder / "names.json", list(names))
    write_json(folder / "meta.json", meta)


def _npy_header(shape: tuple[int, ...], dtype: str) -> bytes:
    """What NumPy writes before an array in C order (numpy.lib.format, version 1.0)."""
    header = io.BytesIO()
    described = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, described)
    return header.getvalue()
