"""What `dvc.lock` says: a missing or broken one has no entries; of a broken one DVC itself tells."""

import io
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from pix2pix.repository.dvc_lock import locked_stages, stages_in, yaml_mapping

LOCK = "schema: '2.0'\nstages:\n  train@facades:\n    outs:\n    - path: data/models/facades\n      md5: 0a.dir\n"


def test_the_entries_are_found_by_stage(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text(LOCK)
    (entry,) = locked_stages(tmp_path / "dvc.lock").values()
    assert entry["outs"] == [{"path": "data/models/facades", "md5": "0a.dir"}]
    assert locked_stages(tmp_path / "no.lock") == {}


@pytest.mark.parametrize("text", [None, "", "schema: '2.0'\n", "schema: '2.0'\nstages:\n", "<<<<<<< HEAD\n" + LOCK, "- a\n- b\n"])
def test_what_holds_no_entries_gives_none(text: str | None) -> None:
    assert stages_in(text) == {}


def test_a_hash_of_digits_stays_as_dvc_wrote_it() -> None:
    assert yaml_mapping("md5: '0123'\n") == {"md5": "0123"}


def test_a_lock_that_is_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    """As DVC writes it: emptied, then piece by piece."""
    lock = tmp_path / "dvc.lock"
    lock.write_text(LOCK)
    begun = threading.Event()

    def write() -> None:
        with lock.open("w") as file:
            for line in LOCK.splitlines(keepends=True):
                file.write(line)
                file.flush()
                begun.set()
                time.sleep(0.05)

    writer = threading.Thread(target=write)
    writer.start()
    begun.wait()
    assert locked_stages(lock) == stages_in(LOCK)
    writer.join()


ODD = ["off", "on", "yes", "no", "y", "1_0", "1:30", "0x1f", "0o17", "null", "~", "1e5", ".5", "5.", "2024-01-01", "=", ""]


@given(
    st.sampled_from(ODD)
    | st.floats(allow_nan=False)
    | st.integers()
    | st.booleans()
    | st.none()
    | st.text("abcdefE0123456789+-._", max_size=8)
)
def test_a_parameter_is_read_as_dvc_wrote_it(value: object) -> None:
    out = io.StringIO()
    YAML(typ="rt").dump({"train": {"value": value}}, out)
    assert yaml_mapping(out.getvalue()) == {"train": {"value": value}}
