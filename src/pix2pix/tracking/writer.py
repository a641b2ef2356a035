"""The thread that sends a run's journal to MLflow."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from pix2pix.tracking.sender import Sender

log = logging.getLogger(__name__)
LONGEST_PAUSE = 30.0  # seconds; longest wait between two attempts


class Writer(threading.Thread):
    """Sends events as they arrive and retries after a failure. Ends when `close` is called and the journal is sent, or by `give_up`.

    Args:
        sender: sends the journal to MLflow.
        backlog: sends what earlier runs could not send; called once, when MLflow is reached.
        backlog_first: call `backlog` before looking up this run, because the run may be in the backlog.
    """

    def __init__(self, sender: Sender, backlog: Callable[[], object], *, backlog_first: bool) -> None:
        super().__init__(name="tracking", daemon=True)
        self._sender, self.uri = sender, sender.uri
        self._backlog: Callable[[], object] | None = backlog
        self._backlog_first = backlog_first
        self._changed = threading.Condition()
        self._failure: Exception | None = None
        self._ready = self._closing = self._given_up = False

    def wait_ready(self, seconds: float) -> Exception | None:
        """Wait until the run can be recorded. Returns None, or MLflow's error, or TimeoutError after `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._failure, timeout=seconds)
            if self._ready:
                return None
            return self._failure or TimeoutError(f"no answer within {seconds:g} s")

    def notify(self) -> None:
        """Tell the thread that the journal has a new event."""
        with self._changed:
            self._changed.notify_all()

    def close(self, seconds: float) -> Exception | None:
        """Wait until everything is sent; a failing store has `seconds` to recover. Returns why something is left, or None."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            while self.is_alive() and not (time.monotonic() > deadline and (self._failure or not self._ready)):
                self._changed.wait(0.1)
        self.give_up()
        return self._failure if self._sender.journal.pending else None

    def give_up(self) -> None:
        """End the thread after its current request. Pending events stay in the journal."""
        with self._changed:
            self._given_up = self._closing = True
            self._changed.notify_all()

    def run(self) -> None:
        pause = 0.5
        while not self._given_up:
            failure = self._attempt()
            with self._changed:
                self._failure, closing = failure, self._closing
                self._changed.notify_all()
                if failure:
                    ends = lambda: self._given_up or self._closing != closing  # noqa: B023, E731
                    self._changed.wait_for(ends, timeout=0.3 if closing else pause)
                elif closing and not self._sender.journal.pending:
                    return
                else:
                    self._changed.wait_for(lambda: self._sender.journal.pending or self._closing)
            pause = min(2 * pause, LONGEST_PAUSE) if failure else 0.5

    def _attempt(self) -> Exception | None:
        """Send all pending events; return the error, if any. Catches everything: a recording error must not end a training."""
        try:
            self._sender.reach()
            if self._backlog_first:
                self._announce_ready()
                self._deliver_backlog()
            self._sender.resolve()
            self._announce_ready()
            self._deliver_backlog()
            while self._sender.journal.pending and not self._given_up:
                self._sender.send()
                with self._changed:
                    self._failure = None
        except Exception as problem:
            return problem
        return None

    def _announce_ready(self) -> None:
        with self._changed:
            self._ready = True
            self._changed.notify_all()

    def _deliver_backlog(self) -> None:
        if self._backlog:
            backlog, self._backlog = self._backlog, None
            backlog()
