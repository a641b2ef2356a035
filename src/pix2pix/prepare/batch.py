"""Convert a batch of images in one worker: a thread, or a process on another machine."""

from collections.abc import Callable, Sequence
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


def pack_arrays(batch: Batch) -> PackedBatch[Array]:
    """Decode and resize a batch, for the storage format `arrays`."""
    rgb = batch.conversion.empty(len(batch.members))
    packed = PackedBatch(rgb, {})

    def keep(_: Sequence[bytes], decoded: Sequence[Array]) -> None:
        batch.conversion.resize_to(rgb[len(packed.sizes)], batch.conversion.sides(decoded))

    _decode_each(batch, packed, keep)
    return replace(packed, content=batch.conversion.stored(rgb[: len(packed.sizes)]))


def pack_files(batch: Batch) -> PackedBatch[Files]:
    """Read the files of a batch unchanged, for the storage format `encoded`. Each is decoded once to validate it."""
    kept: list[bytes] = []
    rows: list[list[tuple[int, int]]] = []
    packed = PackedBatch(Files(b"", np.empty(0)), {})

    def keep(contents: Sequence[bytes], decoded: Sequence[Array]) -> None:
        batch.conversion.sides(decoded)
        rows.append([(len(content), int(is_plain(content, image))) for content, image in zip(contents, decoded, strict=True)])
        kept.extend(contents)

    _decode_each(batch, packed, keep)
    index = np.array(rows, dtype=np.int64).reshape(-1, batch.conversion.files, 2)
    return replace(packed, content=Files(b"".join(kept), index))


def _decode_each(batch: Batch, packed: PackedBatch[Content], keep: Callable[[Sequence[bytes], Sequence[Array]], None]) -> None:
    """Call `keep` with the files' content and the decoded images of each member, and add to `packed` what there is to say of it."""
    for position, files in enumerate(batch.members):
        notes, contents = Notes(), [(batch.source / file).read_bytes() for file in files]
        try:
            with decode_memory.taken(contents):
                decoded = batch.conversion.decode(contents, notes)
                keep(contents, decoded)
                height, width, _ = decoded[0].shape
                packed.doubts[position] = [*notes.doubts, *set_doubts(batch.conversion.kind, decoded)]
                packed.sizes.append((width, height))
                del decoded
        except BadImage as error:
            packed.bad[position] = str(error)
