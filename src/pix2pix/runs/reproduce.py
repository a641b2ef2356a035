"""Reproduce a run: rebuild its chain from what was recorded and compare every hash."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.repository.cache import cache_of, files_that_differ
from pix2pix.repository.chain import Hashes
from pix2pix.repository.digests import digest
from pix2pix.repository.dvc_lock import STAGES
from pix2pix.runs.rebuild import Rebuild
from pix2pix.tracking.lookup import Records, RunRecord
from pix2pix.tracking.tags import CHAIN_FILE, CHANGES_FILE, MODEL_SHA256, PARAMS_FILE, RESTORED, made_with

WEIGHTS = "data/weights"  # published weights, whose hashes every stage checks
SYNTHETIC = "sample"  # source of the synthetic images, which are generated and not fetched


@dataclass(frozen=True)
class Verdict:
    """The result of a rebuild.

    Attributes:
        hashes: number of hashes compared.
        stage: the first stage that differs; None if all are the same.
        files: its files that differ.
        reasons: known differences from the run's environment.
    """

    hashes: int
    stage: str | None
    files: tuple[str, ...]
    reasons: tuple[str, ...]


def reproduce(run: RunRecord, records: Records, root: Path, report: Callable[[str], None]) -> Verdict:
    """Rebuild the run's chain in a temporary clone, up to the first stage that differs. `root` is not changed.

    Args:
        report: called with a line of text after each stage.

    Raises:
        UserError: a record is missing, the commit is gone, or a stage fails.
    """
    recorded, params = _recorded(run, records)
    commit = run.tags.get("git.commit")
    if commit is None:
        raise UserError(f"the run {run.name} was made outside a Git repository: there is no commit to build it from")
    cache = cache_of(root)
    with tempfile.TemporaryDirectory(prefix="pix2pix-reproduce-") as temporary:
        rebuild = Rebuild(root, Path(temporary) / "repo", commit, records.text(run, CHANGES_FILE))
        rebuild.set_params(params, run.dataset)
        rebuild.link(WEIGHTS)
        rebuild.stage("check")
        compared: set[str] = set()  # an output is also a dependency of later stages
        for stage in STAGES:
            if stage not in recorded:
                continue
            began = time.monotonic()
            fetched = stage == "download" and run.params.get("source") != SYNTHETIC
            if fetched and all(rebuild.fetch(cache, path, md5) for path, md5 in recorded[stage]["outs"].items()):
                report(f"{stage:9} taken from DVC's cache, not fetched again")
            else:
                rebuild.stage(f"{stage}@{run.dataset}")
            hashes = {**recorded[stage]["deps"], **recorded[stage]["outs"]}
            files = tuple(_different({path: md5 for path, md5 in hashes.items() if path not in compared}, rebuild, cache))
            compared.update(hashes)
            if files:
                report(f"{stage:9} differs")
                return Verdict(len(compared), stage, files, tuple(_reasons(run)))
            count = len(recorded[stage]["outs"])
            report(f"{stage:9} the same: {count} output{'s' if count > 1 else ''}, {time.monotonic() - began:.0f} s")
    return Verdict(len(compared), None, (), ())


def _recorded(run: RunRecord, records: Records) -> tuple[Hashes, str]:
    """The run's hashes and params.yaml. If another run with the same model has the hashes, they are read from there."""
    same_model = [run, *(other for other in records.tagged(MODEL_SHA256, run.model, run.dataset) if other.run_id != run.run_id)]
    chain = next((text for it in same_model if run.model and (text := records.text(it, CHAIN_FILE))), None)
    params = records.text(run, PARAMS_FILE)
    if chain is None or params is None:
        lacks = "was not evaluated, so its hashes were never recorded" if chain is None else "has no record of its params.yaml"
        raise UserError(f"the run {run.name} ({run.run_id}, {run.status}) {lacks}: it cannot be compared with a rebuild")
    hashes: Hashes = json.loads(chain)
    return hashes, params


def _different(recorded: dict[str, str], rebuild: Rebuild, cache: Path) -> Iterator[str]:
    """Yield code, data and outputs whose hash differs; for a folder, the files in it if their hashes are known."""
    for path, md5 in recorded.items():
        found = rebuild.folder / path
        now = digest(found) if found.exists() else "missing"
        if now != md5:
            inside = [f"{path}/{name}" for name in files_that_differ(md5, now, cache, rebuild.cache)]
            yield from inside or [path]


def _reasons(run: RunRecord) -> Iterator[str]:
    """Yield differences in device, settings and versions from those of the run."""
    import torch

    then = run.tags.get("device", "cpu")
    if run.params.get("runtime.device") == "auto" and (then != "cpu") != torch.cuda.is_available():
        yield f"device: {then} then, {'cuda' if torch.cuda.is_available() else 'cpu'} now"
    if run.params.get("runtime.deterministic") == "false":
        yield "runtime.deterministic: false, so that not even the same machine promises the same bits"
    if RESTORED in run.tags:
        yield "the run was recorded afterwards, from DVC's cache: what it was made with is not known"
        return
    for key, now in made_with().items():
        before = run.tags.get(key)
        if before is not None and before != now:
            yield f"{key}: {before} then, {now} now"
