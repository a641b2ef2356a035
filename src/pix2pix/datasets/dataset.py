"""One dataset, from wherever it is known: the catalogue, params.yaml, the files that the stages wrote."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pix2pix.config.params_file import ParamsFile
from pix2pix.config.settings import DatasetRow
from pix2pix.download.catalogue import CATALOG, PublishedSet
from pix2pix.system.addresses import redacted

MADE = ("downloaded", "prepared", "trained")


@dataclass(frozen=True)
class Dataset:
    """kind, direction: as params.yaml has them, or else the catalogue. published: what the catalogue says, None for a set of one's own.

    sources: by scale, where its archive comes from, without passwords. here: bytes on the disk of what is downloaded, prepared and
    trained, None for what is not there. images: how many are prepared, by split.
    """

    name: str
    kind: str
    direction: str
    published: PublishedSet | None
    active: bool
    sources: Mapping[str, str]
    here: Mapping[str, int | None]
    images: Mapping[str, int]


def gather(file: ParamsFile | None, folders: Mapping[str, Path]) -> list[Dataset]:
    """The catalogue's datasets and those of one's own. file: params.yaml, None where there is none.

    folders: for each of `MADE`, the folder that holds one of each dataset's name.
    """
    rows = file.datasets if file else {}
    return [_gather(name, rows.get(name) or CATALOG[name], file, folders) for name in dict.fromkeys([*CATALOG, *rows])]


def _gather(name: str, described: DatasetRow | PublishedSet, file: ParamsFile | None, folders: Mapping[str, Path]) -> Dataset:
    scales = file.scales if file else {}
    return Dataset(
        name=name,
        kind=described.kind,
        direction=described.direction,
        published=CATALOG.get(name),
        active=file is not None and name in file.active,
        sources={scale: redacted(rows[name].source) for scale, rows in scales.items() if name in rows},
        here={made: _bytes(folders[made] / name) for made in MADE},
        images=_images(folders["prepared"] / name),
    )


def _bytes(folder: Path) -> int | None:
    """Of all files below `folder`; what DVC links to its cache counts too."""
    if not folder.is_dir():
        return None
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _images(prepared: Path) -> dict[str, int]:
    """How many images each split holds; a split that cannot be read is left for the stages to complain about."""
    found: dict[str, int] = {}
    for split in ("train", "val", "test"):
        try:
            found[split] = json.loads((prepared / split / "meta.json").read_text(encoding="utf-8"))["images"]
        except (OSError, ValueError, KeyError):
            continue
    return found
