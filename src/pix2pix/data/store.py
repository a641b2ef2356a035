"""Prepared images on disk: a few large arrays, memory-mapped, that come out with the same bytes every time.

A folder holds `meta.json` (layout, size, shards with their SHA-256), `names.json` (stems in natural order) and the shards
`images-00000.npy`, … of (n, planes, H, W), uint8 or int16, at most 2 GiB each.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pix2pix.data.layout import Layout
from pix2pix.errors import UserError

_SHARD_BYTES = 2 * 1024**3


class ImageStore:
    """Images of one split, read in any order without loading them all."""

    def __init__(self, folder: Path) -> None:
        """Open a folder written by `write_store`. Raises UserError where it is missing or damaged."""
        try:
            meta: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
            self.names: list[str] = json.loads((folder / "names.json").read_text(encoding="utf-8"))
            self.layout = Layout(**meta["layout"])
            self.height, self.width = int(meta["height"]), int(meta["width"])
            self._shards = [np.load(folder / shard["file"], mmap_mode="r") for shard in meta["shards"]]
            self._check_shapes()
        except FileNotFoundError as error:
            missing = Path(error.filename).name
            raise UserError(f"{folder} holds no prepared images: {missing} is missing; make them with the stage prepare") from None
        except Exception as error:  # JSON, missing keys, a cut array: each means the same to the user
            raise UserError(f"{folder} is damaged ({type(error).__name__}: {error}); run the stage prepare again") from None
        self.digest = hashlib.sha256((folder / "meta.json").read_bytes() + (folder / "names.json").read_bytes()).hexdigest()
        self._starts = np.cumsum([0, *(len(shard) for shard in self._shards)])

    def _check_shapes(self) -> None:
        image = (self.layout.channels_in + self.layout.channels_out, self.height, self.width)
        if any(shard.shape[1:] != image or shard.dtype != self.layout.dtype for shard in self._shards):
            raise ValueError("the arrays are not of the size and type that meta.json names")
        if sum(len(shard) for shard in self._shards) != len(self.names):
            raise ValueError("there are not as many images as names")

    def __len__(self) -> int:
        return len(self.names)

    def read(self, indices: Sequence[int] | Tensor) -> Tensor:
        """Images at `indices`, (n, planes, H, W) as stored; layout.split makes network inputs of them."""
        wanted = np.asarray(indices, dtype=np.int64)
        if len(self._shards) == 1:
            return torch.from_numpy(self._shards[0][wanted])
        out = np.empty((len(wanted), *self._shards[0].shape[1:]), dtype=self.layout.dtype)
        shard_of = np.searchsorted(self._starts, wanted, side="right") - 1
        for shard in np.unique(shard_of):
            here = shard_of == shard
            out[here] = self._shards[shard][wanted[here] - self._starts[shard]]
        return torch.from_numpy(out)

    def pairs(self, batch_size: int) -> Iterable[tuple[list[str], Tensor, Tensor]]:
        """All images in order as (names, real_a, real_b), NCHW float32 in [-1, 1]."""
        for start in range(0, len(self), batch_size):
            stop = min(start + batch_size, len(self))
            yield self.names[start:stop], *self.layout.split(self.read(range(start, stop)))

    def nbytes(self) -> int:
        """Bytes of all images."""
        return sum(shard.nbytes for shard in self._shards)


def write_store(folder: Path, chunks: Iterable[np.ndarray[Any, Any]], names: Sequence[str], layout: Layout, size: int) -> None:
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
        out = np.lib.format.open_memmap(file, mode="w+", dtype=layout.dtype, shape=(count, planes, size, size))
        filled = 0
        while filled < count:
            if not len(rest):
                rest = next(source)
            take = min(len(rest), count - filled)
            out[filled : filled + take] = rest[:take]
            rest, filled = rest[take:], filled + take
        out.flush()
        del out
        with file.open("rb") as stream:
            shards.append({"file": file.name, "images": count, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()})
    meta = {"layout": layout.as_dict(), "height": size, "width": size, "images": len(names), "shards": shards}
    _write_json(folder / "names.json", list(names))
    _write_json(folder / "meta.json", meta)


def _write_json(path: Path, content: object) -> None:
    beside = path.with_name(path.name + ".partial")
    beside.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(beside, path)
