"""train.compile: the networks' forward passes and losses by torch.compile.

On two cores of an EPYC 1.15 times as fast as the default engine at 64 px, ngf 16, batch size 8, fp32, besides the time of compiling
(benchmarks/results/2026-11-30-training.md). Not the default: compilers differ between machines, and so do their bits.
Not measured on a GPU.
"""

import importlib.util
import os
import shutil
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from pix2pix.errors import UserError
from pix2pix.train.engine.interface import PlainEngine

# without CUDA graphs of its own: the whole update is captured as one
_MODES = {"default": "default", "max-autotune": "max-autotune-no-cudagraphs"}


class CompiledEngine(PlainEngine):
    """PlainEngine with functions that torch.compile turned into fused kernels, forward and backward."""

    def __init__(self, mode: str, device: torch.device) -> None:
        """mode: default or max-autotune, as `train.compile`. Raises UserError where the machine has no compiler for `device`."""
        self._mode = _MODES[mode]
        _require_compiler(mode, device)
        if torch.are_deterministic_algorithms_enabled():
            torch.use_deterministic_algorithms(True)  # the stage sets PyTorch's own switch; this one reaches the compiler too

    def compiled(self, function: Callable[..., Any], constant: Sequence[nn.Parameter] = ()) -> Callable[..., Any]:
        """Compiled at the first call for each size of its batch; `constant` parameters are constants of the compiled backward pass."""
        # static shapes: besides the full batch there is only an epoch's last, smaller one
        fast = torch.compile(function, mode=self._mode, dynamic=False)

        def call(*tensors: torch.Tensor) -> Any:
            for parameter in constant:  # autograd skips gradients that nobody asks for, a compiled backward pass computes them
                parameter.requires_grad_(False)
            try:
                return fast(*tensors)
            finally:
                for parameter in constant:
                    parameter.requires_grad_(True)

        return call


def _require_compiler(mode: str, device: torch.device) -> None:
    variable, programs = ("CC", ("gcc", "clang")) if device.type == "cuda" else ("CXX", ("g++", "clang++"))
    wanted = (os.environ[variable],) if variable in os.environ else programs
    if not any(shutil.which(program) for program in wanted):
        raise UserError(f"train.compile = {mode} needs a compiler, {' or '.join(wanted)}, which is not found; install it, or set it to off")
    if device.type == "cuda" and importlib.util.find_spec("triton") is None:
        raise UserError(f"train.compile = {mode} on CUDA needs the package triton, which is not installed; install it, or set it to off")
