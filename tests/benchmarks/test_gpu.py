"""The programs for a GPU machine start on one that has only PyTorch, torchvision, NumPy, Pillow; safetensors too where models are saved."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
PROGRAM = """
import importlib, sys
sys.modules.update(dict.fromkeys({absent!r}))  # importing one of these fails, as where it is not installed
for name in {names!r}:
    importlib.import_module(name)
"""


def run(program: list[str]) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    return subprocess.run([sys.executable, *program], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("absent", "names"),
    [
        ((*ABSENT, "safetensors"), ("benchmarks.gpu", "benchmarks.memory", "pix2pix.train.loop", "pix2pix.train.launch")),
        (ABSENT, ("benchmarks.gpu_facades",)),
    ],
    ids=["without safetensors", "which save a model"],
)
def test_they_import_nothing_else(absent: tuple[str, ...], names: tuple[str, ...]) -> None:
    done = run(["-c", PROGRAM.format(absent=absent, names=names)])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", ["tests", "nowhere"])
def test_a_folder_that_is_not_the_published_code_is_refused_with_the_way_out(path: str) -> None:
    done = run(["-m", "benchmarks", "training", "--peer", path])
    assert done.returncode == 1 and "is no checkout of pytorch-CycleGAN-and-pix2pix: train.py" in done.stderr
    assert "git clone" in done.stderr and "Traceback" not in done.stderr
