"""A set of images to compare: image files by stem."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pix2pix.data.image_files import IMAGE_ENDINGS, is_image, is_litter
from pix2pix.data.natural_order import natural_key
from pix2pix.data.prediction_folders import INPUTS, TARGETS
from pix2pix.errors import UserError
from pix2pix.repository.cache import NotCached, fetch_folder

Files = Mapping[str, Path]
"""Stem -> image file, whatever its own name."""


@dataclass(frozen=True)
class Source:
    """One set of images.

    Attributes:
        name: its name in tables.
        origin: where it comes from, as text: "folder data/predictions/facades", "MLflow run 07d2…".
        outputs: the images, in natural order of their stems.
        targets, inputs: the target and the input of each image; empty if the set has none.
    """

    name: str
    origin: str
    outputs: Files
    targets: Files = field(default_factory=dict)
    inputs: Files = field(default_factory=dict)


def from_folder(folder: Path) -> Source:
    """Make a source of the images in a folder, with its subfolders `targets/` and `inputs/` if it has them.

    Raises UserError if the folder has no images, or two with one stem.
    """
    outputs = images_in(folder)
    if not outputs:
        beneath = ", ".join(sorted(path.name for path in folder.iterdir() if path.is_dir()))
        hint = f"; it has the folders {beneath}: name one of them" if beneath else ""
        raise UserError(f"{folder} holds no images ({', '.join(sorted(IMAGE_ENDINGS))}){hint}")
    parts = [images_in(folder / part) if (folder / part).is_dir() else {} for part in (TARGETS, INPUTS)]
    return Source(folder.resolve().name, f"folder {folder}", outputs, *parts)


def from_cache(digest: str, root: Path, *, name: str, origin: str) -> Source:
    """Make a source of predictions by DVC's hash (`<md5>.dir`), from DVC's cache or the default remote.

    Raises UserError if neither has them.
    """
    try:
        files = fetch_folder(digest, root)
    except NotCached as why:
        raise UserError(
            f"the images of {origin} ({digest}) are neither in DVC's cache nor in its remote ({why}): fetch them with `dvc pull` or "
            f"`dvc exp pull` where they were pushed, or make them again: `dvc exp apply {name}` or `git checkout`, then `dvc repro`"
        ) from None
    except UserError as problem:
        raise UserError(f"{origin}: {problem}") from None
    parts: dict[str, list[tuple[str, Path]]] = {".": [], INPUTS: [], TARGETS: []}
    for relpath, file in files.items():
        path = PurePosixPath(relpath)
        parts.get(path.parent.as_posix(), []).append((path.name, file))
    outputs, inputs, targets = (by_stem(part, origin) for part in parts.values())
    return Source(name, origin, outputs, targets, inputs)


def images_in(folder: Path) -> Files:
    """Images directly in a folder, by stem, in natural order. Raises UserError if it cannot be read, or if two share a stem."""
    try:
        files = [(path.name, path) for path in folder.iterdir() if path.is_file()]
    except OSError as problem:
        raise UserError(f"{folder} cannot be read as a folder of images: {os.strerror(problem.errno or 0)}") from None
    return by_stem(files, str(folder))


def by_stem(files: Iterable[tuple[str, Path]], where: str) -> Files:
    """Convert (name, file) pairs to stem -> file, images only, in natural order. Raises UserError if two share a stem."""
    found: dict[str, tuple[str, Path]] = {}
    for name, file in sorted(files):
        stem = PurePosixPath(name).stem
        if not is_image(name) or is_litter((name,)):
            continue
        if stem in found:
            raise UserError(f"{where} has {found[stem][0]} and {name}: images are matched by stem, so remove one of the two")
        found[stem] = (name, file)
    return {stem: found[stem][1] for stem in sorted(found, key=natural_key)}
