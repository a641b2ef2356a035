"""The checkpoint of a training: one file per configuration, written atomically, locked by one process at a time."""

import fcntl
import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

from pix2pix.errors import UserError
from pix2pix.system.atomic_write import atomic_path


class Checkpoint:
    """Folder with the checkpoint of one configuration, locked while training: `with Checkpoint(folder, key) as checkpoint`.

    Entering raises UserError if another process holds the lock. The kernel releases the lock when its process ends, even if it is killed.
    Callbacks may keep their own files in `folder`; `clear` removes these too.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder / key
        self.path = self.folder / "state.pt"
        self.profile_folder = folder / "profiles" / key  # `clear` does not delete these
        self._lock: Any = None

    def __enter__(self) -> "Checkpoint":
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
        """Return the saved content, on the CPU, or None if nothing is saved. Raises UserError if the file is damaged."""
        try:
            loaded: dict[str, Any] = torch.load(self.path, map_location="cpu", weights_only=True)
        except FileNotFoundError:
            return None
        except Exception as error:  # torch.load raises many types for a damaged file
            raise UserError(f"{self.path} cannot be read ({type(error).__name__}); delete it to train from the start") from None
        return loaded

    def save(self, content: dict[str, Any]) -> None:
        """Write `content` atomically in place of the previous checkpoint."""
        with atomic_path(self.path, sync=True) as temporary, temporary.open("wb") as file:
            torch.save(content, file)

    def clear(self) -> None:
        """Delete the folder, after the training is published."""
        shutil.rmtree(self.folder, ignore_errors=True)
