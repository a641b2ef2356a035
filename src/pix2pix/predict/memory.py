"""Estimate the memory that an image needs, before it is processed."""

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

import psutil
import torch

from pix2pix.errors import UserError
from pix2pix.models.description import Description
from pix2pix.system.terminal import human_bytes

_SPARE = 0.9  # fraction of the free memory to use; the rest is for this process and others


def bytes_per_pixel(description: Description, runtime: str) -> int:
    """Peak memory in bytes for each input pixel of the generator: a fit to measurements, linear in ngf.

    The last decoder layer dominates: at half the size it needs the skip connection, the decoder's output, and their concatenation.
    runtime: torch, or onnx, which keeps more tensors alive.
    """
    activations = 4 * (1.3 * description.ngf + 12) * (1.0 if runtime == "torch" else 1.7)
    return int(activations) + (96 if description.kind == "lab" else 24)


def needed(height: int, width: int, description: Description, runtime: str) -> int:
    """Estimated bytes for one image of this size in pixels, after padding to `description.multiple`."""
    multiple = description.multiple
    padded = (-(-height // multiple) * multiple) * (-(-width // multiple) * multiple)
    return padded * bytes_per_pixel(description, runtime)


def available() -> int:
    """Bytes of available memory: the minimum of the system's, a container's (cgroup) and the process's own limit (`ulimit -v`)."""
    free = int(psutil.virtual_memory().available)
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        free = min(free, max(0, most - int(psutil.Process().memory_info().vms)))
    group = Path("/sys/fs/cgroup")
    with contextlib.suppress(OSError, ValueError):  # no cgroup limit
        free = min(free, int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    return free


@contextlib.contextmanager
def enough_memory() -> Iterator[None]:
    """Context manager: a failed allocation, which an estimate cannot rule out, becomes a UserError that says what to do."""
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
    """A message if an image of this size in pixels does not fit into memory, with what to do; None if it fits."""
    need, free = needed(height, width, description, runtime), int(available() * _SPARE)
    if need <= free:
        return None
    fits = int(min(height, width) * (free / need) ** 0.5) // description.multiple * description.multiple
    smaller = f", or a smaller --size: {fits} fits" if fits else ""
    return (
        f"{width}x{height} pixels at once need about {human_bytes(need)} of memory, and {human_bytes(free)} are free: use --tile{smaller}"
    )
