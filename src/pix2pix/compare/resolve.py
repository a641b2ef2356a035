"""Find the set of images that a command-line argument means."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pix2pix.compare.source import Source, from_cache, from_folder
from pix2pix.errors import UserError
from pix2pix.repository.experiments import find_experiment, predictions_at
from pix2pix.repository.git import find_commit
from pix2pix.tracking.lookup import Records, RunRecord
from pix2pix.tracking.matching_run import INFERENCE
from pix2pix.tracking.tags import MODEL_SHA256


def find_sources(texts: Sequence[str], root: Path, dataset: str | None) -> list[Source]:
    """Return the sources in order, each with a unique name: that of its folder, run or experiment, or the argument if two are equal.

    Raises UserError if an argument matches nothing, or if two mean the same.
    """
    sources = [find_source(text, root, dataset) for text in texts]
    twice = Counter(source.name for source in sources)
    named = [replace(source, name=text) if twice[source.name] > 1 else source for text, source in zip(texts, sources, strict=True)]
    again = [name for name, count in Counter(source.name for source in named).items() if count > 1]
    if again:
        raise UserError(f"{', '.join(again)}: named twice; name each set once")
    return named


def find_source(text: str, root: Path, dataset: str | None) -> Source:
    """Find a folder, else a DVC experiment, else an MLflow run (see `Records.find`), else a Git revision.

    Raises UserError if nothing matches, or several MLflow runs do.
    """
    folder = Path(text)
    if folder.is_dir():
        return from_folder(folder)
    commit = find_experiment(text, root)
    if commit is not None:
        return _of_commit(text, f"DVC experiment {text}", commit, root, dataset)
    records = Records(root)
    run = records.find_one(text, dataset, lambda run: predictions_of(run, records))
    if run:
        return from_cache(predictions_of(run, records), root, name=run.name, origin=f"MLflow run {run.name} ({run.run_id})")
    commit = find_commit(text, root)
    if commit is not None:
        return _of_commit(text, f"revision {text}", commit, root, dataset)
    raise UserError(f"{text} is no folder, and in {root} there is no DVC experiment, no MLflow run and no Git revision of that name")


def predictions_of(run: RunRecord, records: Records) -> str:
    """Return DVC's hash of the predictions that a run was measured on (see `folder_digest`).

    If the run has none, returns that of another run with the same model and the same `infer.norm`: DVC does not run the stage again for
    files that it has measured.

    Raises UserError if no such run was evaluated.
    """
    if run.predictions:
        return run.predictions
    same = records.tagged(MODEL_SHA256, run.model, run.dataset) if run.model else []
    norm = run.params.get(INFERENCE)
    for other in same:
        if other.predictions and (norm is None or other.params.get(INFERENCE, norm) == norm):
            return other.predictions
    raise UserError(
        f"The MLflow run {run.name} ({run.run_id}, {run.status}) has no record of its predictions: it was not evaluated, "
        "or by an older version. `dvc repro --force evaluate@<dataset>` records those of the model that is in the workspace"
    )


def _of_commit(text: str, origin: str, commit: str, root: Path, dataset: str | None) -> Source:
    chosen, digest = predictions_at(commit, root, dataset)
    return from_cache(digest, root, name=text, origin=f"{origin} ({chosen}, {commit[:10]})")
