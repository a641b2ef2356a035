"""Batches as stored, on the training's device, fast enough that the step never waits."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import torch
from torch import Tensor

from pix2pix.data.augment import EpochPlan
from pix2pix.data.dataset import ImageDataset
from pix2pix.train.distributed import ALONE, Team

Batch = tuple[Tensor, Tensor, Tensor, Tensor, float]
_PIECE = 256  # images that are brought to the GPU at once
_RESIDENT_SHARE = 0.5  # of the free GPU memory that the images may take; the rest is the networks'


class Feed:
    """Gives the batches of an epoch: from memory maps on the CPU; on CUDA from images resident there, or through pinned memory."""

    def __init__(self, store: ImageDataset, batch_size: int, device: torch.device, team: Team = ALONE) -> None:
        self.store, self.batch_size, self.device, self._team = store, batch_size, device, team
        self._resident: Tensor | None = None
        if device.type == "cuda" and store.nbytes() < _RESIDENT_SHARE * torch.cuda.mem_get_info(device)[0]:
            self._resident = _on_device(store, device)

    def steps(self) -> int:
        """Batches of an epoch; the last may be smaller."""
        return -(-len(self.store) // self.batch_size)

    def images(self, step: int) -> int:
        """Images of a batch, of the whole team's."""
        return min(self.batch_size, len(self.store) - step * self.batch_size)

    def names(self, plan: EpochPlan, step: int) -> list[str]:
        """Images of a batch."""
        return [self.store.names[i] for i in plan.order[step * self.batch_size : (step + 1) * self.batch_size].tolist()]

    def batches(self, plan: EpochPlan, start: int) -> Iterator[Batch]:
        """Batches from step `start` on, as the step takes them.

        Images (N, planes, H, W) as stored, and top, left, flip (N,), all on the device; in a team, this process's part of each batch,
        and its share of the batch.
        """
        there = plan.to(self.device)
        firsts = range(start * self.batch_size, len(self.store), self.batch_size)
        parts = [self._team.part(min(self.batch_size, len(self.store) - first)) for first in firsts]
        slices = [slice(first + part.start, first + part.stop) for first, part in zip(firsts, parts, strict=True)]
        images = self._from_device(plan, slices) if self._resident is not None else self._from_disk(plan, slices)
        for here, part, batch in zip(slices, parts, images, strict=True):
            yield batch, there.top[here], there.left[here], there.flip[here], part.share

    def _from_device(self, plan: EpochPlan, slices: list[slice]) -> Iterator[Tensor]:
        assert self._resident is not None
        order = plan.order.to(self.device)
        for part in slices:
            yield self._resident.index_select(0, order[part])

    def _from_disk(self, plan: EpochPlan, slices: list[slice]) -> Iterator[Tensor]:
        if self.device.type == "cpu":
            for part in slices:
                yield self.store.read(plan.order[part])
            return
        # ahead of the step, so that disk and copy run beside it; a new thread would pin memory on behalf of GPU 0
        with ThreadPoolExecutor(1, initializer=torch.cuda.set_device, initargs=(torch.cuda.current_device(),)) as reader:
            ahead: list[Future[Tensor]] = []
            for part in slices[:2]:
                ahead.append(reader.submit(self._pinned, plan.order[part]))
            for number in range(len(slices)):
                batch = ahead.pop(0).result()
                if number + 2 < len(slices):
                    ahead.append(reader.submit(self._pinned, plan.order[slices[number + 2]]))
                yield batch.to(self.device, non_blocking=True)

    def _pinned(self, indices: Tensor) -> Tensor:
        return self.store.read(indices).pin_memory()


def _on_device(store: ImageDataset, device: torch.device) -> Tensor:
    """All images of the store on the device, brought there piece by piece: the host may have less memory than the GPU."""
    pieces = [range(start, min(start + _PIECE, len(store))) for start in range(0, len(store), _PIECE)]
    first = store.read(pieces[0])
    images = torch.empty((len(store), *first.shape[1:]), dtype=first.dtype, device=device)
    for piece in pieces:
        images[piece.start : piece.stop] = (first if piece.start == 0 else store.read(piece)).to(device)
    return images
