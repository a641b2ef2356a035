"""What `dvc.lock` says, and other YAML that DVC writes."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

_QUIET, _PATIENCE = 0.3, 5.0  # seconds without a write, and to wait for them at most

# Of YAML 1.2, which DVC writes: PyYAML is of 1.1, where `off` is false and 1e-05 a text
_MEANINGS = {  # what is meant, and what it begins with
    "null": (r"~|null|Null|NULL|", ["", *"~nN"]),
    "bool": (r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    "int": (r"[-+]?(?:0|[1-9][0-9]*)", [*"-+0123456789"]),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        [*"-+.0123456789"],
    ),
}


# libyaml reads a lock of three chains in 15 ms, Python's own parser in 280 ms, and a stage reads it several times
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # PyYAML's own, of 1.1, are those of its class


for _kind, (_pattern, _first) in _MEANINGS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(f"^(?:{_pattern})$"), _first)


def yaml_mapping(text: str | None) -> dict[str, Any]:
    """What a YAML text holds; nothing for one that is missing, no YAML, or no mapping, as a person may have committed anything."""
    try:
        content = yaml.load(text or "", Loader=_Loader)
    except yaml.YAMLError:
        return {}
    return content if isinstance(content, dict) else {}


def stages_in(text: str | None) -> dict[str, Any]:
    """The entries of a `dvc.lock` by stage, from its text."""
    return dict(yaml_mapping(text).get("stages") or {})


def locked_stages(lock: Path) -> dict[str, Any]:
    """The entries of `dvc.lock` by stage; none where there is no such file."""
    return stages_in(_settled(lock)) if lock.exists() else {}


def _settled(lock: Path) -> str:
    """Its text when nobody has written to it for a moment: DVC writes it in place, piece by piece, and another chain's may be doing so."""
    patience = time.monotonic() + _PATIENCE
    while True:
        before = lock.stat().st_mtime
        text = lock.read_text(encoding="utf-8")
        after = lock.stat().st_mtime
        if (before == after and abs(time.time() - after) >= _QUIET) or time.monotonic() > patience:
            return text
        time.sleep(_QUIET / 10)
