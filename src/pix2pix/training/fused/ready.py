"""Whether the fused kernels can be had on this machine."""

import importlib.util
import os
import warnings
from functools import cache

import torch


@cache
def compiles(device: torch.device) -> bool:
    """Whether Triton can build a kernel for this device. If not, a warning says why, and what would help."""
    if device.type != "cuda" or importlib.util.find_spec("triton") is None:
        return False
    os.environ.setdefault("TRITON_DEFAULT_FP_FUSION", "1")  # as it has always been; Triton asks to be told
    from pix2pix.training.fused.normalise import Layer, between  # Triton does not exist for every system

    try:
        with torch.no_grad(), torch.cuda.device(device):
            between(torch.zeros(1, 8, 2, 2, device=device), Layer(None, leaky=True))
    except Exception as error:  # Triton names no type: a missing compiler, its missing headers, a GPU it does not know
        reason = str(error).strip().splitlines()[-1:] or [type(error).__name__]
        warnings.warn(
            f"training goes on without its fused kernels, slower: Triton cannot build them here ({reason[0]}). It needs a C compiler and "
            "Python's headers, on Debian and Ubuntu the packages gcc and python3-dev; train.fused=off says that you know",
            stacklevel=2,
        )
        return False
    return True
