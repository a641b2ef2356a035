"""The generator as it is used after training: how it normalises, and its error on the validation split."""

import math

import torch
from torch import nn

from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.dataset import ImageDataset
from pix2pix.models.inference_mode import generate
from pix2pix.train.distributed import SINGLE_PROCESS, Distributed
from pix2pix.train.progress import rounded

_BATCH = 16


def inference_norm(settings: TrainSettings, distributed: Distributed = SINGLE_PROCESS) -> str:
    """Batch-norm mode for inference: "batch" if training normalised one image at a time, else "running"."""
    together = settings.batch_size if settings.sync_batch_norm else settings.batch_size // distributed.world_size
    return "batch" if together == 1 else "running"


def validation_l1(generator: nn.Module, val: ImageDataset | None, device: torch.device, distributed: Distributed) -> float:
    """L1 loss of a generator prepared for inference, on images in [-1, 1]; NaN without a validation split. Processes share the batches."""
    if val is None:
        return math.nan
    mine: list[float] = []
    for number, (_, real_a, real_b) in enumerate(val.pairs(_BATCH)):
        if number % distributed.world_size == distributed.rank:
            fake_b = generate(generator, real_a.to(device), _BATCH).cpu()
            mine += (fake_b.double() - real_b).abs().mean(dim=(1, 2, 3)).tolist()
    differences = [value for part in distributed.all_gather(mine) for value in part]
    return rounded(math.fsum(differences) / len(differences))
