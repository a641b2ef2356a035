"""The DVC hashes of a dataset's pipeline, which a rebuild must reproduce."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from pix2pix.repository.digests import digest, is_digest, is_inside
from pix2pix.repository.dvc_lock import STAGES, hashes_in, locked_stages

Hashes = dict[str, dict[str, dict[str, str]]]
"""Stage -> `deps` and `outs` -> path -> DVC's hash (MD5; of a folder with `.dir` behind)."""

CHECK = "check"  # the stage before all others; not of one dataset
WEIGHTS = "data/weights"  # published weights, which a rebuild has in common with the repository

OUTSIDE = "data/start_from"  # where a rebuild has the model that a training started from, if that was outside the repository


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
    names = {CHECK: CHECK, **{stage: f"{stage}@{dataset}" for stage in STAGES}}
    locked = {
        stage: {part: hashes_in(entries[name], part) for part in ("deps", "outs")} for stage, name in names.items() if name in entries
    }
    agrees = {stage: stage in locked and hashes["outs"].items() <= locked[stage]["outs"].items() for stage, hashes in found.items()}
    trusted = all(agrees[stage] for stage in ("train", "infer") if stage in found)
    for stage, hashes in locked.items() if trusted else ():
        if agrees.get(stage, True):
            found[stage] = hashes
    return {stage: found[stage] for stage in names if stage in found}


def parse_hashes(text: str) -> Hashes:
    """Read the JSON of `chain_hashes`, which may be anybody's. Raises ValueError for hashes or paths that could name other files.

    A dependency of the training outside the repository is what it started from, and gets the path `OUTSIDE`."""
    try:
        chain = json.loads(text)
        hashes: Hashes = {stage: {part: dict(given.get(part, {})) for part in ("deps", "outs")} for stage, given in chain.items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is no record of hashes ({error})") from None
    trained_from = hashes.get("train", {}).get("deps", {})
    if len(outside := [path for path in trained_from if not is_inside(path)]) == 1:
        trained_from[OUTSIDE] = trained_from.pop(outside[0])
    if not hashes:
        raise ValueError("it has no hashes")
    for stage, parts in hashes.items():
        if stage not in (CHECK, *STAGES):
            raise ValueError(f"there is no stage {stage!r:.60}")
        for part, paths in parts.items():
            for path, md5 in paths.items():
                if not is_inside(path) or (part == "outs" and (not path.startswith("data/") or path.startswith(WEIGHTS))):
                    raise ValueError(f"{stage} has the path {path!r:.200}, which is not among the outputs of a pipeline")
                if not is_digest(md5):
                    raise ValueError(f"{stage} has {md5!r:.60} as the hash of {path}")
    return hashes
