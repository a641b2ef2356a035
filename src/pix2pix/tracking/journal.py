"""The journal of one run. Everything is written to it before it is sent, so that no failure of MLflow loses data.

A journal is a folder in the outbox: `header.json` (which run it is), `events.jsonl` (one event per line, append-only), `files/` (copies
of files until they are sent), `state.json` (its MLflow run, and how many events that has). The process that writes it holds an flock on
`events.jsonl`, which the kernel releases when the process ends.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from pix2pix.models.description import DISCRIMINATOR, OPTIMIZERS
from pix2pix.system.atomic_write import atomic_folder, write_text

Event = dict[str, Any]


def outbox(root: Path) -> Path:
    """Return the folder with all journals of the repository at `root`."""
    return root / ".resume" / "mlflow-outbox"


def now_ms() -> int:
    """Return the time as MLflow stores it: milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Journal:
    """The journal of one run, locked by this process. Thread-safe.

    Attributes:
        header: what `create` got, with a unique `key` and the `time` of creation (ms since 1970).
        state: `uri`, `run_id` and `start_time` of the MLflow run, once it exists; `done`: number of events that MLflow has.
        ended: whether the last event is "finish".
        last_time: time of the last event, in ms since 1970.
    """

    def __init__(self, folder: Path, log: BinaryIO, events: list[Event]) -> None:
        self.folder = folder
        self.header: dict[str, Any] = json.loads((folder / "header.json").read_text())
        self.state: dict[str, Any] = {"uri": None, "run_id": None, "start_time": None, "done": 0}
        if (folder / "state.json").exists():
            self.state |= json.loads((folder / "state.json").read_text())
        self.ended = bool(events) and events[-1]["kind"] == "finish"
        self.last_time: int = events[-1]["time"] if events else self.header["time"]
        self._log = log
        self._pending = deque(events[self.state["done"] :])
        self._lock = threading.Lock()

    @classmethod
    def create(cls, box: Path, header: dict[str, Any]) -> Journal:
        """Create a journal in the outbox `box`. A rename makes it appear there complete and locked."""
        box.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):
            box.chmod(0o700)  # its headers have the server's address, which may contain a password
        key = uuid.uuid4().hex
        folder = box / f"{time.time_ns():020d}-{key}"  # sorts by age
        with atomic_folder(folder) as temporary:
            (temporary / "files").mkdir(mode=0o700)
            (temporary / "header.json").write_text(json.dumps({**header, "key": key, "time": now_ms()}))
            log = (temporary / "events.jsonl").open("xb")
            fcntl.flock(log, fcntl.LOCK_EX)
        return cls(folder, log, [])

    @classmethod
    def open(cls, folder: Path) -> Journal | None:
        """Lock a journal that a process left behind. None if that process still runs or the journal is gone."""
        try:
            log = (folder / "events.jsonl").open("r+b")
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not (folder / "events.jsonl").exists():
                raise BlockingIOError
        except BlockingIOError:
            log.close()
            return None
        written = log.read()
        complete = written[: written.rfind(b"\n") + 1]  # a process killed while writing leaves half a line
        log.truncate(len(complete))
        log.seek(len(complete))
        return cls(folder, log, [json.loads(line) for line in complete.splitlines()])

    @property
    def pending(self) -> int:
        """Number of events that MLflow does not have yet."""
        return len(self._pending)

    def append(self, kind: str, **fields: Any) -> None:
        """Write one event. `fields` must be JSON values; `time` is set here once, so that MLflow recognises a repeated event."""
        event = {"kind": kind, "time": now_ms(), **fields}
        with self._lock:
            self._log.write(json.dumps(event, allow_nan=False).encode() + b"\n")
            self._log.flush()
            self._pending.append(event)
            self.ended, self.last_time = kind == "finish", event["time"]

    def keep_copy(self, source: Path) -> str:
        """Copy a file or folder into the journal, as the original may be gone before it is sent. Returns the copy's relative path."""
        copy = self._place(source.name)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns(DISCRIMINATOR, OPTIMIZERS))
        else:
            shutil.copyfile(source, copy)
        return str(copy.relative_to(self.folder))

    def keep_text(self, name: str, text: str) -> str:
        """Write `text` to a file `name` in the journal. Returns its relative path."""
        copy = self._place(name)
        copy.write_text(text, encoding="utf-8")
        return str(copy.relative_to(self.folder))

    def _place(self, name: str) -> Path:
        """A path in a new folder of the journal."""
        folder = self.folder / "files" / uuid.uuid4().hex[:12]
        folder.mkdir()
        return folder / name

    def next_batch(self) -> list[Event]:
        """Return the next events to send: one event, or consecutive metrics up to MLflow's limit of 1,000 values per request."""
        with self._lock:
            batch: list[Event] = []
            values = 0
            for event in self._pending:
                values += len(event["values"]) if event["kind"] == "metrics" else 0
                if batch and (event["kind"] != "metrics" or batch[0]["kind"] != "metrics" or values > 1000):
                    break
                batch.append(event)
            return batch

    def acknowledge(self, events: list[Event]) -> None:
        """Note that MLflow has `events`, the next batch, and delete their copies."""
        with self._lock:
            if self._log.closed:  # the writer gave up: another process may hold the journal
                return
            for _ in events:
                self._pending.popleft()
            self.state["done"] += len(events)
            self._save_state()
        for event in events:
            if "copy" in event:
                shutil.rmtree((self.folder / event["copy"]).parent, ignore_errors=True)

    def assign_run(self, uri: str, run_id: str, start_time: int) -> None:
        """Store which MLflow run this journal belongs to."""
        with self._lock:
            if not self._log.closed:
                self.state.update(uri=uri, run_id=run_id, start_time=start_time)
                self._save_state()

    def close(self) -> None:
        """Release the lock. The journal stays in the outbox for another process."""
        with self._lock:
            self._log.close()

    def remove(self) -> None:
        """Delete the journal, after MLflow has all of it."""
        delivered = self.folder.with_suffix(".delivered")
        self.folder.rename(delivered)
        self.close()
        shutil.rmtree(delivered, ignore_errors=True)

    def _save_state(self) -> None:
        write_text(self.folder / "state.json", json.dumps(self.state))


def abandoned(box: Path) -> Iterator[Journal]:
    """Lock and yield every journal in `box` that no process holds, oldest first. The caller closes or removes each."""
    for folder in sorted(box.iterdir()) if box.exists() else []:
        if folder.suffix == ".delivered":
            shutil.rmtree(folder, ignore_errors=True)
        elif folder.is_dir() and not folder.suffix and (journal := Journal.open(folder)):
            yield journal
