"""The unit of work of packing: a few files turned into a part of a split, in whatever thread or machine is at hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

import numpy as np

from pix2pix.data.conversion import Array, Conversion
from pix2pix.data.encoded import Files
from pix2pix.data.images import BadImage
from pix2pix.data.jpeg import is_plain

Content = TypeVar("Content")
Member = tuple[PurePosixPath, ...]  # the files of one image: one, or A and B


@dataclass(frozen=True)
class Unit:
    """Images to make from the files of `members`, which lie below `source`."""

    source: Path
    members: Sequence[Member]
    conversion: Conversion


@dataclass(frozen=True)
class Part(Generic[Content]):
    """What came of one unit of work, in the order of its members.

    content: the images as stored, (count, planes, size, size), or their files. bad: reasons by position of the members that are missing.
    """

    content: Content
    bad: dict[int, str]


def pack_arrays(unit: Unit) -> Part[Array]:
    """Images as they lie in memory."""
    rgb = unit.conversion.empty(len(unit.members))
    count, bad = 0, {}
    for position, files in enumerate(unit.members):
        try:
            unit.conversion.fill(rgb[count], _contents(unit.source, files))
            count += 1
        except BadImage as error:
            bad[position] = str(error)
    return Part(unit.conversion.coloured(rgb[:count]), bad)


def pack_files(unit: Unit) -> Part[Files]:
    """The files of the images as they are, once each has been decoded without complaint."""
    kept: list[bytes] = []
    rows: list[list[tuple[int, int]]] = []
    bad: dict[int, str] = {}
    for position, files in enumerate(unit.members):
        contents = _contents(unit.source, files)
        try:
            decoded = unit.conversion.decoded(contents)
            unit.conversion.pictures(decoded)
        except BadImage as error:
            bad[position] = str(error)
            continue
        plain = [is_plain(content, picture) for content, picture in zip(contents, decoded, strict=True)]
        rows.append([(len(content), int(here)) for content, here in zip(contents, plain, strict=True)])
        kept += contents
    return Part(Files(b"".join(kept), np.array(rows, dtype=np.int64).reshape(-1, unit.conversion.files, 2)), bad)


def _contents(source: Path, files: Member) -> list[bytes]:
    return [(source / file).read_bytes() for file in files]
