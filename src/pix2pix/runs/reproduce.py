"""Reproduce a run: rebuild its chain from what was recorded and compare every hash."""

import hashlib
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pix2pix.config.train_settings import NOISE
from pix2pix.errors import UserError
from pix2pix.models.description import DESCRIPTION
from pix2pix.repository.cache import cache_of, files_that_differ
from pix2pix.repository.chain import CHECK, OUTSIDE, WEIGHTS, Hashes, parse_hashes
from pix2pix.repository.digests import digest, is_inside
from pix2pix.repository.dvc_lock import STAGES
from pix2pix.runs.rebuild import Rebuild
from pix2pix.system.terminal import counted
from pix2pix.tracking.lookup import Records, RunRecord
from pix2pix.tracking.model_download import download_model
from pix2pix.tracking.tags import CHAIN_FILE, CHANGES_FILE, MODEL_SHA256, PARAMS_FILE, RESTORED, START_EPOCHS, made_with

RESUME = ".resume"  # folder of the checkpoints that trainings keep
SYNTHETIC = "sample"  # source of the synthetic images, which are generated and not fetched


@dataclass(frozen=True)
class Verdict:
    """The result of a rebuild.

    Attributes:
        code: the commit, and the uncommitted changes, in words.
        hashes: number of hashes compared.
        stage: the first stage that differs; None if all are the same.
        files: its files that differ.
        reasons: known differences from the run's environment.
    """

    code: str
    hashes: int
    stage: str | None
    files: tuple[str, ...]
    reasons: tuple[str, ...]


def reproduce(run: RunRecord, records: Records, root: Path, report: Callable[[str], None], *, run_recorded_code: bool) -> Verdict:
    """Rebuild the run's chain in a temporary clone, up to the first stage that differs. `root` is not changed.

    Args:
        report: called with a line of text after each stage.
        run_recorded_code: whether uncommitted changes to the code, which the record has, may run. They are whatever someone wrote there.

    Raises:
        UserError: a record is missing or invalid, it has changes that may not run (`report` gets them), the commit is gone, or a
            stage fails.
    """
    with tempfile.TemporaryDirectory(prefix="pix2pix-reproduce-") as temporary:
        chain = _Chain(run, Path(temporary), records, root, report, run_recorded_code)
        chain.fetch_start()
        compared: set[str] = set()  # an output is also a dependency of later stages
        for stage in (CHECK, *STAGES):
            if stage not in chain.recorded:
                if stage == CHECK:  # records of earlier versions lack it
                    chain.rebuild.stage(CHECK)
                continue
            began = time.monotonic()
            chain.build(stage)
            outs = chain.recorded[stage]["outs"]
            hashes = {**chain.recorded[stage]["deps"], **outs}
            files = tuple(_different({path: md5 for path, md5 in hashes.items() if path not in compared}, chain.rebuild, cache_of(root)))
            compared.update(hashes)
            if files:
                report(f"{stage:9} differs")
                return Verdict(chain.code, len(compared), stage, files, tuple(_reasons(run)))
            report(f"{stage:9} the same: {counted(len(outs), 'output')}, {time.monotonic() - began:.0f} s")
    return Verdict(chain.code, len(compared), None, (), ())


