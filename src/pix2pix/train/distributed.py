"""Data-parallel training with torch.distributed: each process trains on its shard of every batch.

Gradients are summed over the processes after each backward pass. Losses and running batch-norm statistics are averaged after each update.
So all processes hold the same networks after every update; only rank 0 writes. In a single process a collective returns its input.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from pix2pix.errors import UserError

_TIMEOUT = timedelta(minutes=30)  # per collective; another process may be reading a slow disk
_LAUNCHER = os.getppid()
_GRACE = 5.0  # seconds for the launcher to end this process after another one failed, so that only the first error is reported


@dataclass(frozen=True)
class Shard:
    """One process's part of a batch: images `start` to `stop` (exclusive), and their weight in the batch mean. Weights add up to 1."""

    start: int
    stop: int
    weight: float


@dataclass(frozen=True)
class Distributed:
    """The rank of this process, the world size, and the collectives."""

    rank: int = 0
    world_size: int = 1

    @property
    def is_rank0(self) -> bool:
        """Whether this process is rank 0, which alone writes, records and prints."""
        return self.rank == 0

    def shard(self, count: int) -> Shard:
        """Return this process's shard of a batch of `count` images.

        If there are fewer images than processes, several processes train on a copy of the same image and share its weight.
        """
        if count >= self.world_size:
            start, stop = self.rank * count // self.world_size, (self.rank + 1) * count // self.world_size
            return Shard(start, stop, (stop - start) / count)
        image = self.rank % count
        copies = len(range(image, self.world_size, count))
        return Shard(image, image + 1, 1 / (count * copies))

    def all_reduce_sum_(self, tensors: Sequence[Tensor]) -> None:
        """Replace float32 tensors, in place, by their sums over the processes, with one all-reduce."""
        if self.world_size == 1:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        with _collective():
            dist.all_reduce(flat)
        for tensor, summed in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(summed.view(tensor.shape))

    def all_reduce_any(self, *flags: bool) -> tuple[bool, ...]:
        """For each flag, whether it is set in any process."""
        if self.world_size == 1:
            return flags
        votes = torch.tensor(flags, dtype=torch.int32)
        with _collective():
            dist.all_reduce(votes, dist.ReduceOp.MAX)
        return tuple(bool(vote) for vote in votes.tolist())

    def all_gather(self, value: Any) -> list[Any]:
        """Return the values of all processes, ordered by rank. Tensors must be on the CPU."""
        if self.world_size == 1:
            return [value]
        values: list[Any] = [None] * self.world_size
        with _collective():
            dist.all_gather_object(values, value)
        return values

    def broadcast(self, value: Any) -> Any:
        """Return the value of rank 0. Tensors must be on the CPU."""
        if self.world_size == 1:
            return value
        held = [value]
        with _collective():
            dist.broadcast_object_list(held, src=0)
        return held[0]


SINGLE_PROCESS = Distributed()


def launched() -> bool:
    """Whether torchrun, or `launch` in its place, started this process."""
    return dist.is_torchelastic_launched()


def launcher_is_gone() -> bool:
    """Whether the launcher was killed: then no one ends this process when another process fails."""
    return launched() and os.getppid() != _LAUNCHER


@contextmanager
def process_group(device: torch.device, batch_size: int) -> Iterator[tuple[Distributed, torch.device]]:
    """Join the process group that torchrun started; yield the group and the device of this process.

    Without torchrun, yields `SINGLE_PROCESS` and `device`.

    Raises UserError if the world size does not divide `batch_size`, or if this process has no GPU.
    """
    world_size = int(os.environ["WORLD_SIZE"]) if launched() else 1
    if world_size == 1:
        yield SINGLE_PROCESS, device
        return
    if batch_size % world_size:
        raise UserError(
            f"train.batch_size = {batch_size} cannot be divided evenly among {world_size} processes; "
            f"use a multiple of {world_size}, or as many processes as divide {batch_size}"
        )
    backend = "gloo"
    if device.type == "cuda":
        device, backend = torch.device("cuda", int(os.environ["LOCAL_RANK"])), "cpu:gloo,cuda:nccl"
        if device.index >= torch.cuda.device_count():
            raise UserError(f"process {device.index} of this machine has no GPU: there are {torch.cuda.device_count()}; start as many")
        torch.cuda.set_device(device)
    with _collective():
        dist.init_process_group(backend, timeout=_TIMEOUT)
    yield Distributed(dist.get_rank(), world_size), device
    dist.destroy_process_group()  # not after an error: the other processes may never join


@contextmanager
def _collective() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # another process ended: gloo raises at once, NCCL aborts this process itself
        time.sleep(_GRACE)
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"another process of this training cannot be reached any more ({reason}); run the same command again") from None
