"""What a run's training started from: the run that trained those weights."""

from pix2pix.tracking.lookup import Records, RunRecord
from pix2pix.tracking.tags import PARENT, START_EPOCHS, START_SHA256


def parent_of(run: RunRecord, records: Records) -> RunRecord | None:
    """The run that trained the weights that this run started from; None if it started from random ones, or that run is not recorded.

    It began before this one, whatever a record says, so that nobody's record leads in a circle.
    """
    found = records.find(run.tags[PARENT]) if PARENT in run.tags else []
    return next((parent for parent in found if parent.start < run.start), None)


def start_in_words(run: RunRecord, records: Records) -> str:
    """What its training started from; "" for random weights."""
    if START_SHA256 not in run.tags:
        return ""
    parent = parent_of(run, records)
    if parent is None:
        named = f"of SHA-256 {run.tags[START_SHA256][:12]}, which no run here trained"
    else:
        named = f"of run {parent.name} ({parent.run_id[:8]}, {parent.dataset})"
    epochs = run.tags.get(START_EPOCHS)
    return f"goes on after {epochs} epochs {named}" if epochs else f"starts from the model {named}"
