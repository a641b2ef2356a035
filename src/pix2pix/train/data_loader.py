"""Data loader: batches of stored images on the training device, prefetched while the step runs."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import torch
from torch import Tensor

from pix2pix.data.augment import EpochPlan
from pix2pix.data.dataset import ImageDataset
from pix2pix.train.distributed import SINGLE_PROCESS, Distributed

Batch = tuple[Tensor, Tensor, Tensor, Tensor, float]
_CHUNK = 256  # images per copy to the GPU
_RESIDENT_SHARE = 0.5  # of the free GPU memory, for the images; the rest is for the networks


class DataLoader:
    """Yields the batches of an epoch.

    On the CPU it reads from memory maps. On CUDA it keeps all images in GPU memory if they fit,
    else it copies batches through pinned memory.
    """

    def __init__(self, dataset: ImageDataset, batch_size: int, device: torch.device, distributed: Distributed = SINGLE_PROCESS) -> None:
        self.dataset, self.batch_size, self.device, self._distributed = dataset, batch_size, device, distributed
        self._resident: Tensor | None = None
        if device.type == "cuda" and dataset.nbytes() < _RESIDENT_SHARE * torch.cuda.mem_get_info(device)[0]:
            self._resident = _on_device(dataset, device)

    def steps(self) -> int:
        """Number of batches in an epoch; the last batch may be smaller."""
        return -(-len(self.dataset) // self.batch_size)

    def images(self, step: int) -> int:
        """Number of images in batch `step`, over all processes."""
        return min(self.batch_size, len(self.dataset) - step * self.batch_size)

    def names(self, plan: EpochPlan, step: int) -> list[str]:
        """Names of the images in batch `step`."""
        return [self.dataset.names[i] for i in plan.order[step * self.batch_size : (step + 1) * self.batch_size].tolist()]

    def batches(self, plan: EpochPlan, start: int) -> Iterator[Batch]:
        """Yield this process's shard of each batch, from batch `start` on, in the argument order of `TrainingStep`.

        A batch is: stored images, (N, planes, H, W) uint8; top and left (int64) and flip (bool), (N,) each, all on the device; and the
        shard's weight in the batch.
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
        # prefetch two batches, so that reading and copying overlap with the step; without set_device a new thread would use GPU 0
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
    """Copy all images to the device in chunks, because the host may have less memory than the GPU."""
    chunks = [range(start, min(start + _CHUNK, len(dataset))) for start in range(0, len(dataset), _CHUNK)]
    first = dataset.read(chunks[0])
    images = torch.empty((len(dataset), *first.shape[1:]), dtype=first.dtype, device=device)
    for chunk in chunks:
        images[chunk.start : chunk.stop] = (first if chunk.start == 0 else dataset.read(chunk)).to(device)
    return images
