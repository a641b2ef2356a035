"""Read `dvc.lock` and other YAML files that DVC writes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

STAGES = ("download", "prepare", "train", "infer", "evaluate")  # the stages of one dataset, in order
_QUIET, _LONGEST_WAIT = 0.3, 5.0  # seconds: time without a write, and the longest wait for it


def yaml_mapping(text: str | None) -> dict[str, Any]:
    """The mapping in a YAML 1.2 text; empty if the text is None, invalid, or not a mapping, as committed files may be damaged."""
    # ruamel.yaml, as in DVC: PyYAML reads YAML 1.1, where `off` is false and 1e-05 a string. The C parser reads a lock of three datasets in
    # 50 ms, the Python parser in 200 ms; only the Python parser accepts a URL in a flow mapping such as {source: https://example.org}.
    for pure in (False, True):
        try:
            content = YAML(typ="safe", pure=pure).load(text or "")
        except (YAMLError, ValueError):  # ValueError: a date such as 2024-99-01
            continue
        return content if isinstance(content, dict) else {}
    return {}


def locked_stages(lock: Path) -> dict[str, Any]:
    """Stage -> entry of the file `dvc.lock`; empty if there is no such file."""
    return dict(yaml_mapping(_settled_text(lock)).get("stages") or {}) if lock.exists() else {}


def hashes_in(entry: Mapping[str, Any], part: str = "outs") -> dict[str, str]:
    """Path -> DVC's hash of the outputs of a stage, or of its dependencies (`deps`), from its entry in `dvc.lock`."""
    return {it["path"]: str(it["md5"]) for it in entry.get(part) or ()}


def data_digest(lock: Path, dataset: str) -> str | None:
    """DVC's hash (`<md5>.dir`) of the prepared data, from `dvc.lock`; None if the lock has no stage `prepare` of this dataset."""
    stage = locked_stages(lock).get(f"prepare@{dataset}")
    return str(stage["outs"][0]["md5"]) if stage else None


def _settled_text(lock: Path) -> str:
    """The text of the lock, once it has not changed for `_QUIET` seconds: DVC, also in other processes, does not write it atomically."""
    deadline = time.monotonic() + _LONGEST_WAIT
    while True:
        before = lock.stat().st_mtime
        text = lock.read_text(encoding="utf-8")
        after = lock.stat().st_mtime
        if (before == after and abs(time.time() - after) >= _QUIET) or time.monotonic() > deadline:
            return text
        time.sleep(_QUIET / 10)
