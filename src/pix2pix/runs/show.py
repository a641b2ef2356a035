"""Everything recorded of one run, for the terminal."""

import time
from collections.abc import Iterator

from pix2pix.errors import UserError
from pix2pix.runs.table import age, measured
from pix2pix.system.terminal import number
from pix2pix.system.text_table import aligned
from pix2pix.tracking.lookup import Records, RunRecord
from pix2pix.tracking.tags import CHAIN_FILE, DATA_DIGEST, MODEL_SHA256, PREDICTIONS, RESTORED, START_EPOCHS, START_SHA256, TRAINING_RUN

_CURVES = ("loss/", "val/")  # sections of the training
_MADE_WITH = ("git.commit", "git.dirty", "dvc.exp_baseline_rev", "device", "gpu", "cpu", "cpu.capability", "machine", "python", "version.")
_HASHES = (DATA_DIGEST, START_SHA256, MODEL_SHA256, PREDICTIONS)


def as_text(run: RunRecord, records: Records) -> str:
    """Format name, metrics, environment, hashes, parameters and artifacts of a run."""
    return "\n".join(_lines(run, records))


def _lines(run: RunRecord, records: Records) -> Iterator[str]:
    lasted = f", took {(run.end - run.start) / 1000:.0f} s" if run.end else ""
    yield f"{run.name} ({run.run_id})"
    yield f"{run.dataset}, {run.status}, {age(run.start, time.time())} ago{lasted}"
    if run.experiment:
        yield f"DVC experiment {run.experiment}"
    if start := start_in_words(run, records):
        yield start
    if RESTORED in run.tags:
        yield "recorded afterwards, for a model that came out of DVC's cache"
    if TRAINING_RUN in run.tags:
        yield f"other predictions by the model of run {run.tags[TRAINING_RUN]}"
    for title, pairs in (
        ("Measured on the test images", {key: number(int(value) if key == "images" else value) for key, value in measured(run).items()}),
        ("At the end of the training", {key: number(value) for key, value in run.metrics.items() if key.startswith(_CURVES)}),
        ("Made with", {key: run.tags[key] for key in sorted(run.tags) if key.startswith(_MADE_WITH)}),
        ("Hashes", {key: run.tags[key] for key in _HASHES if key in run.tags}),
        ("Parameters", run.params),
    ):
        if pairs:
            yield f"\n{title}"
            yield from (f"  {line}" for line in aligned([list(pair) for pair in pairs.items()]))
    try:
        files = records.artifacts(run)
        yield "\nArtifacts\n  " + (", ".join(files) or "none")
    except UserError as problem:  # such as an artifact with an odd name
        yield f"\nArtifacts\n  cannot be listed: {problem}"
        return
    if CHAIN_FILE not in files and not measured(run):
        yield "\nNot evaluated: `pix2pix runs reproduce` has nothing to compare with."


def start_in_words(run: RunRecord, records: Records) -> str:
    """What its training started from; "" for random weights."""
    if START_SHA256 not in run.tags:
        return ""
    parent = records.parent(run)
    if parent is None:
        named = f"of SHA-256 {run.tags[START_SHA256][:12]}, which no run here trained"
    else:
        named = f"of run {parent.name} ({parent.run_id[:8]}, {parent.dataset})"
    epochs = run.tags.get(START_EPOCHS)
    return f"goes on after {epochs} epochs {named}" if epochs else f"starts from the model {named}"


def as_json(run: RunRecord) -> dict[str, object]:
    """Return the run as JSON values, without its artifacts."""
    return {
        "run_id": run.run_id, "name": run.name, "dataset": run.dataset, "experiment": run.experiment, "status": run.status,
        "start": run.start, "end": run.end, "params": run.params, "metrics": run.metrics, "tags": run.tags,
    }  # fmt: skip
