"""Read `dvc.lock` and other YAML files that DVC writes."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pix2pix.errors import UserError
from pix2pix.repository.git import git

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


def stages_in(text: str | None) -> dict[str, Any]:
    """Stage -> entry, from the text of a `dvc.lock`."""
    return dict(yaml_mapping(text).get("stages") or {})


def locked_stages(lock: Path) -> dict[str, Any]:
    """Stage -> entry of the file `dvc.lock`; empty if there is no such file."""
    return stages_in(_settled_text(lock)) if lock.exists() else {}


def data_digest(lock: Path, dataset: str) -> str | None:
    """DVC's hash (`<md5>.dir`) of the prepared data, from `dvc.lock`; None if the lock has no stage `prepare` of this dataset."""
    stage = locked_stages(lock).get(f"prepare@{dataset}")
    return str(stage["outs"][0]["md5"]) if stage else None


def chain_sha256(lock: Path, dataset: str) -> str | None:
    """SHA-256 of the `dvc.lock` entries of the stages download to infer of a dataset; None if one of them is missing.

    The hash is over their JSON with sorted keys and no spaces, so it can be recomputed from any committed `dvc.lock`.
    """
    stages = locked_stages(lock)
    names = [f"{stage}@{dataset}" for stage in STAGES if stage != "evaluate"]
    if not all(name in stages for name in names):
        return None
    text = json.dumps({name: stages[name] for name in names}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def predictions_at(commit: str, root: Path, dataset: str | None) -> tuple[str, str]:
    """(dataset, DVC's hash of its predictions), from the dvc.lock of a commit.

    Raises UserError if it has no such predictions, or if `dataset` is None and it has those of several datasets.
    """
    locked = stages_in(git(root, "show", f"{commit}:dvc.lock"))
    digests = {name.removeprefix("infer@"): str(it["outs"][0]["md5"]) for name, it in locked.items() if name.startswith("infer@")}
    if dataset is None and len(digests) > 1:
        raise UserError(f"{commit[:10]} has predictions of {', '.join(digests)}: choose one with --dataset")
    chosen = dataset or next(iter(digests), None)
    if chosen not in digests:
        raise UserError(f"{commit[:10]} has no predictions{f' of {dataset}' if dataset else ''} in its dvc.lock: run `dvc repro` there")
    return chosen, digests[chosen]


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
