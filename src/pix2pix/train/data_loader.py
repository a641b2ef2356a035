"""Batches of stored images on the training's device, loaded ahead of the step."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import torch
from torch import Tensor

from pix2pix.data.augment import EpochPlan
from pix2pix.data.dataset import ImageDataset
from pix2pix.train.distributed import SINGLE_PROCESS, Distributed

Batch = tuple[Tensor, Tensor, Tensor, Tensor, float]
_CHUNK = 256  # images that are copied to the GPU at once
_RESIDENT_SHARE = 0.5  # of the free GPU memory that the images may take; the rest is the networks'


class DataLoader:
    """The batches of an epoch: from memory maps on the CPU; on CUDA from images resident there, or through pinned memory."""

    def __init__(self, dataset: ImageDataset, batch_size: int, device: torch.device, distributed: Distributed = SINGLE_PROCESS) -> None:
        self.dataset, self.batch_size, self.device, self._distributed = dataset, batch_size, device, distributed
        self._resident: Tensor | None = None
        if device.type == "cuda" and dataset.nbytes() < _RESIDENT_SHARE * torch.cuda.mem_get_info(device)[0]:
            self._resident = _on_device(dataset, device)

    def steps(self) -> int:
        """Batches of an epoch; the last may be smaller."""
        return -(-len(self.dataset) // self.batch_size)

    def images(self, step: int) -> int:
        """Number of images of a batch, of all processes."""
        return min(self.batch_size, len(self.dataset) - step * self.batch_size)

    def names(self, plan: EpochPlan, step: int) -> list[str]:
        """Names of a batch's images."""
        return [self.dataset.names[i] for i in plan.order[step * self.batch_size : (step + 1) * self.batch_size].tolist()]

    def batches(self, plan: EpochPlan, start: int) -> Iterator[Batch]:
        """This process's shards of the batches from step `start` on, as `TrainingStep` takes them.

        Stored images (N, planes, H, W) uint8, top, left and flip (N,), all on the device, and the shard's weight in the batch.
        """
        on_device = plan.to(self.device)
        firsts = range(start * self.batch_size, len(self.dataset), self.batch_size)
        shards = [self._distributed.shard(min(self.batch_size, len(self.dataset) - first)) for first in firsts]
        slices = [slice(first + shard.start, first + shard.stop) for first, shard in zip(firsts, shards, strict=True)]
        images = self._from_device(plan, slices) if self._resident is not None else self._from_disk(plan, slices)
        for part, shard, batch in zip(slices, shards, images, strict=True):
            yield batch, on_device.top[part], on_device.left[part], on_device.flip[part], shard.weight

    def _from_device(self, plan: EpochPlan, slices: list[slice]) -> Iterator[Tensor]:
        assert self._resident is not None
        order = plan.order.to(self.device)
        for part in slices:
            yield self._resident.index_select(0, order[part])

    def _from_disk(self, plan: EpochPlan, slices: list[slice]) -> Iterator[Tensor]:
        if self.device.type == "cpu":
            for part in slices:
                yield self.dataset.read(plan.order[part])
            return
        # two batches ahead, so that reading and copying overlap with the step; a new thread would pin memory on behalf of GPU 0
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
        return self.dataset.read(indices).pin_memory()


def _on_device(dataset: ImageDataset, device: torch.device) -> Tensor:
    """All images of the dataset on the device, copied in chunks: the host may have less memory than the GPU."""
    chunks = [range(start, min(start + _CHUNK, len(dataset))) for start in range(0, len(dataset), _CHUNK)]
    first = dataset.read(chunks[0])
    images = torch.empty((len(dataset), *first.shape[1:]), dtype=first.dtype, device=device)
    for chunk in chunks:
        images[chunk.start : chunk.stop] = (first if chunk.start == 0 else dataset.read(chunk)).to(device)
    return images
