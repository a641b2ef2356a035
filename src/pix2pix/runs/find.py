"""Find the one run that a person means: by its id or its model's SHA-256, the start of either, its name, or that of a DVC experiment."""

from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.repository.experiments import find_experiment
from pix2pix.tracking.lookup import Records, RunRecord


def find_run(text: str, records: Records, root: Path, dataset: str | None) -> RunRecord:
    """Return the run that `text` means (see `Records.find`); of several with the same model, the newest.

    Raises UserError if there is no such run, or if there are several.
    """
    found = records.find(text, dataset)
    found = [run for run in found if run.model] or found  # prefer runs that finished
    newest: dict[tuple[str, str], RunRecord] = {}
    for run in found:
        newest.setdefault((run.dataset, run.model or run.run_id), run)
    if not newest and find_experiment(text, root):
        raise UserError(f"the DVC experiment {text} was not recorded in this MLflow: `dvc exp apply {text}`, then `pix2pix runs sync`")
    if not newest:
        raise UserError(f"in {root} there is no run {text}{f' of {dataset}' if dataset else ''}; `pix2pix runs list` shows those there are")
    if len(newest) > 1:
        listed = ", ".join(f"{run.run_id} ({run.dataset})" for run in newest.values())
        way_out = "choose one with --dataset" if len({name for name, _ in newest}) == len(newest) else "name one by its id"
        raise UserError(f"several runs are called {text}: {listed}; {way_out}")
    return next(iter(newest.values()))
