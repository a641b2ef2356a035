"""What a process says of its device."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from pix2pix.config.settings import Runtime
from pix2pix.system import runtime

CPU = torch.device("cpu")
ASKED = """
import sys
from pix2pix.system import runtime
from pix2pix.config.settings import Runtime
asked = Runtime(device="auto", deterministic=sys.argv[1] == "True", threads=2)
runtime.set_deterministic(asked)
print(runtime.slow_precision("bf16", asked, runtime.select_device(asked)))
"""


def warning(deterministic: bool) -> str:
    """In a process of its own, since it is fixed when torch is loaded."""
    asked = [sys.executable, "-c", ASKED, str(deterministic)]
    environment = {key: value for key, value in os.environ.items() if key not in runtime._SAME_BITS}  # that this process may be held to
    environment |= {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(Path(runtime.__file__).parents[2])}
    return subprocess.run(asked, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout.strip()


def test_bf16_whose_instructions_are_held_back_is_said_to_be_slow() -> None:
    assert "use -S runtime.deterministic=false" in warning(deterministic=True)


@pytest.mark.skipif(platform.machine() != "x86_64" or sys.platform != "linux", reason="asks Linux what an x86-64 processor has")
def test_bf16_is_said_to_be_slow_where_there_are_no_instructions_for_it() -> None:
    free, flags = warning(deterministic=False), Path("/proc/cpuinfo").read_text()
    assert free == "None" if re.search(r"\b(avx512_bf16|amx_bf16)\b", flags) else "use -S train.precision=fp32" in free


@pytest.mark.parametrize("precision", ["fp32", "tf32"])
def test_nothing_is_said_of_other_precisions(precision: str) -> None:
    assert runtime.slow_precision(precision, Runtime("cpu", deterministic=True, threads=2), CPU) is None
