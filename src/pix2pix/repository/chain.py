"""The DVC hashes of a dataset's pipeline, which a rebuild must reproduce."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pix2pix.repository.digests import digest
from pix2pix.repository.dvc_lock import STAGES, locked_stages

Hashes = dict[str, dict[str, dict[str, str]]]
"""Stage -> `deps` and `outs` -> path -> DVC's hash (MD5; of a folder with `.dir` behind)."""


def chain_hashes(lock: Path, dataset: str, outputs: Mapping[str, Iterable[Path]]) -> Hashes:
    """Hashes of all stages of the pipeline that produced `outputs`.

    Args:
        lock: path of `dvc.lock`; `outputs` are relative to its folder.
        dataset: the dataset.
        outputs: stage -> existing output files and folders, which are hashed as they are on disk.

    The other hashes (dependencies, earlier stages) come from the lock, but only if its `train` and `infer` entries have these outputs.
    A stage run by hand does not update the lock, which then describes other outputs.
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
