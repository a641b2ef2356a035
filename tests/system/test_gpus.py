"""Trainings side by side do not meet on a GPU. Real processes lock GPUs that only have names; one of them is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from pix2pix.errors import UserError
from pix2pix.system import gpus

SRC = Path(gpus.__file__).resolve().parents[2]
NAMES = ["GPU-a", "GPU-b", "GPU-c"]
WORK = """
import sys
from pathlib import Path
from pix2pix.system import gpus
names, count, how, folder = sys.argv[1].split(), int(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
report = lambda line: print(line, flush=True)
got = gpus.wait_for_free(names, count, folder=folder, report=report) if how == "wait" else gpus.lock_named(names, folder=folder)
print(got, flush=True)
"""
UNTIL_ENDED = "sys.stdin.read()"
WITH_A_CHILD = "import os, time\nif os.fork() == 0: time.sleep(60)\n" + UNTIL_ENDED

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Begins a process that acquires GPUs, prints which, and works until its input ends or it is killed."""
    begun: list[subprocess.Popen[str]] = []

    def process(count: int = 1, names: list[str] = NAMES, how: str = "wait", work: str = UNTIL_ENDED) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", WORK + work, " ".join(names), str(count), how, str(tmp_path)]
        pipe, environment = subprocess.PIPE, {**os.environ, "PYTHONPATH": str(SRC)}
        begun.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment, start_new_session=True))
        return begun[-1]

    yield process
    for one in begun:
        with one, suppress(ProcessLookupError):
            os.killpg(one.pid, signal.SIGKILL)


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait(10)


def test_each_process_gets_a_gpu_of_its_own_though_all_ask_at_once(start: Start) -> None:
    together = [start() for _ in NAMES]
    assert sorted(said(one) for one in together) == ["[0]", "[1]", "[2]"]


def test_who_finds_none_free_says_so_and_gets_the_one_whose_process_was_killed(start: Start) -> None:
    together = {said(one): one for one in [start() for _ in NAMES]}
    late = start()
    assert said(late) == "0 of 3 GPUs are free and this needs 1: waiting until other work here ends"
    together["[1]"].kill()
    assert said(late) == "[1]"


def test_a_gpu_is_free_again_when_its_process_ends(start: Start) -> None:
    first = start(3)
    assert said(first) == "[0, 1, 2]"
    end(first)
    assert said(start(2)) == "[0, 1]"


def test_a_child_that_outlives_its_killed_parent_holds_no_gpu(start: Start) -> None:
    parent = start(3, work=WITH_A_CHILD)
    assert said(parent) == "[0, 1, 2]"
    time.sleep(0.2)  # the child is there
    parent.kill()
    parent.wait(10)
    assert said(start(3)) == "[0, 1, 2]"


def test_who_waits_for_several_holds_none_meanwhile(start: Start) -> None:
    busy = start()
    assert said(busy) == "[0]"
    several = start(3)
    assert said(several) == "2 of 3 GPUs are free and this needs 3: waiting until other work here ends"
    assert said(start()) == "[1]"


def test_a_gpu_that_a_person_named_is_taken_at_once_and_passed_by_by_others(start: Start) -> None:
    named, again = start(names=["GPU-a"], how="name"), start(names=["GPU-a"], how="name")
    assert said(named) == said(again) == "[0]"
    assert said(start()) == "[1]"


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[torch.device]:
    """As if this machine had three GPUs. On which of them this process works."""
    current: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: SimpleNamespace(uuid=NAMES[index]))
    monkeypatch.setattr(torch.cuda, "set_device", current.append)
    monkeypatch.setattr(gpus, "locks_folder", lambda: tmp_path)
    monkeypatch.setattr(gpus, "_held", [])
    return current


def test_a_stage_works_on_a_free_gpu_on_the_named_one_or_on_the_cpu(three: list[torch.device], start: Start) -> None:
    assert said(start()) == "[0]"
    assert gpus.acquire(torch.device("cuda")) == [torch.device("cuda:1")] == three
    assert gpus.acquire(torch.device("cuda:0")) == [torch.device("cuda:0")]
    assert gpus.acquire(torch.device("cpu"), 2) == [torch.device("cpu")] * 2


def test_distributed_training_gets_a_gpu_for_each_process_and_these_see_no_others(three: list[torch.device], start: Start) -> None:
    assert said(start()) == "[0]"
    devices = gpus.acquire(torch.device("cuda"), 2)
    assert gpus.visible(devices, {}) == {"CUDA_VISIBLE_DEVICES": "1,2"}
    assert gpus.visible(devices, {"CUDA_VISIBLE_DEVICES": "4, GPU-5,6"}) == {"CUDA_VISIBLE_DEVICES": "GPU-5,6"}
    assert gpus.visible([torch.device("cpu")] * 2, {"CUDA_VISIBLE_DEVICES": "4"}) == {}
    assert three == [], "whoever only starts the others opens no GPU itself"


def test_locks_lie_in_the_machine_s_temporary_folder_and_not_in_a_stranger_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    assert gpus.locks_folder() == tmp_path / f"pix2pix-gpus-{os.getuid()}" and gpus.locks_folder().stat().st_mode & 0o077 == 0
    gpus.locks_folder().rmdir()
    (tmp_path / f"pix2pix-gpus-{os.getuid()}").symlink_to(tmp_path)
    with pytest.raises(UserError, match="was made by another user"):
        gpus.locks_folder()
