"""A set of images to compare: image files by stem, with the targets and inputs that lie beside them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pix2pix.data.file_counts import FileCounts
from pix2pix.data.image_files import IMAGE_ENDINGS, is_image, is_litter
from pix2pix.data.image_folder import ImageFolder
from pix2pix.data.natural_order import natural_key
from pix2pix.errors import UserError
from pix2pix.repository.cache import NotCached, fetch_folder

Files = Mapping[str, Path]
"""Stem -> image file, whatever its own name."""

OUTPUT, TARGET, INPUT, OTHER = "outputs", "targets", "inputs", "others"
# What published programs call the images of each role, as a folder or as the end of a name: this program's and pix2pix-tensorflow's words,
# those of pytorch-CycleGAN-and-pix2pix, of the Lua program, and of pix2pixHD and SPADE.
_WORDS = {
    OUTPUT: ("outputs", "output", "fake_b", "synthesized_image"),
    TARGET: ("targets", "target", "real_b"),
    INPUT: ("inputs", "input", "real_a", "input_label"),
    OTHER: ("fake_a", "rec_a", "rec_b", "idt_a", "idt_b"),
}
_ROLES = {word: role for role, words in _WORDS.items() for word in words}
_SUFFIX = re.compile(rf"(.+)[_-]({'|'.join(_ROLES)})", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """One set of images.

    Attributes:
        name: its name in tables.
        origin: where it comes from, as text: "folder data/predictions/facades", "MLflow run 07d2…".
        outputs: the images, in natural order of their stems.
        targets, inputs: the target and the input of each image; empty if the set has none.
        counts: the files beside these.
    """

    name: str
    origin: str
    outputs: Files
    targets: Files = field(default_factory=dict)
    inputs: Files = field(default_factory=dict)
    counts: FileCounts = field(default_factory=FileCounts)


def from_folder(folder: Path) -> Source:
    """Make a source of the images below a folder, at any depth, with the targets and inputs among them.

    Raises UserError if the folder has no outputs, two with one stem, or a part that cannot be read.
    """
    roles, counts = roles_in(folder)
    if not roles[OUTPUT]:
        beneath = ", ".join(sorted(path.name for path in folder.iterdir() if path.is_dir()))
        hint = f"; it has the folders {beneath}: name one of them" if beneath else ""
        there = f": {counts.line()}" if counts.total else ""
        raise UserError(f"{folder} holds no images ({', '.join(sorted(IMAGE_ENDINGS))}){there}{hint}")
    return Source(folder.resolve().name, f"folder {folder}", roles[OUTPUT], roles[TARGET], roles[INPUT], counts)


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
    images = [(PurePosixPath(name), file) for name, file in files.items() if is_image(name) and not is_litter(PurePosixPath(name).parts)]
    counts = FileCounts()
    roles = by_role(images, origin, counts)
    return Source(name, origin, roles[OUTPUT], roles[TARGET], roles[INPUT], counts)


def targets_in(folder: Path) -> tuple[Files, FileCounts]:
    """The targets below a folder, and the files beside them. Without any that is named a target, all its images are.

    Raises UserError as `from_folder`, or if there are none.
    """
    roles, counts = roles_in(folder)
    targets = roles[TARGET] or roles[OUTPUT]
    for file in (*roles[INPUT].values(), *(roles[OUTPUT].values() if roles[TARGET] else ())):
        counts.pass_over(file, "no target")
    if not targets:
        there = f" ({counts.line()})" if counts.total else ""
        raise UserError(f"{folder} holds no images to compare with{there}: their endings are {', '.join(sorted(IMAGE_ENDINGS))}")
    return targets, counts


def roles_in(folder: Path) -> tuple[dict[str, Files], FileCounts]:
    """The images below a folder by role. Raises UserError if it or a part of it cannot be read, or two images share role and stem."""
    found = ImageFolder.of(folder)
    for path, reason in found.unusable.items():
        raise UserError(f"{folder / path}: {reason}")
    return by_role([(path, folder / path) for path in found.images], str(folder), found.counts), found.counts


def by_role(files: Iterable[tuple[PurePosixPath, Path]], where: str, counts: FileCounts) -> dict[str, Files]:
    """Convert (relative path, image) pairs to role -> stem -> image, in natural order of the stems.

    The stem is the path without suffix and without the words of the role: `7` for `7_fake_B.png` and `targets/7.jpg`. Images without such
    words are outputs, unless others are named as outputs; then they are passed over, and counted, as are those of a cycle.
    Raises UserError if two share role and stem.
    """
    found: dict[str, dict[str, tuple[str, Path]]] = {role: {} for role in (*_WORDS, "")}
    for path, file in sorted(files):
        role, stem = role_and_stem(path)
        if stem in found[role]:
            raise UserError(f"{where} has {found[role][stem][0]} and {path}: images are matched by stem, so remove one of the two")
        found[role][stem] = (str(path), file)
    unnamed = found.pop("")
    if not found[OUTPUT]:
        found[OUTPUT], unnamed = unnamed, {}
    for name, _ in (*unnamed.values(), *found.pop(OTHER).values()):
        counts.pass_over(name, "not the output, target or input that others are named as")
    return {role: {stem: of[stem][1] for stem in sorted(of, key=natural_key)} for role, of in found.items()}


def role_and_stem(path: PurePosixPath) -> tuple[str, str]:
    """The role of an image by its folders or the end of its name, "" without one, and its path without suffix and role."""
    folders, stem, role = [], path.stem, ""
    for folder in path.parts[:-1]:
        if not role and folder.lower() in _ROLES:
            role = _ROLES[folder.lower()]
        else:
            folders.append(folder)
    if not role and (named := _SUFFIX.fullmatch(stem)):
        stem, role = named[1], _ROLES[named[2].lower()]
    return role, "/".join((*folders, stem))
