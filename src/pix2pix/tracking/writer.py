"""The thread that sends a run's journal to MLflow, so that nothing else waits for it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from pix2pix.tracking.sender import Sender

log = logging.getLogger(__name__)
LONGEST_PAUSE = 30.0  # seconds between two attempts while MLflow does not answer


class Writer(threading.Thread):
    """Sends events as they come, tries again after a failure, and ends with the journal empty or when it is given up.

    Args:
        sender: sends the journal to MLflow.
        backlog: sends what earlier runs could not; called once, when MLflow is reached.
        backlog_first: do that before this run is looked up, because the run to be found may be among them.
    """

    def __init__(self, sender: Sender, backlog: Callable[[], object], *, backlog_first: bool) -> None:
        super().__init__(name="tracking", daemon=True)
        self._sender = sender
        self._backlog: Callable[[], object] | None = backlog
        self._backlog_first = backlog_first
        self._changed = threading.Condition()
        self._failure: Exception | None = None
        self._ready = self._has_news = self._closing = self._given_up = False

    def wait_ready(self, seconds: float) -> Exception | None:
        """Waits until the run can be recorded. Returns None then, else why not: MLflow's failure, or that it did not answer in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._failure, timeout=seconds)
            if self._ready:
                return None
            return self._failure or TimeoutError(f"no answer within {seconds:g} s")

    def notify(self) -> None:
        """The journal has something new."""
        with self._changed:
            self._has_news = True
            self._changed.notify_all()

    def close(self, seconds: float) -> Exception | None:
        """Waits until everything is sent; a failing store gets ``seconds`` to recover. Returns why something is left, or None."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            while self.is_alive() and not (time.monotonic() > deadline and (self._failure or not self._ready)):
                self._changed.wait(0.1)
        self.give_up()
        return self._failure if self._sender.journal.pending else None

    def give_up(self) -> None:
        """Ends the thread after the request it is at; what is pending stays in the journal."""
        with self._changed:
            self._given_up = self._closing = True
            self._changed.notify_all()

    def run(self) -> None:
        pause = 0.5
        while not self._given_up:
            failure = self._attempt()
            pause = min(2 * pause, LONGEST_PAUSE) if failure else 0.5
            with self._changed:
                self._failure = failure
                self._changed.notify_all()
                if failure and self._closing:
                    self._changed.wait_for(lambda: self._given_up, timeout=0.3)
                elif failure:
                    self._changed.wait_for(lambda: self._closing, timeout=pause)
                elif self._closing and not self._sender.journal.pending:
                    return
                else:
                    self._changed.wait_for(lambda: self._has_news or self._closing)
                self._has_news = False

    def _attempt(self) -> Exception | None:
        """Sends all there is; returns what went wrong. Catches everything: a failure to record must not end a training."""
        try:
            if not self._ready:
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
