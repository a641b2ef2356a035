"""Out of memory: one message that names what to lower; any other error stays what it was."""

import pytest
import torch

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.errors import UserError
from pix2pix.train.out_of_memory import enough_memory

MODEL, SETTINGS = ModelSettings(ngf=64, ndf=32, crop_size=256), TrainSettings(epochs=1, batch_size=16)
CPU = torch.device("cpu")


def test_what_the_cpu_cannot_hold_names_the_parameters() -> None:
    named = r"cpu ran out of memory \(.*DefaultCPUAllocator.*Lower train.batch_size \(now 16\), .*crop.*256.*ngf \(now 64\).*ndf \(now 32\)"
    with pytest.raises(UserError, match=named + r".*raise train.accumulate.*bf16.*goes on"), enough_memory(MODEL, SETTINGS, CPU):
        torch.empty(2**60, dtype=torch.uint8)


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")], ids=type)
def test_python_s_and_cuda_s_own_errors_are_known(error: Exception) -> None:
    with pytest.raises(UserError, match="ran out of memory"), enough_memory(MODEL, SETTINGS, CPU):
        raise error


def test_nothing_is_advised_that_cannot_help() -> None:
    single = TrainSettings(epochs=1, batch_size=1, precision="bf16")
    with pytest.raises(UserError) as raised, enough_memory(MODEL, single, CPU):
        raise MemoryError
    assert all(word not in str(raised.value) for word in ("batch_size", "accumulate", "bf16"))


def test_another_error_is_left_alone() -> None:
    with pytest.raises(RuntimeError, match="shapes"), enough_memory(MODEL, SETTINGS, CPU):
        raise RuntimeError("shapes do not fit")
