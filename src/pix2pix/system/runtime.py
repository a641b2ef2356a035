"""Device, threads and determinism of a process. Imports torch lazily, as some environment variables must be set before."""

import os
import platform
import sys
from typing import TYPE_CHECKING

from pix2pix.config.settings import Runtime
from pix2pix.errors import UserError

if TYPE_CHECKING:
    import torch

# The same bits on every x86-64 CPU with AVX2: AVX2 kernels in ATen and oneDNN, MKL's reproducible code path, no AVX-512 in NumPy. The
# number of threads must be fixed too, as sums are split among threads.
_SAME_BITS = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_CBWR": "COMPATIBLE",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "OMP_DYNAMIC": "FALSE",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}


def set_deterministic(runtime: Runtime) -> None:
    """Set the environment variables that torch and NumPy read at import; a stage calls this before it imports either.

    With `runtime.deterministic` it also calls `fix_arithmetic`. Raises RuntimeError if torch was imported without these variables."""
    limit_spinning()
    if not runtime.deterministic:
        return
    if "torch" in sys.modules and any(os.environ.get(key) != value for key, value in _SAME_BITS.items()):
        raise RuntimeError("set_deterministic must come before torch is imported")
    fix_arithmetic()


def limit_spinning() -> None:
    """Let idle OpenMP threads of a torch imported after this call sleep after microseconds.

    By default they spin for milliseconds and take the CPU time that other processes need, as of a second training on the same cores.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")


def fix_arithmetic() -> None:
    """Set the variables with which libraries imported after this call compute the same bits on every x86-64 CPU with AVX2."""
    os.environ.update(_SAME_BITS)


def select_device(runtime: Runtime) -> "torch.device":
    """Set torch's threads and determinism, and return the device of `runtime.device`. Raises UserError if this machine does not have it."""
    import torch

    torch.set_num_threads(runtime.threads)
    torch.backends.cudnn.benchmark = not runtime.deterministic
    # equals use_deterministic_algorithms(), which would also import torch's compiler: seconds in every stage
    torch.set_deterministic_debug_mode("error" if runtime.deterministic else "default")
    # off: filling uninitialised memory costs time and changes no result
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    if runtime.device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(runtime.device)
    if device.type == "cuda" and (not torch.cuda.is_available() or (device.index or 0) >= torch.cuda.device_count()):
        found = f"{torch.cuda.device_count()} CUDA device(s)" if torch.cuda.is_available() else "no CUDA device"
        raise UserError(f"runtime.device = {runtime.device}: this machine has {found}; use -S runtime.device=auto or cpu")
    if device.index is not None:
        torch.cuda.set_device(device)  # CUDA streams and graphs are created on the current device
    return device


def cores() -> int:
    """CPU cores that this process may use; those of the machine where the system does not say, as macOS."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def has_bf16(device: "torch.device") -> bool:
    """Whether the device has bfloat16 instructions and may use them: `set_deterministic` disables those of a CPU."""
    import torch

    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if not torch.backends.mkldnn.is_available() or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return False
    # on x86, _is_mkldnn_bf16_supported is true with plain AVX-512 already, which emulates bfloat16 slowly
    x86 = platform.machine().lower() in ("x86_64", "amd64", "i386", "i686")
    return not x86 or bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def slow_precision(precision: str, runtime: Runtime, device: "torch.device") -> str | None:
    """A warning if the device has no instructions for `precision` (`train.precision`); None if it has them."""
    if precision != "bf16" or has_bf16(device):
        return None
    if device.type == "cpu" and runtime.deterministic:
        return (
            "train.precision: bf16 is slower than fp32 with runtime.deterministic: true, which holds the processor's instructions for it "
            "back; use -S runtime.deterministic=false if it has them, else -S train.precision=fp32"
        )
    return "train.precision: bf16 is slower than fp32 on a device without instructions for it; use -S train.precision=fp32"
