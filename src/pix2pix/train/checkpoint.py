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
    Callbacks may keep their own files in `folder`; `clear` removes these too, `keep` keeps them.
    """

    def __init__(self, folder: Path, key: str, kept: str = "") -> None:
        """kept: name in `folder` for a finished training's checkpoint, shared by trainings that differ in their epochs alone."""
        self.folder, self.kept = folder / key, folder / kept if kept else None
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
            raise UserError(
                f"a training with the same settings and data is already run by {owner}: wait for it, or end it and run again"
            ) from None
        self._lock.truncate(0)
        self._lock.write(f"process {os.getpid()}")
        self._lock.flush()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lock.close()

    def load(self, epochs: int) -> dict[str, Any] | None:
        """Return the saved content, on the CPU; or that of a kept training of at most `epochs` epochs; or None.

        Raises UserError if the file is damaged.
        """
        saved = _load(self.path)
        earlier = _load(self.kept / self.path.name) if saved is None and self.kept is not None else None
        if self.kept is None or earlier is None or earlier["progress"]["epoch"] > epochs + 1:
            return saved
        others = shutil.ignore_patterns("lock", "run_id", "events", self.path.name)  # this training has its own lock and records
        shutil.copytree(self.kept, self.folder, dirs_exist_ok=True, ignore=others)
        return earlier

    def save(self, content: dict[str, Any]) -> None:
        """Write `content` atomically in place of the previous checkpoint."""
        with atomic_path(self.path, sync=True) as temporary, temporary.open("wb") as file:
            torch.save(content, file)

    def keep(self) -> int:
        """Move the folder to `kept`, after the training is published, in place of an earlier one. Returns the bytes of the checkpoint."""
        assert self.kept is not None
        shutil.rmtree(self.kept, ignore_errors=True)
        self.folder.replace(self.kept)
        return (self.kept / self.path.name).stat().st_size

    def clear(self) -> None:
        """Delete the folder, after the training is published."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _load(path: Path) -> dict[str, Any] | None:
    try:
        loaded: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        return None
    except Exception as error:  # torch.load raises many types for a damaged file
        raise UserError(f"{path} cannot be read ({type(error).__name__}); delete it to train from the start") from None
    return loaded
