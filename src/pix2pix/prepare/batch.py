"""Convert a batch of images in one worker: a thread, or a process on another machine."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

import numpy as np

from pix2pix.data.bad_image import BadImage
from pix2pix.data.conversion import Array, Conversion
from pix2pix.data.decode_memory import decode_memory
from pix2pix.data.encoded import Files
from pix2pix.data.jpeg import is_plain
from pix2pix.data.pixels import Notes
from pix2pix.prepare.set_doubts import set_doubts

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
    doubts: position of a usable member -> `Notes.doubts` and `set_doubts`. sizes: of the first file of each usable member, (width, height).
    """

    content: Content
    bad: dict[int, str]
    doubts: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    sizes: list[tuple[int, int]] = field(default_factory=list)

    def look_at(self, position: int, kind: str, decoded: Sequence[Array], notes: Notes) -> None:
        """Add what there is to say of a usable member."""
        height, width, _ = decoded[0].shape
        self.doubts[position] = [*notes.doubts, *set_doubts(kind, decoded)]
        self.sizes.append((width, height))


def pack_arrays(batch: Batch) -> PackedBatch[Array]:
    """Decode and resize a batch, for the storage format `arrays`."""
    rgb = batch.conversion.empty(len(batch.members))
    packed = PackedBatch(rgb, {})
    count = 0
    for position, files in enumerate(batch.members):
        notes = Notes()
        try:
            contents = _contents(batch.source, files)
            with decode_memory.taken(contents):
                decoded = batch.conversion.decode(contents, notes)
                batch.conversion.resize_to(rgb[count], batch.conversion.sides(decoded))
                packed.look_at(position, batch.conversion.kind, decoded, notes)
                del decoded
            count += 1
        except BadImage as error:
            packed.bad[position] = str(error)
    return replace(packed, content=batch.conversion.stored(rgb[:count]))


def pack_files(batch: Batch) -> PackedBatch[Files]:
    """Read the files of a batch unchanged, for the storage format `encoded`. Each is decoded once to validate it."""
    kept: list[bytes] = []
    rows: list[list[tuple[int, int]]] = []
    packed = PackedBatch(Files(b"", np.empty(0)), {})
    for position, files in enumerate(batch.members):
        notes = Notes()
        contents = _contents(batch.source, files)
        try:
            with decode_memory.taken(contents):
                decoded = batch.conversion.decode(contents, notes)
                batch.conversion.sides(decoded)
                plain = [is_plain(content, image) for content, image in zip(contents, decoded, strict=True)]
                packed.look_at(position, batch.conversion.kind, decoded, notes)
                del decoded
        except BadImage as error:
            packed.bad[position] = str(error)
            continue
        rows.append([(len(content), int(here)) for content, here in zip(contents, plain, strict=True)])
        kept += contents
    index = np.array(rows, dtype=np.int64).reshape(-1, batch.conversion.files, 2)
    return replace(packed, content=Files(b"".join(kept), index))


def _contents(source: Path, files: Member) -> list[bytes]:
    return [(source / file).read_bytes() for file in files]
