"""The processes that train one model together, each with its part of every batch: what they tell one another.

A process alone is a team of one, for which everything here costs nothing. Gradients, batch-norm statistics and losses are summed over
the team after every backward pass, so all processes hold the same networks at every moment and process 0 speaks for all.
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

_PATIENCE = timedelta(minutes=30)  # of one process for the others, who may be reading a slow disk
_LAUNCHER = os.getppid()
_GRACE = 5.0  # seconds in which the launcher ends those that lost a companion, so that only the true cause is told


@dataclass(frozen=True)
class Part:
    """One process's images of a batch, `start` to before `stop`, and their weight in the batch's means; all shares add up to 1."""

    start: int
    stop: int
    share: float


@dataclass(frozen=True)
class Team:
    """Place of this process among `size`; 0 leads: it alone writes."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes, records and speaks."""
        return self.rank == 0

    def part(self, count: int) -> Part:
        """This process's part of a batch of `count` images.

        A last batch with fewer images than processes is shown more than once, and each copy weighs so much less.
        """
        if count >= self.size:
            start, stop = self.rank * count // self.size, (self.rank + 1) * count // self.size
            return Part(start, stop, (stop - start) / count)
        mine = self.rank % count
        copies = len(range(mine, self.size, count))
        return Part(mine, mine + 1, 1 / (count * copies))

    def sum_(self, tensors: Sequence[Tensor]) -> None:
        """Replace float32 tensors by their sums over the team, in one message."""
        if self.size == 1:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        with _contact():
            dist.all_reduce(flat)
        for tensor, summed in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(summed.view(tensor.shape))

    def agree(self, *wishes: bool) -> tuple[bool, ...]:
        """Each wish is granted when any process has it."""
        if self.size == 1:
            return wishes
        votes = torch.tensor(wishes, dtype=torch.int32)
        with _contact():
            dist.all_reduce(votes, dist.ReduceOp.MAX)
        return tuple(bool(vote) for vote in votes.tolist())

    def gather(self, value: Any) -> list[Any]:
        """What every process has to give, in order of rank; tensors must be on the CPU."""
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        with _contact():
            dist.all_gather_object(values, value)
        return values

    def from_first(self, value: Any) -> Any:
        """What process 0 gave; tensors must be on the CPU."""
        if self.size == 1:
            return value
        held = [value]
        with _contact():
            dist.broadcast_object_list(held, src=0)
        return held[0]


ALONE = Team()


def launched() -> bool:
    """Whether torchrun, or `launch` in its place, started this process."""
    return dist.is_torchelastic_launched()


def abandoned() -> bool:
    """Whether torchrun was killed, so that nobody would end this process when another one fails."""
    return launched() and os.getppid() != _LAUNCHER


@contextmanager
def joined(device: torch.device, batch_size: int) -> Iterator[tuple[Team, torch.device]]:
    """The team that torchrun put this process in, and the device of this process; alone without torchrun.

    Raises UserError where the batch cannot be divided among the processes.
    """
    size = int(os.environ["WORLD_SIZE"]) if launched() else 1
    if size == 1:
        yield ALONE, device
        return
    if batch_size % size:
        raise UserError(
            f"train.batch_size = {batch_size} cannot be divided evenly among {size} processes; "
            f"use a multiple of {size}, or as many processes as divide {batch_size}"
        )
    backend = "gloo"
    if device.type == "cuda":
        device, backend = torch.device("cuda", int(os.environ["LOCAL_RANK"])), "cpu:gloo,cuda:nccl"
        if device.index >= torch.cuda.device_count():
            raise UserError(f"process {device.index} of this machine has no GPU: there are {torch.cuda.device_count()}; start as many")
        torch.cuda.set_device(device)
    with _contact():
        dist.init_process_group(backend, timeout=_PATIENCE)
    yield Team(dist.get_rank(), size), device
    dist.destroy_process_group()  # not after an error, where the others may never come


@contextmanager
def _contact() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # a companion is gone: gloo says so at once, NCCL ends the process itself
        time.sleep(_GRACE)
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"another process of this training cannot be reached any more ({reason}); run the same command again") from None
