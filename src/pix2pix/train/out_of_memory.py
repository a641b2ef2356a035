"""Out-of-memory errors as a message that names the parameters to lower."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.errors import UserError

_SIGNS = ("DefaultCPUAllocator", "CUDA out of memory", "CUDNN_STATUS_ALLOC_FAILED", "CUBLAS_STATUS_ALLOC_FAILED")


@contextmanager
def enough_memory(model: ModelSettings, settings: TrainSettings, device: torch.device) -> Iterator[None]:
    """Context manager: turn an out-of-memory error of the GPU or the CPU into a UserError that names the parameters to lower."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        found = (str(error).splitlines() or ["MemoryError"])[0]
        ways = [
            f"train.batch_size (now {settings.batch_size})" if settings.batch_size > 1 else "",
            f"prepare.crop_size with prepare.load_size (now crops of {model.crop_size})",
            f"model.ngf (now {model.ngf})",
            f"model.ndf (now {model.ndf})",
        ]
        accumulate = f"raise train.accumulate (now {settings.accumulate}), " if settings.batch_size > settings.accumulate else ""
        precision = "set train.precision=bf16, " if settings.precision != "bf16" else ""
        raise UserError(
            f"{device} ran out of memory ({found}). Lower {', '.join(filter(None, ways))}; {accumulate}{precision}or free memory that "
            "other programs hold and run the same command again: it goes on from the last checkpoint"
        ) from None


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return any(sign in str(error) for sign in _SIGNS)