class _Chain:
    """A run whose stages are built again, in a clone: `folder`/repo. The other arguments are those of `reproduce`."""

    def __init__(
        self, run: RunRecord, folder: Path, records: Records, root: Path, report: Callable[[str], None], run_recorded_code: bool
    ) -> None:
        """Make the clone, with the recorded changes and parameters. Raises UserError (see `reproduce`)."""
        self._run, self._folder, self._records, self._root = run, folder, records, root
        self._report, self._run_recorded_code = report, run_recorded_code
        self.recorded, params = _recorded(run, records)
        if run.commit is None:
            raise UserError(f"the run {run.name} was made outside a Git repository: there is no commit to build it from")
        changes = records.text(run, CHANGES_FILE)
        self.code = _code(run.commit, changes)
        if changes and not run_recorded_code:
            for line in changes.split("\n"):
                report(line)
            raise UserError(
                f"the run {run.name} was made from {self.code}, which are shown above. They come from the record, not from this "
                "repository, and would run on this machine: read them, then add --run-recorded-code"
            )
        self.rebuild = Rebuild(root, folder / "repo", run.commit, changes)
        self.rebuild.set_params(params, run.dataset)
        self.rebuild.link(WEIGHTS)

    def build(self, stage: str) -> None:
        """Build one stage; an archive that was fetched is taken from DVC's cache, if it is there."""
        if stage == "download" and self._run.params.get("source") != SYNTHETIC and stage in self.recorded:
            cache = cache_of(self._root)
            if all(self.rebuild.fetch(cache, path, md5) for path, md5 in self.recorded[stage]["outs"].items()):
                self._report(f"{stage:9} taken from DVC's cache, not fetched again")
                return
        self.rebuild.stage(stage if stage == CHECK else f"{stage}@{self._run.dataset}")

    def fetch_start(self) -> None:
        """Fetch what the training started from: a model, from where its content still is, or the state that a shorter training kept.

        What is nowhere is built: the run that made it, in a clone of its own. Raises UserError if no run here made the model; without the
        shorter training all epochs are trained.
        """
        parent, recorded = self._records.parent(self._run), self._run.params.get("train.start_from", NOISE)
        path = recorded if is_inside(recorded) else OUTSIDE
        md5 = self.recorded.get("train", {}).get("deps", {}).get(path)
        if START_EPOCHS in self._run.tags and parent is None:
            self._report("start     the shorter training has no run here: all epochs are trained, and early sheets may differ")
        if START_EPOCHS in self._run.tags and parent is not None:
            shorter = self._built(parent)
            self.rebuild.copy(shorter.rebuild.folder / RESUME, RESUME)
            if path != NOISE:
                self.rebuild.copy(shorter.rebuild.folder / path, path)
        elif path != NOISE and md5 is not None and not self._found(parent, path, md5, self._root / recorded):
            if parent is None:
                raise UserError(
                    f"the run {self._run.name} started from {recorded} as it was then, which is neither here nor in DVC's cache, and no "
                    f"run in this MLflow trained it: copy it to {recorded}"
                )
            self.rebuild.copy(self._built(parent).rebuild.folder / "data" / "models" / parent.dataset, path)

    def _found(self, parent: RunRecord | None, path: str, md5: str, place: Path) -> bool:
        """Fetch the model with this hash from the commit, DVC's cache, its place or the run that trained it; False if all lack it."""
        here, root = self.rebuild.folder / path, self._root
        if here.exists() and digest(here) == md5:
            return True
        if self.rebuild.fetch(cache_of(root), path, md5):
            self._report(f"start     {path}, from DVC's cache")
            return True
        with tempfile.TemporaryDirectory() as download:
            stored = None
            if parent is not None:
                with suppress(UserError):  # its files are lost
                    stored = download_model(parent.run_id, root, Path(download))
            for folder, whence in ((place, "this repository" if path != OUTSIDE else str(place)), (stored, "MLflow")):
                # the place is whatever a record says: only a model is read
                if folder is not None and (folder / DESCRIPTION).is_file() and digest(folder) == md5:
                    self.rebuild.copy(folder, path)
                    self._report(f"start     {path}, from {whence}")
                    return True
        return False

    def _built(self, parent: RunRecord) -> "_Chain":
        """Build the run that this one started from, as far as its training."""
        self._report(f"start     run {parent.name} ({parent.run_id[:8]}, {parent.dataset}) is built first")
        chain = _Chain(parent, self._folder / "start", self._records, self._root, self._report, self._run_recorded_code)
        chain.fetch_start()
        for stage in (CHECK, "download", "prepare", "train"):
            chain.build(stage)
        return chain


def _recorded(run: RunRecord, records: Records) -> tuple[Hashes, str]:
    """The run's hashes and params.yaml. If another run with the same model has the hashes, they are read from there."""
    same_model = [run, *(other for other in records.tagged(MODEL_SHA256, run.model, run.dataset) if other.run_id != run.run_id)]
    chain = next((text for it in same_model if run.model and (text := records.text(it, CHAIN_FILE))), None)
    params = records.text(run, PARAMS_FILE)
    if (chain is None or params is None) and run.lost:
        raise UserError(run.lost)
    if chain is None or params is None:
        lacks = "was not evaluated, so its hashes were never recorded" if chain is None else "has no record of its params.yaml"
        raise UserError(f"the run {run.name} ({run.run_id}, {run.status}) {lacks}: it cannot be compared with a rebuild")
    try:
        return parse_hashes(chain), params
    except ValueError as problem:
        raise UserError(f"the run {run.name} ({run.run_id}) has a damaged {CHAIN_FILE}: {problem}; it is not rebuilt") from None


def _code(commit: str, changes: str | None) -> str:
    """The code of a run in words: all that runs is in the commit and the changes, also what no stage depends on."""
    if not changes:
        return f"commit {commit[:10]}"
    files = dict.fromkeys(re.findall(r"^diff --git .* b/(.*)$", changes, re.MULTILINE))
    digest = hashlib.sha256(changes.encode()).hexdigest()
    return f"commit {commit[:10]} with uncommitted changes in {', '.join(files)} (SHA-256 of the patch {digest[:12]})"


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
