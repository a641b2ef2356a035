"""Which runs nothing needs any more, and their removal."""

from collections.abc import Iterable
from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.repository.dvc_lock import hashes_in, locked_stages
from pix2pix.repository.experiments import experiments, outputs_at
from pix2pix.repository.git import git
from pix2pix.system.terminal import counted, human_bytes
from pix2pix.system.text_table import aligned
from pix2pix.tracking.journal import outbox
from pix2pix.tracking.lookup import Records, RunRecord
from pix2pix.tracking.tags import PARENT, TRAINING_RUN

_REFS = ("refs/heads", "refs/remotes", "refs/tags", "refs/exps")


def unneeded(records: Records, root: Path, dataset: str | None) -> list[RunRecord]:
    """The runs that can be removed, newest first.

    A run is needed if its predictions are those of dvc.lock in the workspace, on a branch, a tag or in a DVC experiment; if an experiment
    has its name; if its model has an alias in the registry; if it is running, can be resumed, or waits in the outbox to be completed; or if
    it trained the model of a needed run, or the one that such a run started from. So is a run of another repository. Raises UserError if
    Git cannot read the repository.
    """
    refs, history = git(root, "for-each-ref", "--format=%(objectname)", *_REFS), git(root, "rev-list", "--all")
    if refs is None or history is None:
        raise UserError(f"Git cannot read {root}, so that nothing says which runs are needed: go to the repository, or mend Git")
    commits, own = ["HEAD", *refs.split()], frozenset(history.split())
    predictions = {outs.get("predictions") for chains in outputs_at(commits, root).values() for outs in chains.values()}
    for name, entry in locked_stages(root / "dvc.lock").items():
        predictions |= set(hashes_in(entry).values()) if name.startswith("infer@") else set()
    names = {it.name for it in experiments(root)}
    resumable = {state.parent / "run_id" for state in (root / ".resume").glob("*/state.pt")}
    ids = {*records.aliased(), *(note.read_text() for note in resumable if note.exists())}
    waiting = " ".join(state.read_text() for state in outbox(root).glob("*/state.json"))

    runs = records.all()  # of every dataset, as names and ids are looked for among all
    needed = [
        run
        for run in runs
        if run.commit not in own  # of another repository or clone, which records in the same store
        or run.status == "RUNNING"
        or run.run_id in ids
        or run.run_id in waiting
        or run.experiment in names
        or run.predictions in predictions
    ]
    builds_on = {run.run_id: {run.tags.get(TRAINING_RUN), run.tags.get(PARENT)} for run in runs}
    kept: set[str | None] = set()
    found: set[str | None] = {run.run_id for run in needed}
    while found:
        kept |= found
        found = set().union(*(builds_on.get(run_id or "", set()) for run_id in found)) - kept
    return [run for run in runs if run.run_id not in kept and dataset in (None, run.dataset)]


def prune(records: Records, root: Path, dataset: str | None, *, remove: bool) -> Iterable[str]:
    """Yield lines of text: the runs that can be removed, and how much they take. With `remove`, remove them (see `Records.remove`)."""
    runs = unneeded(records, root, dataset)
    if not runs:
        yield "every run is needed"
        return
    sizes = [records.size(run) for run in runs]
    rows = [[run.run_id[:8], run.name, run.dataset, run.status, human_bytes(size)] for run, size in zip(runs, sizes, strict=True)]
    yield from aligned([["run", "name", "dataset", "status", "size"], *rows], frozenset({4}))
    total = f"{counted(len(runs), 'run')} with {human_bytes(sum(sizes))}"
    if not remove:
        yield f"{total} that no branch, tag, experiment or alias needs. Nothing is removed yet: `pix2pix runs prune --remove` does it"
        return
    for run in runs:
        records.remove(run)
    yield f"removed {total}; `mlflow gc`, with MLFLOW_TRACKING_URI set, removes their numbers too"
