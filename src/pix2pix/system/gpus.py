"""Which of this machine's GPUs are at work: each by a lock on a file, which the kernel lets go of when its process ends, however it ends.

The files lie in the temporary folder of the machine, one folder for each user. Another user's trainings, and programs that claim nothing,
are not seen.
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

_PAUSE = 0.5  # seconds between two looks whether a GPU is free
_held: list[IO[bytes]] = []  # open for as long as this process lives: a lock goes when its file is closed


def own(device: "torch.device", count: int = 1) -> list["torch.device"]:
    """`count` GPUs to work on, claimed until this process ends; waits for them. The CPU is not claimed, and is given `count` times.

    A GPU that is named (`cuda:1`), or the only one that this process sees, is taken at once, whoever else works there: it was chosen by a
    person. It is marked all the same, so that others who look for a free one pass it by.
    """
    import torch

    if device.type != "cuda":
        return [device] * count
    there = range(torch.cuda.device_count()) if device.index is None else [device.index]
    names = [str(torch.cuda.get_device_properties(index).uuid) for index in there]
    claimed = claim(names, count, folder=claims_folder(), told=print) if len(names) > 1 else mark(names, folder=claims_folder())
    found = [torch.device("cuda", there[place]) for place in claimed]
    if count == 1:
        torch.cuda.set_device(found[0])  # streams and captured graphs are made on the current device
    return found


def visible(devices: Sequence["torch.device"], environment: Mapping[str, str]) -> dict[str, str]:
    """What a child's environment must hold to see these GPUs alone, as its first, second …; nothing for the CPU."""
    if devices[0].type != "cuda":
        return {}
    seen = environment.get("CUDA_VISIBLE_DEVICES")
    words = seen.split(",") if seen else []  # each may be a number, or the name of a GPU
    return {"CUDA_VISIBLE_DEVICES": ",".join(words[it.index].strip() if words else str(it.index) for it in devices)}


def claims_folder() -> Path:
    """The folder with the lock files of this user on this machine, made where it is missing. Raises UserError where it is another's."""
    folder = Path(tempfile.gettempdir()) / f"pix2pix-gpus-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():  # everyone may write to the temporary folder
        raise UserError(f"{folder} was made by another user: remove it, set TMPDIR to a folder of yours, or name a GPU with runtime.device")
    return folder


def claim(names: Sequence[str], count: int, *, folder: Path, told: Callable[[str], None]) -> list[int]:
    """Places in `names` of `count` GPUs that nobody had claimed; until this process ends they are this one's.

    Waits while fewer are free, holding none meanwhile, so that two who want several do not wait for each other for ever. `told` is given
    one line about it.
    """
    waiting = False
    while True:
        with _alone(folder):
            free = [(place, file) for place, name in enumerate(names) if (file := _locked(folder / name)) is not None]
            taken, rest = (free[:count], free[count:]) if len(free) >= count else ([], free)
            _held.extend(file for _, file in taken)
            for _, file in rest:
                file.close()
        if taken:
            return [place for place, _ in taken]
        if not waiting:
            told(f"{len(free)} of {len(names)} GPUs are free and this needs {count}: waiting until other work here ends")
            waiting = True
        time.sleep(_PAUSE)


def mark(names: Sequence[str], *, folder: Path) -> list[int]:
    """Claim all of `names` as far as they are free, and do not wait for the others. All places."""
    with _alone(folder):
        _held.extend(file for name in names if (file := _locked(folder / name)) is not None)
    return list(range(len(names)))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time looks, so that nobody takes for claimed what another only tries."""
    with (folder / "looking").open("ab") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield


def _locked(path: Path) -> IO[bytes] | None:
    """The file, locked by this process alone; None where another has it.

    By lockf and not by flock, whose lock a forked worker would hold on to when this process is killed.
    """
    file = path.open("ab")
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
