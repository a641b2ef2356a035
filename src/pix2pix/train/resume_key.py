"""Key of a training's configuration. A training resumes only from a checkpoint with the same key."""

import ast
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_ROOTS = ("train", "models")  # packages of which every module is included


def fingerprint(parts: Mapping[str, object]) -> str:
    """Hash a configuration: the first 32 hex digits of the SHA-256 of `parts` as JSON.

    `parts` must hold everything that decides the result: settings, data and code.
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]


def code_digest(package: Path = _PACKAGE) -> str:
    """SHA-256 of the training code: every module of `train` and `models`, and the modules of `package` that they import.

    Code that prepares images is not part of it: the prepared images have their own digest.
    """
    digest = hashlib.sha256()
    for file in sorted(imported_modules(package)):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def imported_modules(package: Path) -> set[Path]:
    """Modules of _ROOTS and all modules that they import, directly or indirectly, found by parsing `import` statements."""
    found: set[Path] = set()
    waiting = [file for root in _ROOTS for file in (package / root).rglob("*.py")]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += [module for name in _imported_names(file) for module in _files(package, name)]
    return found


def _imported_names(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)  # either a module or a name in a module


def _files(package: Path, name: str) -> list[Path]:
    """Files that Python runs to import the module `name`: the `__init__.py` of its packages, and its own."""
    first, *parts = name.split(".")
    if first != package.name:
        return []
    # without the root's own, which is the Python API: what it loads, training does not read
    folders = [package.joinpath(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)]
    return [file for file in (*folders, package.joinpath(*parts).with_suffix(".py")) if file.is_file()]
