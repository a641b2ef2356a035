"""Hashes of files and folders as DVC computes them, and the SHA-256 of a model."""

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from pix2pix.errors import UserError


def is_digest(text: object) -> bool:
    """Whether a text is a hash of DVC, `<md5>` or `<md5>.dir`. A hash from a record names a file of the cache, and could be any path."""
    return isinstance(text, str) and re.fullmatch(r"[0-9a-f]{32}(\.dir)?", text) is not None


def is_inside(path: object) -> bool:
    """Whether a text is a relative POSIX path that stays inside its folder."""
    return isinstance(path, str) and "\0" not in path and all(part not in ("", ".", "..") for part in path.split("/"))


def digest(path: Path) -> str:
    """DVC's hash of a file (MD5) or folder (`<md5>.dir`)."""
    return folder_digest(path) if path.is_dir() else md5(path.read_bytes())


def folder_digest(folder: Path) -> str:
    """DVC's hash of a folder, `<md5>.dir`: the MD5 of the JSON list of its files with their MD5s."""
    return listing_digest((path.relative_to(folder).as_posix(), md5(path.read_bytes())) for path in files_in(folder))


def listing_digest(files: Iterable[tuple[str, str]]) -> str:
    """DVC's hash of a folder, from the (relative path, MD5) of its files."""
    entries = [{"md5": hashed, "relpath": name} for name, hashed in sorted(files)]
    return md5(json.dumps(entries, sort_keys=True).encode()) + ".dir"


def files_in(folder: Path) -> list[Path]:
    """All files below a folder except those in `__pycache__`, which `.dvcignore` excludes."""
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def md5(content: bytes) -> str:
    """MD5 in hexadecimal."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def model_sha256(folder: Path) -> str:
    """SHA-256, in hexadecimal, of `generator.safetensors` in `folder`. It links the records of training, inference and evaluation.

    Raises UserError if the file is missing.
    """
    weights = folder / "generator.safetensors"
    try:
        with weights.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise UserError(f"{weights} is missing: train the model first, or fetch it with `dvc pull`.") from None
