"""The checkpoint of a training: one file per configuration, written atomically, locked by one process at a time."""

import fcntl
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

from pix2pix.errors import UserError
from pix2pix.system.atomic_write import atomic_path, write_text

# files in a folder: what the training in it ended with, and what it goes on from
_FINISHED, _EARLIER = "finished", "earlier"


@dataclass(frozen=True)
class Kept:
    """A finished training whose checkpoint was kept: its epochs, and the SHA-256 of the weights that it published."""

    epochs: int
    model: str

    @classmethod
    def read(cls, note: Path) -> "Kept | None":
        """Read what `write` wrote; None if there is no such file."""
        try:
            epochs, model = note.read_text().split()
        except FileNotFoundError:
            return None
        return cls(int(epochs), model)

    def write(self, note: Path) -> None:
        """Write it as a file, atomically."""
        write_text(note, f"{self.epochs} {self.model}")


class Checkpoint:
    """Folder with the checkpoint of one configuration, locked while training: `with Checkpoint(folder, key) as checkpoint`.

    Entering raises UserError if another process holds the lock. The kernel releases the lock when its process ends, even if it is killed.
    Callbacks may keep their own files in `folder`; `clear` removes these too, `keep` keeps them.

    Attributes:
        earlier: the finished training that this one goes on from; None if it starts at its first epoch.
    """

    def __init__(self, folder: Path, key: str, kept: str = "", epochs: int = 0) -> None:
        """A training of `epochs` epochs.

        kept: name in `folder` for a finished training's checkpoint, shared by trainings that differ in their epochs alone. A training
        without a checkpoint goes on from a kept one of at most as many epochs.
        """
        self.folder, self.kept, self._epochs = folder / key, folder / kept if kept else None, epochs
        self.earlier: Kept | None = None
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
        self.earlier = self._go_on_from()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lock.close()

    def load(self) -> dict[str, Any] | None:
        """Return the saved content, on the CPU; or that of the training that this one goes on from; or None.

        Raises UserError if the file is damaged, or is no longer that of `earlier`.
        """
        saved = _load(self.path)
        if saved is not None or self.kept is None or self.earlier is None:
            return saved
        kept = _load(self.kept / self.path.name)
        if kept is None or kept["progress"]["epoch"] != self.earlier.epochs + 1:
            raise UserError(f"{self.kept} was replaced by another training just now: run the same command again")
        return kept

    def save(self, content: dict[str, Any]) -> None:
        """Write `content` atomically in place of the previous checkpoint."""
        with atomic_path(self.path, sync=True) as temporary, temporary.open("wb") as file:
            torch.save(content, file)

    def keep(self, model: str) -> int:
        """Move the folder to `kept`, after the training is published, in place of an earlier one. Returns the bytes of the checkpoint.

        model: SHA-256 of the published weights.
        """
        assert self.kept is not None
        Kept(self._epochs, model).write(self.folder / _FINISHED)
        shutil.rmtree(self.kept, ignore_errors=True)
        self.folder.replace(self.kept)
        return (self.kept / self.path.name).stat().st_size

    def clear(self) -> None:
        """Delete the folder, after the training is published."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _go_on_from(self) -> Kept | None:
        """The training that this one goes on from, whose other files are copied at first."""
        note = self.folder / _EARLIER
        if self.path.exists():
            return Kept.read(note)
        note.unlink(missing_ok=True)
        found = Kept.read(self.kept / _FINISHED) if self.kept else None
        if self.kept is None or found is None or found.epochs > self._epochs:
            return None
        # this training has its own lock, records and notes
        others = shutil.ignore_patterns("lock", "run_id", "events", self.path.name, _FINISHED, _EARLIER)
        shutil.copytree(self.kept, self.folder, dirs_exist_ok=True, ignore=others)
        found.write(note)
        return found


def _load(path: Path) -> dict[str, Any] | None:
    try:
        loaded: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        return None
    except Exception as error:  # torch.load raises many types for a damaged file
        raise UserError(f"{path} cannot be read ({type(error).__name__}); delete it to train from the start") from None
    return loaded
