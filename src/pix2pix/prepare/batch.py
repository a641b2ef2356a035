"""Convert a batch of images in one worker: a thread, or a process on another machine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

import numpy as np

from pix2pix.data.bad_image import BadImage
from pix2pix.data.conversion import Array, Conversion
from pix2pix.data.decode_memory import decode_memory
from pix2pix.data.encoded import Files
from pix2pix.data.jpeg import is_plain
from pix2pix.data.pixels import Notes

Content = TypeVar("Content")
Member = tuple[PurePosixPath, ...]  # the files of one image: one, or A and B


@dataclass(frozen=True)
class Batch:
    """Images to make from the files of `members`, paths relative to `source`."""

    source: Path
    members: Sequence[Member]
    conversion: Conversion


@dataclass(frozen=True)
class PackedBatch(Generic[Content]):
    """The result of a batch, in the order of its members.

    content: the usable images as stored, (count, planes, size, size), or their files. bad: position of each other member -> the reason.
    doubts: position of a usable member -> `Notes.doubts`.
    """

    content: Content
    bad: dict[int, str]
    doubts: dict[int, list[tuple[str, str]]] = field(default_factory=dict)


def pack_arrays(batch: Batch) -> PackedBatch[Array]:
    """Decode and resize a batch, for the storage format `arrays`."""
    rgb = batch.conversion.empty(len(batch.members))
    count, bad, doubts = 0, {}, {}
    for position, files in enumerate(batch.members):
        notes = Notes()
        try:
            contents = _contents(batch.source, files)
            with decode_memory.taken(contents):
                batch.conversion.convert(rgb[count], contents, notes)
            doubts[position] = notes.doubts
            count += 1
        except BadImage as error:
            bad[position] = str(error)
    return PackedBatch(batch.conversion.stored(rgb[:count]), bad, doubts)


def pack_files(batch: Batch) -> PackedBatch[Files]:
    """Read the files of a batch unchanged, for the storage format `encoded`. Each is decoded once to validate it."""
    kept: list[bytes] = []
    rows: list[list[tuple[int, int]]] = []
    bad: dict[int, str] = {}
    doubts: dict[int, list[tuple[str, str]]] = {}
    for position, files in enumerate(batch.members):
        notes = Notes()
        contents = _contents(batch.source, files)
        try:
            with decode_memory.taken(contents):
                decoded = batch.conversion.decode(contents, notes)
                batch.conversion.sides(decoded)
                plain = [is_plain(content, image) for content, image in zip(contents, decoded, strict=True)]
                del decoded
        except BadImage as error:
            bad[position] = str(error)
            continue
        doubts[position] = notes.doubts
        rows.append([(len(content), int(here)) for content, here in zip(contents, plain, strict=True)])
        kept += contents
    return PackedBatch(Files(b"".join(kept), np.array(rows, dtype=np.int64).reshape(-1, batch.conversion.files, 2)), bad, doubts)


def _contents(source: Path, files: Member) -> list[bytes]:
    return [(source / file).read_bytes() for file in files]
