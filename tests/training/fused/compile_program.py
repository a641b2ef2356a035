"""Works updates in which each kernel's launch compiles it instead, for GPUs that need not be there; prints what it compiled."""

from collections.abc import Callable
from typing import Any

import torch
import triton
from torch import Tensor
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from triton.runtime.jit import JITFunction

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.planes import Layout
from pix2pix.models.build import build_networks
from pix2pix.training.step import TrainingStep

_POINTERS = {torch.float32: "*fp32", torch.bfloat16: "*bf16", torch.int64: "*i64"}
_compiled: set[tuple[object, ...]] = set()


def _type(value: object) -> str:
    if isinstance(value, Tensor):
        return _POINTERS[value.dtype]
    return "fp32" if isinstance(value, float) else "i32"


def _compiling(capability: int) -> Callable[..., None]:
    def compile_once(kernel: Any, *values: Any, grid: object, warmup: bool, num_warps: int = 4, **constants: Any) -> None:
        given = dict(zip(kernel.arg_names, values, strict=False))
        signature = {name: _type(given[name]) if name in given else "constexpr" for name in kernel.arg_names}
        known = (kernel.__name__, *signature.items(), *constants.items())
        if known not in _compiled:
            _compiled.add(known)
            places = {(kernel.arg_names.index(name),): value for name, value in constants.items()}
            built = triton.compile(
                ASTSource(kernel, signature, places), target=GPUTarget("cuda", capability, 32), options={"num_warps": num_warps}
            )
            assert built.asm["cubin"]
            print(kernel.__name__, *(f"{name}={value}" for name, value in constants.items()))

    return compile_once


def main() -> None:
    """Batch normalisation of 1x1 pictures and of many places, with and without dropout, one group and two."""
    model, cpu = ModelSettings(ngf=4, ndf=4, crop_size=64), torch.device("cpu")
    for precision, batch_size, capability in (("fp32", 2, 80), ("bf16", 66, 90)):
        JITFunction.run = _compiling(capability)
        settings = TrainSettings(epochs=1, batch_size=batch_size, precision=precision)
        step = TrainingStep(*build_networks(3, 3, model, seed=0), settings, Layout("rgb", "rgb"), 64, cpu, fused=True)
        none = torch.zeros(batch_size, dtype=torch.long)
        step(torch.zeros((batch_size, 6, 64, 64), dtype=torch.uint8), none, none, none.bool())


if __name__ == "__main__":
    main()
