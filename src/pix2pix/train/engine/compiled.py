"""train.compile: the networks' forward passes and losses by torch.compile.

Not the default, as its gain is not measured. `python -m benchmarks training` and `benchmarks.gpu` have rows for it.
"""

import importlib.util
import os
import shutil
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from pix2pix.config.train_settings import TrainSettings
from pix2pix.errors import UserError

# without CUDA graphs of its own: the whole update is captured as one
_MODES = {"default": "default", "max-autotune": "max-autotune-no-cudagraphs"}


def require_compiler(settings: TrainSettings, device: torch.device, world_size: int = 1) -> None:
    """Raise UserError where `train.compile` asks for what cannot be compiled here.

    That is without a compiler for `device`, and with sync batch norm, whose collectives torch.compile does not take.
    """
    if settings.compile == "off":
        return
    asked = f"train.compile = {settings.compile}"
    if world_size > 1 and settings.sync_batch_norm:
        raise UserError(
            f"{asked} with {world_size} processes cannot compile train.sync_batch_norm = true: "
            "set train.compile=off, train.sync_batch_norm=false or train.devices=1"
        )
    variable, programs = ("CC", ("gcc", "clang")) if device.type == "cuda" else ("CXX", ("g++", "clang++"))
    wanted = (os.environ[variable],) if variable in os.environ else programs
    if not any(shutil.which(program) for program in wanted):
        raise UserError(f"{asked} needs a compiler, {' or '.join(wanted)}, which is not found; install it, or set it to off")
    if device.type == "cuda" and importlib.util.find_spec("triton") is None:
        raise UserError(f"{asked} on CUDA needs the package triton, which is not installed; install it, or set it to off")


def compiled(function: Callable[..., Any], settings: TrainSettings, constant: Sequence[nn.Parameter] = ()) -> Callable[..., Any]:
    """`function` of tensors as fused kernels, forward and backward; `function` itself with `train.compile: off`.

    Compiled at the first call for each size of its batch. constant: parameters whose gradients nobody asks for.
    """
    if settings.compile == "off":
        return function
    if torch.are_deterministic_algorithms_enabled():
        torch.use_deterministic_algorithms(True)  # the stage sets PyTorch's own switch; this one reaches the compiler too
    # static shapes: besides the full batch there is only an epoch's last, smaller one
    fast = torch.compile(function, mode=_MODES[settings.compile], dynamic=False)

    def call(*tensors: Tensor) -> Any:
        for parameter in constant:  # autograd skips gradients that nobody asks for, a compiled backward pass computes them
            parameter.requires_grad_(False)
        try:
            return fast(*tensors)
        finally:
            for parameter in constant:
                parameter.requires_grad_(True)

    return call
