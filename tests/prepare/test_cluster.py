"""Packing beyond one machine: a real Dask cluster of two worker processes gives the bytes that one process gives."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
from distributed import Client, LocalCluster
from PIL import Image

from pix2pix.config.settings import Prepare
from pix2pix.errors import UserError
from pix2pix.prepare import prepare as module
from pix2pix.prepare.prepare import prepare
from pix2pix.prepare.workers import dask_workers

COUNT = 24
HOW: dict[str, Any] = {
    "direction": "AtoB",
    "load_size": 40,
    "crop_size": 32,
    "on_bad_image": "skip",
    "val_fraction": 0.4,
    "eval_split": "val",
}


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Address of a scheduler with two workers, each a process of its own."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as running:
        yield running.scheduler_address


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Pairs, and a file that is none."""
    for i in range(COUNT):
        noise = np.random.default_rng(i).integers(0, 256, (30, 60, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(noise).save(buffer, "JPEG")
        (tmp_path / "source").mkdir(exist_ok=True)
        (tmp_path / f"source/{i}.jpg").write_bytes(buffer.getvalue())
    (tmp_path / "source/7.jpg").write_bytes(b"no picture")
    return tmp_path / "source"


def run(source: Path, into: Path, **how: Any) -> dict[str, bytes]:
    files = sorted((PurePosixPath(file.name) for file in source.iterdir()), key=lambda file: int(file.stem))
    settings = {**HOW, **how}
    other = {name: settings.pop(name) for name in ("kind", "direction", "eval_split", "cluster") if name in settings}
    prepare(source, files, into, Prepare(**settings), **other)
    return {str(file.relative_to(into)): file.read_bytes() for file in sorted(into.rglob("*")) if file.is_file()}


@pytest.mark.parametrize("how", [{"kind": "pairs"}, {"kind": "lab"}, {"kind": "pairs", "layout": "encoded"}], ids=str)
def test_two_workers_of_a_cluster_leave_the_bytes_of_one_process(
    scheduler: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: dict[str, Any]
) -> None:
    alone = run(source, tmp_path / "alone", workers=1, **how)
    monkeypatch.setattr(module, "_BATCH", 3)
    with dask_workers(scheduler) as machines:
        together = run(source, tmp_path / "together", workers=None, cluster=machines, **how)
    assert together == alone and len(alone) >= 7
    with Client(scheduler) as client:
        worked = client.run(lambda: "pix2pix.prepare.batch" in sys.modules)
    assert list(worked.values()) == [True, True], "both workers had their share"


def test_a_scheduler_that_does_not_answer_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pix2pix.prepare.workers._CONNECT_SECONDS", 0.5)
    with pytest.raises(UserError, match=r"prepare\.dask = tcp://127\.0\.0\.1:9: no scheduler answers"), dask_workers("tcp://127.0.0.1:9"):
        pass
