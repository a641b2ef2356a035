"""Find the one run that a person means: by its id, the start of its id, its name, or the name of a DVC experiment."""

from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.repository.dvc_lock import predictions_at
from pix2pix.repository.experiments import find_experiment
from pix2pix.tracking.lookup import Records, RunRecord
from pix2pix.tracking.tags import PREDICTIONS


def find_run(text: str, records: Records, root: Path, dataset: str | None) -> RunRecord:
    """Return the run that `text` means; of several with the same model, the newest.

    An experiment whose stages all came from DVC's cache has no run of its own; it means the run with the same predictions.

    Raises UserError if there is no such run, or if there are several.
    """
    found = records.find(text, dataset) or _of_experiment(text, records, root, dataset)
    found = [run for run in found if run.model] or found  # prefer runs that finished
    newest: dict[tuple[str, str], RunRecord] = {}
    for run in found:
        newest.setdefault((run.dataset, run.model or run.run_id), run)
    if not newest:
        raise UserError(f"in {root} there is no run {text}{f' of {dataset}' if dataset else ''}; `pix2pix runs list` shows those there are")
    if len(newest) > 1:
        listed = ", ".join(f"{run.run_id} ({run.dataset})" for run in newest.values())
        way_out = "choose one with --dataset" if len({name for name, _ in newest}) == len(newest) else "name one by its id"
        raise UserError(f"several runs are called {text}: {listed}; {way_out}")
    return next(iter(newest.values()))


def _of_experiment(name: str, records: Records, root: Path, dataset: str | None) -> list[RunRecord]:
    commit = find_experiment(name, root)
    if commit is None:
        return []
    chosen, predictions = predictions_at(commit, root, dataset)
    return records.tagged(PREDICTIONS, predictions, chosen)
