"""The checkpoint: replaced atomically, one configuration's alone, and one process's at a time."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from pix2pix.errors import UserError
from pix2pix.train.checkpoint import Checkpoint

SRC = Path(__file__).resolve().parents[2] / "src"
HOLDER = """
import sys, time
from pathlib import Path
sys.path.insert(0, {src!r})
from pix2pix.train.checkpoint import Checkpoint
with Checkpoint(Path(sys.argv[1]), "key") as state:
    state.save({{"step": 5}})
    print("held", flush=True)
    time.sleep(60)
"""


def content(step: int = 3) -> dict[str, Any]:
    return {"step": step, "weights": {"a": torch.arange(10.0)}, "rows": [{"epoch": 1, "lr": 2e-4}]}


def same(a: Any, b: Any) -> bool:
    return a["step"] == b["step"] and torch.equal(a["weights"]["a"], b["weights"]["a"]) and a["rows"] == b["rows"]


@pytest.fixture
def holder(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the state of tmp_path/key."""
    program = HOLDER.format(src=str(SRC))
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_process_is_refused_by_name_until_the_first_is_killed(tmp_path: Path, holder: "subprocess.Popen[str]") -> None:
    for _ in range(2):  # being refused changes nothing
        message = f"a training with the same settings and data is already run by process {holder.pid}: wait for it, or end it and run again"
        with pytest.raises(UserError, match=message), Checkpoint(tmp_path, "key"):
            pass
    with Checkpoint(tmp_path, "another key") as other:
        assert other.load() is None
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with Checkpoint(tmp_path, "key") as state:
        assert state.load() == {"step": 5}
        with pytest.raises(UserError, match=f"by process {os.getpid()}:"), Checkpoint(tmp_path, "key"):
            pass


def test_a_fresh_start_has_no_state_and_what_was_saved_last_comes_back(tmp_path: Path) -> None:
    with Checkpoint(tmp_path / "not" / "yet" / "there", "key") as state:
        assert state.load() is None
        for step in (1, 2):
            state.save(content(step))
    with Checkpoint(tmp_path / "not" / "yet" / "there", "key") as state:
        found = state.load()
        assert found is not None and same(found, content(2))
        assert not list(state.folder.glob("*.partial"))


def test_another_configuration_s_state_is_never_seen(tmp_path: Path) -> None:
    with Checkpoint(tmp_path, "one") as one:
        one.save(content())
    with Checkpoint(tmp_path, "two") as two:
        assert two.load() is None


def test_the_lock_is_free_after_the_block_also_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Checkpoint(tmp_path, "key"):
        raise ZeroDivisionError
    with Checkpoint(tmp_path, "key"):
        pass


def test_a_save_that_fails_leaves_what_was_saved_before(tmp_path: Path) -> None:
    with Checkpoint(tmp_path, "key") as state:
        state.save(content())
        with pytest.raises((pickle.PicklingError, AttributeError)):
            state.save({"cannot be saved": lambda: None})
        found = state.load()
        assert found is not None and same(found, content())


def test_what_a_kill_left_beside_does_no_harm(tmp_path: Path) -> None:
    with Checkpoint(tmp_path, "key") as state:
        state.save(content())
        (state.folder / ".state.pt.0123abcd.partial").write_bytes(b"half")
        found = state.load()
        assert found is not None and same(found, content())
        state.save(content(4))


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, -1])
def test_a_damaged_file_is_refused_with_the_way_out(tmp_path: Path, kept: float) -> None:
    with Checkpoint(tmp_path, "key") as state:
        state.save(content())
        whole = state.path.read_bytes()
        state.path.write_bytes(whole[: kept if isinstance(kept, int) else int(len(whole) * kept)])
        with pytest.raises(UserError, match=f"{state.path} cannot be read .*; delete it to train from the start"):
            state.load()


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return os.mkdir, (str(tmp_path / "sprung"),)

    with Checkpoint(tmp_path, "key") as state:
        torch.save({"step": Trap()}, state.path)
        with pytest.raises(UserError, match="cannot be read"):
            state.load()
    assert not (tmp_path / "sprung").exists()


def test_a_published_training_leaves_nothing_behind(tmp_path: Path) -> None:
    with Checkpoint(tmp_path, "key") as state:
        state.save(content())
        (state.folder / "journal").write_text("of whoever watches")
        state.clear()
        assert not state.folder.exists()
    with Checkpoint(tmp_path, "key") as state:
        assert state.load() is None
