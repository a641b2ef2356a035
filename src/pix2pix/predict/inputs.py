"""Resolve the argument --input to files and the names of their outputs."""

import glob
from dataclasses import dataclass
from pathlib import Path

from pix2pix.data.image_files import IMAGE_ENDINGS, is_image, is_litter
from pix2pix.data.natural_order import natural_key
from pix2pix.errors import UserError


@dataclass(frozen=True)
class Input:
    """An input file, and the path of its output below the output folder, without suffix."""

    file: Path
    name: Path


def find_inputs(text: str, output: Path) -> list[Input]:
    """Find the input files, in natural order: a file, the images below a folder, or the matches of a glob pattern (`**`: any depth).

    Files below `output`, if it is inside the input folder, are outputs of an earlier call and left out. If two files differ only by their
    suffix, their outputs' names keep it.
    Raises UserError if there are no files.
    """
    path = Path(text)
    if path.is_file():
        return [Input(path, Path(path.stem))]
    if path.is_dir():
        files = [file for file in path.rglob("*") if is_image(file) and not is_litter(file.relative_to(path).parts)]
        found, base = [file for file in files if file.is_file()], path
        nothing = f"{text} holds no images ({', '.join(sorted(IMAGE_ENDINGS))}, at any depth)"
    else:
        found = [match for match in _fixed_part(path).glob(_pattern(path)) if match.is_file()]
        base, nothing = _fixed_part(path), f"{text} is no file and no folder, and as a pattern it matches nothing"
    if output.resolve() != base.resolve():
        found = [file for file in found if not file.resolve().is_relative_to(output.resolve())]
    if not found:
        raise UserError(f"--input {nothing}: name an image, a folder, or a pattern in quotes like 'photos/*.jpg'")
    names = [file.relative_to(base) for file in sorted(found, key=lambda file: natural_key(str(file)))]
    bare = [name.with_suffix("") for name in names]
    return [Input(base / name, name if bare.count(stem) > 1 else stem) for name, stem in zip(names, bare, strict=True)]


def _fixed_part(pattern: Path) -> Path:
    """The part of a pattern before its first component with a wildcard."""
    return Path(*pattern.parts[: _first_wildcard(pattern)])


def _pattern(pattern: Path) -> str:
    return str(Path(*pattern.parts[_first_wildcard(pattern) :]))


def _first_wildcard(pattern: Path) -> int:
    return next((place for place, part in enumerate(pattern.parts) if glob.has_magic(part)), len(pattern.parts) - 1)
