"""Acquire GPUs of this machine by locking one file for each GPU. The kernel releases the lock when the process ends, also if it is killed.

The files are in the system's temporary folder, in one folder for each user. GPUs in use by other users, or by programs without these
locks, count as free.
"""

import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pix2pix.errors import UserError

if TYPE_CHECKING:
    import torch

_PAUSE = 0.5  # seconds between two scans for a free GPU
_held: list[IO[bytes]] = []  # kept open until this process ends: closing a file releases its lock


def acquire(device: "torch.device", count: int = 1) -> list["torch.device"]:
    """Lock `count` GPUs until this process ends, and return them; waits until enough are free. The CPU is returned `count` times, unlocked.

    A GPU with an index (`cuda:1`), or the only visible one, is returned at once even if it is in use, as the user chose it. If it is free
    it is locked, so that other processes choose another one.
    Raises UserError as `locks_folder`.
    """
    import torch

    if device.type != "cuda":
        return [device] * count
    indices = range(torch.cuda.device_count()) if device.index is None else [device.index]
    names = [str(torch.cuda.get_device_properties(index).uuid) for index in indices]
    folder = locks_folder()
    acquired = wait_for_free(names, count, folder=folder, report=print) if len(names) > 1 else lock_named(names, folder=folder)
    devices = [torch.device("cuda", indices[position]) for position in acquired]
    if count == 1:
        torch.cuda.set_device(devices[0])  # CUDA streams and graphs are created on the current device
    return devices


def visible(devices: Sequence["torch.device"], environment: Mapping[str, str]) -> dict[str, str]:
    """{"CUDA_VISIBLE_DEVICES": …} for a child process that shall see these GPUs only, in this order; empty for the CPU.

    `environment` is this process's environment: the indices of `devices` refer to its CUDA_VISIBLE_DEVICES."""
    if devices[0].type != "cuda":
        return {}
    seen = environment.get("CUDA_VISIBLE_DEVICES")
    words = seen.split(",") if seen else []  # each may be an index or a UUID
    return {"CUDA_VISIBLE_DEVICES": ",".join(words[it.index].strip() if words else str(it.index) for it in devices)}


def locks_folder() -> Path:
    """The folder of this user's lock files, created if it is missing. Raises UserError if another user owns it."""
    folder = Path(tempfile.gettempdir()) / f"pix2pix-gpus-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():  # everyone may write to the temporary folder
        raise UserError(f"{folder} was made by another user: remove it, set TMPDIR to a folder of yours, or name a GPU with runtime.device")
    return folder


def wait_for_free(names: Sequence[str], count: int, *, folder: Path, report: Callable[[str], None]) -> list[int]:
    """Lock `count` free GPUs; returns their positions in `names`.

    Waits while fewer are free, without holding any lock, so that two processes that need several GPUs cannot deadlock.
    `report` is called once, with one line, if it has to wait.
    """
    waiting = False
    while True:
        with _scan(folder):
            free = [(position, file) for position, name in enumerate(names) if (file := _try_lock(folder / name)) is not None]
            acquired, rest = (free[:count], free[count:]) if len(free) >= count else ([], free)
            _held.extend(file for _, file in acquired)
            for _, file in rest:
                file.close()
        if acquired:
            return [position for position, _ in acquired]
        if not waiting:
            report(f"{len(free)} of {len(names)} GPUs are free and this needs {count}: waiting until other work here ends")
            waiting = True
        time.sleep(_PAUSE)


def lock_named(names: Sequence[str], *, folder: Path) -> list[int]:
    """Lock those of `names` that are free, without waiting; returns the positions of all `names`, locked or not."""
    with _scan(folder):
        _held.extend(file for name in names if (file := _try_lock(folder / name)) is not None)
    return list(range(len(names)))


@contextmanager
def _scan(folder: Path) -> Iterator[None]:
    """Serialise the scan, so that a probe is not mistaken for a lock."""
    with (folder / "looking").open("ab") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield


def _try_lock(path: Path) -> IO[bytes] | None:
    """The open file, locked by this process; None if another process holds the lock.

    lockf, not flock: a forked worker would inherit a flock lock and keep it after this process is killed.
    """
    file = path.open("ab")
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
