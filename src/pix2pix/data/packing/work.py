"""The unit of work of packing: a few files turned into a part of a split, in whatever process or machine is at hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from pix2pix.data.conversion import Array, Conversion
from pix2pix.data.images import BadImage
from pix2pix.data.jpeg import is_plain

Member = tuple[PurePosixPath, ...]  # the files of one image: one, or A and B


@dataclass(frozen=True)
class Part:
    """What came of one unit of work: how many images its file holds, reasons by position of those that are missing, rows of the index."""

    count: int
    bad: dict[int, str]
    index: Array  # int64 (count, files of an image, 2), see `store.write_encoded`; empty in the layout of arrays


def pack_arrays(source: Path, members: Sequence[Member], conversion: Conversion, part: Path) -> Part:
    """Write images to `part` as they lie in memory, (n, planes, size, size)."""
    rgb = conversion.empty(len(members))
    count, bad = 0, {}
    for position, files in enumerate(members):
        try:
            conversion.fill(rgb[count], _contents(source, files))
            count += 1
        except BadImage as error:
            bad[position] = str(error)
    part.write_bytes(np.ascontiguousarray(conversion.coloured(rgb[:count])).data)  # tofile would not say why a disk refuses
    return Part(count, bad, np.empty((0, conversion.files, 2), dtype=np.int64))


def pack_files(source: Path, members: Sequence[Member], conversion: Conversion, part: Path) -> Part:
    """Write the files of the images to `part` as they are, one behind another, once each has been converted without complaint."""
    scratch = conversion.empty(1)[0]
    rows: list[list[tuple[int, int]]] = []
    bad: dict[int, str] = {}
    with part.open("wb") as out:
        for position, files in enumerate(members):
            contents = _contents(source, files)
            try:
                conversion.fill(scratch, contents)
            except BadImage as error:
                bad[position] = str(error)
                continue
            plain = int(is_plain(contents, conversion))
            rows.append([(len(content), plain) for content in contents])
            out.writelines(contents)
    return Part(len(rows), bad, np.array(rows, dtype=np.int64).reshape(-1, conversion.files, 2))


def _contents(source: Path, files: Member) -> list[bytes]:
    return [(source / file).read_bytes() for file in files]
