"""The programs for a GPU machine start on one that has only PyTorch, torchvision, NumPy, Pillow; safetensors too where models are saved."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ABSENT = (
    "tqdm",
    "pydantic",
    "ruamel",
    "mlflow",
    "dvc",
    "requests",
    "filelock",
    "lpips",
    "skimage",
    "scipy",
    "pandas",
)
PROGRAM = f"""
import importlib, sys
absent = dict.fromkeys({(*ABSENT, "safetensors")!r})
sys.modules.update(absent)  # importing one of these fails, as where it is not installed
for name in ("benchmarks.gpu", "benchmarks.memory", "pix2pix.train.loop", "pix2pix.train.launch"):
    importlib.import_module(name)
del sys.modules["safetensors"]
importlib.import_module("benchmarks.gpu_facades")
"""


def test_they_import_nothing_else() -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
