"""Training with several processes: real ones, over gloo, on the CPU."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pix2pix.config.train_settings import TrainSettings
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.dataset import write_dataset
from pix2pix.errors import UserError
from pix2pix.train.distributed import Distributed, process_group
from pix2pix.train.launch import processes
from pix2pix.train.validation import inference_norm
from tests.train.distributed_program import main

ROOT = Path(__file__).resolve().parents[2]
CPU = torch.device("cpu")
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}


def fill(folder: Path) -> Path:
    draw = np.random.default_rng(0)
    for split, count, size in (("train", 9, 36), ("val", 3, 32)):  # the last of three batches has a single image
        images = draw.integers(0, 256, (count, 6, size, size), dtype=np.uint8)
        write_dataset(folder / split, [images], [f"{split}{i}" for i in range(count)], ColourPlanes("rgb", "rgb"), size)
    return folder


def start(folder: Path, **changed: object) -> "subprocess.CompletedProcess[str]":
    """The program as two processes, by `launch`."""
    words = [str(folder), *(f"{key}={json.dumps(value)}" for key, value in changed.items())]
    program = ["-m", "tests.train.distributed_program", *words]
    launcher = (
        "import sys; from pix2pix.train.launch import launch; from pix2pix.errors import UserError\n"
        f"try: launch(2, {program!r})\nexcept UserError as error: sys.exit('ERROR: ' + str(error))"
    )
    return subprocess.run([sys.executable, "-c", launcher], env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, timeout=300)


def result(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = torch.load(folder / "result.pt", weights_only=True)
    return found


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = fill(tmp_path_factory.mktemp("alone"))
    main(folder)
    return result(folder)


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = fill(tmp_path_factory.mktemp("together"))
    done = start(folder)
    assert done.returncode == 0, done.stderr
    return result(folder)


def test_two_processes_train_what_one_does(alone: dict[str, Any], together: dict[str, Any]) -> None:
    # Sums run in another order, so gradients differ in their last digits. Adam's first updates are lr * sign(gradient) in size: where a
    # gradient is only rounding noise its sign may turn, and 6 updates of 2e-4 move that weight by up to 2.4e-3. Such weights are few.
    for network in ("g", "d"):
        mine, theirs = alone["networks"][network], together["networks"][network]
        learnt = [name for name in mine if "running" not in name and "num_batches" not in name]
        difference = torch.cat([(mine[name] - theirs[name]).abs().flatten() for name in learnt])
        assert float(difference.max()) <= 2.4e-3 and float(difference.mean()) < 2e-5
        for name in set(mine) - set(learnt):
            torch.testing.assert_close(mine[name], theirs[name], rtol=0.02, atol=0.002)
    for mine, theirs in zip(alone["rows"], together["rows"], strict=True):
        assert mine == pytest.approx(theirs, rel=2e-3)


def test_a_process_that_dies_ends_the_job_with_one_error_and_the_same_command_gives_the_same_bits(
    together: dict[str, Any], tmp_path: Path
) -> None:
    folder = fill(tmp_path)
    died = start(folder, dies=[1, 4])
    assert died.returncode == 1
    message = "process 1 of 2 ended by SIGKILL, so the others were ended too; the same command goes on from the last checkpoint"
    assert died.stderr.strip().splitlines()[-1] == f"ERROR: {message}"
    assert "Traceback" not in died.stderr
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(folder) not in left, "no process is left behind"
    assert (folder / "state/key/state.pt").exists() and not (folder / "result.pt").exists()
    done = start(folder)
    assert done.returncode == 0, done.stderr
    found = result(folder)
    assert found["rows"] == together["rows"]
    for network, weights in together["networks"].items():
        assert all(torch.equal(found["networks"][network][name], value) for name, value in weights.items())


def test_statistics_of_each_process_s_own_part_train_something_else(together: dict[str, Any]) -> None:
    assert together["apart"][0] != together["rows"][0]


def test_a_batch_that_does_not_divide_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TORCHELASTIC_RUN_ID", "1"), ("WORLD_SIZE", "2")):  # as torchrun sets them
        monkeypatch.setenv(name, value)
    refused = "train.batch_size = 3 cannot be divided evenly among 2 processes; use a multiple of 2"
    with pytest.raises(UserError, match=refused), process_group(CPU, 3):
        pass


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_the_shards_of_a_batch_cover_it_and_their_weights_add_up_to_equal_ones(size: int, count: int) -> None:
    weights = [0.0] * count
    for rank in range(size):
        shard = Distributed(rank, size).shard(count)
        for image in range(shard.start, shard.stop):
            weights[image] += shard.weight / (shard.stop - shard.start)
    assert weights == pytest.approx([1 / count] * count)


def test_auto_is_one_process_on_the_cpu_and_a_number_is_itself() -> None:
    assert processes("auto", CPU, 8) == 1 and processes(4, CPU, 8) == 4


def test_more_gpus_than_there_are_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    cuda = torch.device("cuda")
    assert [processes("auto", cuda, batch) for batch in (1, 2, 6, 8)] == [1, 2, 3, 4]
    assert processes("auto", torch.device("cuda:1"), 8) == 1
    with pytest.raises(UserError, match=r"train.devices = 5: this machine has 4 GPU"):
        processes(5, cuda, 10)
    with pytest.raises(UserError, match="names one GPU"):
        processes(2, torch.device("cuda:1"), 8)


def test_one_image_a_process_is_normalised_by_itself_unless_synchronised() -> None:
    settings = TrainSettings(epochs=1, batch_size=4, sync_batch_norm=False)
    assert inference_norm(settings, Distributed(0, 4)) == "batch" and inference_norm(settings, Distributed(0, 2)) == "running"
    assert inference_norm(TrainSettings(epochs=1, batch_size=4), Distributed(0, 4)) == "running"
