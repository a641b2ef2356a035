"""Start one training process per device of this machine, as torchrun does."""

import logging
import os
import signal
import sys
import uuid
from collections.abc import Mapping

import torch
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from pix2pix.errors import UserError


def processes(devices: int | str, device: torch.device, batch_size: int) -> int:
    """Return the number of processes that `train.devices` asks for.

    auto: 1 on the CPU or if `device` names one GPU; else the largest number of GPUs of this machine that divides `batch_size`.

    Raises UserError if a number above 1 is given and `device` names one GPU, or if the machine has fewer GPUs.
    """
    named = str(device) != device.type  # cuda:1
    if isinstance(devices, str):  # auto
        gpus = torch.cuda.device_count() if device.type == "cuda" and not named else 1
        return max(count for count in range(1, max(gpus, 1) + 1) if batch_size % count == 0)
    count = devices
    if count > 1 and device.type == "cuda":
        if named:
            raise UserError(f"train.devices = {count} with runtime.device = {device}: names one GPU; use runtime.device=cuda or auto")
        if count > torch.cuda.device_count():
            raise UserError(f"train.devices = {count}: this machine has {torch.cuda.device_count()} GPU(s); use train.devices=auto")
    return count


def launch(count: int, program: list[str], environment: Mapping[str, str] | None = None) -> None:
    """Run `python program` in `count` processes, as torchrun does, and wait for all of them.

    environment: variables to set besides this process's own.

    Raises:
        UserError: a process failed; the others are ended first.
        SystemExit: a process exited with code 1, after it printed its error.
        SignalException: a signal stopped the launcher, which passed it on to all processes; the training saved its checkpoint.
    """
    os.environ.update(environment or {})  # inherited by the children; this process has read its own settings already
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # until each process sets runtime.threads; otherwise torchrun sets it and warns
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)  # the error is reported once, below
    config = LaunchConfig(
        min_nodes=1, max_nodes=1, nproc_per_node=count, run_id=uuid.uuid4().hex, rdzv_backend="c10d", rdzv_endpoint="127.0.0.1:0",
        local_addr="127.0.0.1", max_restarts=0,
    )  # fmt: skip
    try:
        elastic_launch(config, sys.executable)("-u", *program)
    except ChildFailedError as failed:
        rank, first = failed.get_first_failure()
        if first.exitcode == 1:  # the process printed its error
            raise SystemExit(1) from None
        how = f"by {signal.Signals(-first.exitcode).name}" if first.exitcode < 0 else f"with exit code {first.exitcode}"
        raise UserError(
            f"process {rank} of {count} ended {how}, so the others were ended too; the same command goes on from the last checkpoint"
        ) from None
