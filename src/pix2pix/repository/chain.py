"""Every hash of a dataset's chain: what a rebuild must come out with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pix2pix.repository.digests import digest
from pix2pix.repository.dvc_lock import STAGES, locked_stages

Hashes = dict[str, dict[str, dict[str, str]]]
"""Stage -> `deps` and `outs` -> path -> DVC's hash (MD5; of a folder with `.dir` behind)."""


def chain_hashes(lock: Path, dataset: str, outputs: Mapping[str, Iterable[Path]]) -> Hashes:
    """The hashes of the chain that leads to these outputs.

    Args:
        lock: `dvc.lock`, beside which the outputs lie.
        dataset: the dataset.
        outputs: stage -> those of its files and folders that the caller has, relative to the lock's folder, which are hashed as they are.

    What comes before them, and what they were made with, is taken from the lock, provided that it has these very outputs: stages run by
    hand do not update it, and then it describes other outputs.
    """
    found: Hashes = {
        stage: {"deps": {}, "outs": {path.as_posix(): digest(lock.parent / path) for path in paths}} for stage, paths in outputs.items()
    }
    entries = locked_stages(lock)
    locked = {stage: _hashes(entries[name]) for stage in STAGES if (name := f"{stage}@{dataset}") in entries}
    agrees = {stage: stage in locked and hashes["outs"].items() <= locked[stage]["outs"].items() for stage, hashes in found.items()}
    trusted = all(agrees[stage] for stage in ("train", "infer") if stage in found)
    for stage, hashes in locked.items() if trusted else ():
        if agrees.get(stage, True):
            found[stage] = hashes
    return {stage: found[stage] for stage in STAGES if stage in found}


def _hashes(entry: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    return {part: {it["path"]: str(it["md5"]) for it in entry.get(part, ())} for part in ("deps", "outs")}
