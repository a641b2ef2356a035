"""Find the one run that a person means: by its id or its model's SHA-256, the start of either, its name, or that of a DVC experiment."""

from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.repository.experiments import find_experiment
from pix2pix.tracking.lookup import Records, RunRecord


def find_run(text: str, records: Records, root: Path, dataset: str | None) -> RunRecord:
    """Return the run that `text` means (see `Records.find`); of several with the same model, the newest.

    Raises UserError if there is no such run, or if there are several.
    """
    run = records.find_one(text, dataset, lambda run: (run.dataset, run.model or run.run_id))
    if run is None and find_experiment(text, root):
        raise UserError(f"the DVC experiment {text} was not recorded in this MLflow: `dvc exp apply {text}`, then `pix2pix runs sync`")
    if run is None:
        raise UserError(f"in {root} there is no run {text}{f' of {dataset}' if dataset else ''}; `pix2pix runs list` shows those there are")
    return run
