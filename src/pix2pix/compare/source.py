"""A set of pictures to compare, as files by their stems."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pix2pix.data.natural_order import natural_key
from pix2pix.data.prediction_folders import INPUTS, TARGETS
from pix2pix.errors import UserError

SUFFIXES = (".png", ".jpg", ".jpeg")

Files = Mapping[str, Path]
"""Stem -> the file that holds the picture; the file itself may be called anything."""


@dataclass(frozen=True)
class Source:
    """One set of pictures.

    Attributes:
        name: what it is called in tables.
        origin: what it is, for a person: "folder data/predictions/facades", "MLflow run 07d2…".
        outputs: the pictures, in natural order of their stems.
        targets, inputs: what they should look like, and what they were made from; empty where the set does not say.
    """

    name: str
    origin: str
    outputs: Files
    targets: Files = field(default_factory=dict)
    inputs: Files = field(default_factory=dict)


def from_folder(folder: Path) -> Source:
    """A folder with pictures, and with `targets/` and `inputs/` beside them where it comes from the stage infer.

    Raises UserError for a folder without pictures, or with two of one stem.
    """
    outputs = pictures_in(folder)
    if not outputs:
        beneath = ", ".join(sorted(path.name for path in folder.iterdir() if path.is_dir()))
        hint = f"; it has the folders {beneath}: name one of them" if beneath else ""
        raise UserError(f"{folder} holds no pictures ({', '.join(SUFFIXES)}){hint}")
    parts = [pictures_in(folder / part) if (folder / part).is_dir() else {} for part in (TARGETS, INPUTS)]
    return Source(folder.resolve().name, f"folder {folder}", outputs, *parts)


def pictures_in(folder: Path) -> Files:
    """The pictures right in a folder by stem, in natural order. Raises UserError where it is no folder, or two share a stem."""
    try:
        files = [(path.name, path) for path in folder.iterdir() if path.is_file()]
    except OSError as problem:
        raise UserError(f"{folder} cannot be read as a folder of pictures: {os.strerror(problem.errno or 0)}") from None
    return by_stem(files, str(folder))


def by_stem(files: Iterable[tuple[str, Path]], where: str) -> Files:
    """(name, file) of the pictures among them -> stem -> file, in natural order. Raises UserError where two share a stem."""
    found: dict[str, tuple[str, Path]] = {}
    for name, file in sorted(files):
        stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
        if suffix.lower() not in SUFFIXES:
            continue
        if stem in found:
            raise UserError(f"{where} has {found[stem][0]} and {name}: pictures are matched by stem, so take one of the two away")
        found[stem] = (name, file)
    return {stem: found[stem][1] for stem in sorted(found, key=natural_key)}
