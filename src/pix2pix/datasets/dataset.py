"""What is known of a dataset: from the catalogue, params.yaml, and the files that the stages wrote."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pix2pix.config.params_file import ParamsFile
from pix2pix.data.source import Source
from pix2pix.download.catalogue import CATALOG, PublishedSet
from pix2pix.system.addresses import redacted

MADE = ("downloaded", "prepared", "trained")


@dataclass(frozen=True)
class Dataset:
    """A dataset of the catalogue or of params.yaml.

    kind, direction: as in params.yaml, else as in the catalogue. sources: scale -> source of its archive, redacted. here: each of `MADE` ->
    bytes on this machine, None for none. prepared_images: split -> number of images. changed: a sentence where its folder has changed since
    it was fetched, else "". published: its entry in the catalogue, None for a user's own dataset.
    """

    name: str
    kind: str
    direction: str
    active: bool
    sources: Mapping[str, str]
    here: Mapping[str, int | None]
    prepared_images: Mapping[str, int]
    changed: str
    published: PublishedSet | None

    def how_to_fetch(self, key: str) -> str:
        """How to get an archive that has no public address, else "". key: the parameter that names the source."""
        return self.published.by_hand.format(key=key) if self.published else ""

    def as_dict(self) -> dict[str, object]:
        """Everything, for JSON; sizes in bytes, null for what is not known or not there."""
        found: dict[str, object] = {**vars(self), "sources": dict(self.sources), "here": dict(self.here)}
        if published := self.published:
            by_hand = self.how_to_fetch(f"scales.<scale>.{self.name}.source")
            found["published"] = {**vars(published), "splits": dict(published.splits), "layout": published.layout, "by_hand": by_hand}
        return found


def find_datasets(file: ParamsFile | None, folders: Mapping[str, Path], root: Path) -> list[Dataset]:
    """The datasets of the catalogue and of params.yaml. file: params.yaml, None where there is none. root: of the repository.

    folders: each of `MADE` -> the folder that has a subfolder for each dataset.
    """
    rows, scales = (file.datasets, file.scales) if file else ({}, {})
    return [
        Dataset(
            name=name,
            kind=(rows.get(name) or CATALOG[name]).kind,
            direction=(rows.get(name) or CATALOG[name]).direction,
            active=file is not None and name in file.active,
            sources={scale: redacted(datasets[name].source) for scale, datasets in scales.items() if name in datasets},
            here={made: _bytes(folders[made] / name) for made in MADE},
            prepared_images=_count_images(folders["prepared"] / name),
            changed="".join(Source.of(folders["downloaded"] / name, root).notes()),
            published=CATALOG.get(name),
        )
        for name in dict.fromkeys([*CATALOG, *rows])
    ]


def _bytes(folder: Path) -> int | None:
    """Bytes of all files below `folder`, links into DVC's cache included; None where there is no such folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) if folder.is_dir() else None


def _count_images(prepared: Path) -> dict[str, int]:
    """Split -> number of images. A split that cannot be read is left out: the stages report it."""
    found: dict[str, int] = {}
    for split in ("train", "val", "test"):
        try:
            found[split] = json.loads((prepared / split / "meta.json").read_text(encoding="utf-8"))["images"]
        except (OSError, ValueError, KeyError):
            continue
    return found
