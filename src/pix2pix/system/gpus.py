"""Acquire GPUs of this machine: a lock on a file for each, which the kernel releases when its process ends, however it ends.

The files lie in the machine's temporary folder, one folder for each user. Another user's trainings, and programs that lock nothing, are
not seen.
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
_held: list[IO[bytes]] = []  # open as long as this process lives: closing a file releases its lock


def acquire(device: "torch.device", count: int = 1) -> list["torch.device"]:
    """`count` GPUs, locked until this process ends; waits for them. The CPU is not locked, and is returned `count` times.

    A GPU that is named (`cuda:1`), or the only visible one, is returned at once, whoever else uses it: a person chose it. It is locked all
    the same where it is free, so that other processes choose another.
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
        torch.cuda.set_device(devices[0])  # streams and captured graphs are made on the current device
    return devices


def visible(devices: Sequence["torch.device"], environment: Mapping[str, str]) -> dict[str, str]:
    """The environment variable that makes these GPUs a child's first, second … and only ones; empty for the CPU."""
    if devices[0].type != "cuda":
        return {}
    seen = environment.get("CUDA_VISIBLE_DEVICES")
    words = seen.split(",") if seen else []  # each may be a number, or the name of a GPU
    return {"CUDA_VISIBLE_DEVICES": ",".join(words[it.index].strip() if words else str(it.index) for it in devices)}


def locks_folder() -> Path:
    """The folder with the lock files of this user on this machine, made where it is missing. Raises UserError where it is another's."""
    folder = Path(tempfile.gettempdir()) / f"pix2pix-gpus-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():  # everyone may write to the temporary folder
        raise UserError(f"{folder} was made by another user: remove it, set TMPDIR to a folder of yours, or name a GPU with runtime.device")
    return folder


def wait_for_free(names: Sequence[str], count: int, *, folder: Path, report: Callable[[str], None]) -> list[int]:
    """Lock `count` GPUs that are free; returns their positions in `names`.

    Waits while fewer are free, and holds none meanwhile, so that two processes that want several do not wait for each other for ever.
    `report` is called with one line about the wait.
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
    """Lock those of `names` that are free, without waiting for the others; returns all positions."""
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
    """The file, locked by this process; None where another process has the lock.

    By lockf and not flock, whose lock a forked worker would inherit and keep when this process is killed.
    """
    file = path.open("ab")
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
