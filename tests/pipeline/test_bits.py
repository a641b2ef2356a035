"""The same bits whatever the machine has to spare: one core or more, whatever OMP_NUM_THREADS says."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline

OUTPUTS = ("data/models/facades", "data/samples/facades", "data/history/facades.csv")


@contextmanager
def on_one_core() -> Iterator[None]:
    """What is started meanwhile runs on a single core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """Prepared by hand, with images and networks as wide as the sample's: smaller sums are never split among threads."""
    clone = Clone.make(tmp_path_factory.mktemp("bits") / "repo")
    clone.set("runtime.threads", 2)
    clone.set("download.sample_size", 96)
    for key, value in {"batch_size": 8, "load_size": 72, "crop_size": 64, "ngf": 16, "ndf": 16, "epochs": 2}.items():
        clone.set(f"scales.sample.facades.{key}", value)
    clone.stage("download", "facades")
    clone.stage("prepare", "facades")
    return clone


def trained(clone: Clone, threads: str) -> dict[str, bytes]:
    """All files that a training leaves."""
    clone.run("python", "-m", "stages.train", "facades", OMP_NUM_THREADS=threads, MKL_NUM_THREADS=threads)
    roots = [clone.root / name for name in OUTPUTS]
    files = [file for root in roots for file in (root.rglob("*") if root.is_dir() else [root]) if file.is_file()]
    return {str(Path(file).relative_to(clone.root)): file.read_bytes() for file in files}


def test_a_training_on_one_core_and_thread_leaves_the_files_of_one_on_all(clone: Clone) -> None:
    with on_one_core():
        alone = trained(clone, "1")
    clone.run("rm", "-r", *OUTPUTS)
    together = trained(clone, "2")
    assert "data/models/facades/generator.safetensors" in alone
    assert sum(name.startswith("data/samples/") for name in alone) == 2
    assert sorted(alone) == sorted(together)
    assert [name for name in alone if alone[name] != together[name]] == []
