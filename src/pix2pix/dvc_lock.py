"""What `dvc.lock` says, and other YAML that DVC writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

# libyaml reads a lock of three chains in 15 ms, Python's own parser in 280 ms, and a stage reads it several times
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
    return stages_in(lock.read_text(encoding="utf-8")) if lock.exists() else {}
