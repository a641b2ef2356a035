"""What `dvc.lock` says, and other YAML that DVC writes."""

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

STAGES = ("download", "prepare", "train", "infer", "evaluate")  # of a chain, up to its measurements
_QUIET, _LONGEST_WAIT = 0.3, 5.0  # seconds without a write, and to wait for them at most


def yaml_mapping(text: str | None) -> dict[str, Any]:
    """What a YAML 1.2 text holds; nothing for one that is missing, no YAML, or no mapping, as a person may have committed anything."""
    # ruamel, as DVC writes YAML 1.2 with it: PyYAML is of 1.1, where `off` is false and 1e-05 a text. Its parser in C reads a lock of three
    # chains in 50 ms, the one in Python in 200 ms; only the latter reads an address in a row such as {source: https://example.org}.
    for pure in (False, True):
        try:
            content = YAML(typ="safe", pure=pure).load(text or "")
        except (YAMLError, ValueError):  # ValueError: a date such as 2024-99-01
            continue
        return content if isinstance(content, dict) else {}
    return {}


def stages_in(text: str | None) -> dict[str, Any]:
    """The entries of a `dvc.lock` by stage, from its text."""
    return dict(yaml_mapping(text).get("stages") or {})


def locked_stages(lock: Path) -> dict[str, Any]:
    """The entries of `dvc.lock` by stage; none where there is no such file."""
    return stages_in(_settled_text(lock)) if lock.exists() else {}


def data_digest(lock: Path, dataset: str) -> str | None:
    """DVC's hash of the prepared data (`<md5>.dir`), from `dvc.lock`; None when DVC has not prepared this dataset."""
    stage = locked_stages(lock).get(f"prepare@{dataset}")
    return str(stage["outs"][0]["md5"]) if stage else None


def chain_sha256(lock: Path, dataset: str) -> str | None:
    """SHA-256 over the entries of `dvc.lock` that lead to the dataset's predictions; None while one of them is missing.

    The entries are taken as JSON with sorted keys and no spaces, so that the hash can be made again from any committed `dvc.lock`.
    """
    stages = locked_stages(lock)
    names = [f"{stage}@{dataset}" for stage in STAGES if stage != "evaluate"]
    if not all(name in stages for name in names):
        return None
    text = json.dumps({name: stages[name] for name in names}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def predictions_at(commit: str, root: Path, dataset: str | None) -> tuple[str, str]:
    """(dataset, DVC's hash of its predictions) by the dvc.lock of a commit.

    Raises UserError where it has no such predictions, or those of several datasets while `dataset` names none.
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
    """The text when nobody has written to it for a moment: DVC writes it in place, piece by piece, also for another chain meanwhile."""
    deadline = time.monotonic() + _LONGEST_WAIT
    while True:
        before = lock.stat().st_mtime
        text = lock.read_text(encoding="utf-8")
        after = lock.stat().st_mtime
        if (before == after and abs(time.time() - after) >= _QUIET) or time.monotonic() > deadline:
            return text
        time.sleep(_QUIET / 10)
