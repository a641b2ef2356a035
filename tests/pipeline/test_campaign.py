"""The short form of the fault campaign: `dvc` killed, everything killed, a full disk. `python -m tests.campaign` is the whole of it.

A kill of the training alone is in tests/train/test_loop.py, signals are in tests/stages/test_stages.py.
"""

from pathlib import Path

import pytest

from tests.campaign import Fault, Lab, laboratory, set_up, suffer
from tests.pipeline.conftest import Reproduced

pytestmark = pytest.mark.pipeline

TRAIN = "train@facades"
FAULTS = [
    Fault(TRAIN, "kill", "dvc", 0.7),
    Fault(TRAIN, "kill", "all", -2),
    Fault(TRAIN, "full", "20000"),
]


@pytest.fixture(scope="module")
def lab(reproduced: Reproduced, empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    folder = tmp_path_factory.mktemp("campaign")
    clone = reproduced.clone.copy(folder / "whole" / "repo")
    set_up(clone)
    clone.record(empty_store)
    return laboratory(clone, [TRAIN], folder)[TRAIN]


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{fault.kind} {fault.what}" for fault in FAULTS])
def test_the_same_command_ends_in_the_same_bytes(fault: Fault, lab: Lab, tmp_path: Path) -> None:
    assert suffer(lab, fault, tmp_path / "repo") == []
