"""How much memory an image takes, known before it is begun."""

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

import psutil
import torch

from pix2pix.errors import UserError
from pix2pix.models.description import Description
from pix2pix.system.terminal import human_bytes

_SPARE = 0.9  # of what is free: what else the process and others need meanwhile


def bytes_per_pixel(description: Description, runtime: str) -> int:
    """Bytes at the peak for each pixel that the network sees, by its width: what measurements of whole networks came to.

    Most of it is the last layer's, which holds at half the size the first layer's output, what came up to it, and both side by side.
    `runtime`: torch or onnx, which keeps more alive.
    """
    activations = 4 * (1.3 * description.ngf + 12) * (1.0 if runtime == "torch" else 1.7)
    return int(activations) + (96 if description.kind == "lab" else 24)


def needed(height: int, width: int, description: Description, runtime: str) -> int:
    """Bytes for one image of this size, padded."""
    multiple = description.multiple
    padded = (-(-height // multiple) * multiple) * (-(-width // multiple) * multiple)
    return padded * bytes_per_pixel(description, runtime)


def available() -> int:
    """Bytes that can be had: the system's, or what is left of a container's share or of the process's own limit (`ulimit -v`)."""
    free = int(psutil.virtual_memory().available)
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        free = min(free, max(0, most - int(psutil.Process().memory_info().vms)))
    group = Path("/sys/fs/cgroup")
    with contextlib.suppress(OSError, ValueError):  # no such limit
        free = min(free, int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    return free


@contextlib.contextmanager
def enough_memory() -> Iterator[None]:
    """Turns a failed allocation, which no estimate can rule out, into a UserError with the way out."""
    try:
        yield
    except (MemoryError, torch.OutOfMemoryError):
        raise _exhausted() from None
    except RuntimeError as problem:
        if "alloc" not in str(problem).lower() or "memory" not in str(problem).lower():
            raise
        raise _exhausted() from None


def _exhausted() -> UserError:
    return UserError("the memory is used up: use --tile or a smaller --size, or end other programs; what was written before is kept")


def shortage(height: int, width: int, description: Description, runtime: str) -> str | None:
    """Why an image would not fit, and what to do; None where it fits."""
    need, free = needed(height, width, description, runtime), int(available() * _SPARE)
    if need <= free:
        return None
    fits = int(min(height, width) * (free / need) ** 0.5) // description.multiple * description.multiple
    smaller = f", or a smaller --size: {fits} fits" if fits else ""
    return (
        f"{width}x{height} pixels at once need about {human_bytes(need)} of memory, and {human_bytes(free)} are free: use --tile{smaller}"
    )
