"""Send to MLflow what earlier runs could not send."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.tracking.failures import explained
from pix2pix.tracking.journal import abandoned, outbox
from pix2pix.tracking.sender import Sender
from pix2pix.tracking.store import connect, resolved, tracking_uri

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True)
class Delivery:
    """Result of `deliver`.

    Attributes:
        runs: names of the runs that are now complete in MLflow.
        waiting: number of journals that could not be sent.
        reason: why the first of these could not be sent; None if none failed.
    """

    runs: tuple[str, ...]
    waiting: int
    reason: str | None


def deliver(root: Path, *, same_store: bool = False) -> Delivery:
    """Send to MLflow what earlier runs could not send. Can be repeated at any time; runs in progress are left alone.

    A journal goes to the store that has the start of its run, else to the store that is set now. The run of a killed process is
    marked KILLED.

    Args:
        root: root of the repository.
        same_store: skip journals that were started for another store than the one set now.
    """
    here = tracking_uri(root)
    runs: list[str] = []
    waiting = 0
    failures: dict[str, str] = {}
    clients: dict[str, MlflowClient] = {}
    for journal in abandoned(outbox(root)):
        uri = resolved(journal.state["uri"] or (journal.header["uri"] if same_store else here), root)
        if (same_store and uri != here) or uri in failures:
            journal.close()
            waiting += 1
            continue
        try:
            clients[uri] = clients.get(uri) or connect(uri)
            sender = Sender(journal, root, uri, clients[uri])
            sender.reach()
            sender.resolve()
            sender.drain()
            if not journal.ended:
                sender.end_killed()
            runs.append(clients[uri].get_run(journal.state["run_id"]).info.run_name)  # may be the training's run
            journal.remove()
        except Exception as problem:
            journal.close()
            waiting += 1
            failures[uri] = explained(uri, problem)
    return Delivery(tuple(runs), waiting, next(iter(failures.values()), None))
