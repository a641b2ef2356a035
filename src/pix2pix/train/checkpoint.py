"""The resumable state of a training: one file, whole or absent, for one configuration and one process at a time."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

from pix2pix.errors import UserError
from pix2pix.system.atomic_write import atomic_path


def fingerprint(parts: Mapping[str, object]) -> str:
    """Name of a configuration: whatever decides the result (settings, data, code) must be among `parts`; JSON values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]


def code_digest() -> str:
    """SHA-256 of the code that decides a training's result: the packages `training` and `models`, and what they use of `data`.

    How pictures were prepared is no part of it: the prepared images have a digest of their own.
    """
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for file in sorted(file for part in ("training", "models") for file in (package / part).rglob("*.py")):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    for name in ("augment.py", "layout.py", "store.py", "lab.py"):
        digest.update((package / "data" / name).read_bytes())
    return digest.hexdigest()


class ResumableState:
    """Folder of one configuration's state. Hold it while training: `with ResumableState(folder, key) as state`.

    Raises UserError when another process holds it. The lock dies with its process, so a killed training leaves none.
    Others may keep what belongs to the training in `folder` too; it goes with the rest.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder / key
        self.path = self.folder / "state.pt"
        self.traces = folder / "profiles" / key  # kept when the state is cleared
        self._lock: Any = None

    def __enter__(self) -> "ResumableState":
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = (self.folder / "lock").open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.seek(0)
            owner = self._lock.read().strip() or "another process"
            self._lock.close()
            raise UserError(f"this very configuration is being trained already, by {owner}; wait for it, or end it and run again") from None
        self._lock.truncate(0)
        self._lock.write(f"process {os.getpid()}")
        self._lock.flush()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lock.close()

    def load(self) -> dict[str, Any] | None:
        """What was saved last, on the CPU; None at a fresh start. Raises UserError where the file is damaged."""
        try:
            loaded: dict[str, Any] = torch.load(self.path, map_location="cpu", weights_only=True)
        except FileNotFoundError:
            return None
        except Exception as error:  # whatever a damaged file makes the reader raise
            raise UserError(f"{self.path} cannot be read ({type(error).__name__}); delete it to train from the start") from None
        return loaded

    def save(self, content: dict[str, Any]) -> None:
        """Replace what was saved, atomically."""
        with atomic_path(self.path, sync=True) as temporary, temporary.open("wb") as file:
            torch.save(content, file)

    def clear(self) -> None:
        """Forget the state: the training is published."""
        shutil.rmtree(self.folder, ignore_errors=True)
