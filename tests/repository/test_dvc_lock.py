"""What `dvc.lock` says: a missing or broken one has no entries; DVC itself reports a broken one."""

import io
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from pix2pix.repository.dvc_lock import data_digest, locked_stages, yaml_mapping

LOCK = "schema: '2.0'\nstages:\n  train@facades:\n    outs:\n    - path: data/models/facades\n      md5: 0a.dir\n"


def test_the_entries_are_found_by_stage(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text(LOCK)
    (entry,) = locked_stages(tmp_path / "dvc.lock").values()
    assert entry["outs"] == [{"path": "data/models/facades", "md5": "0a.dir"}]
    assert locked_stages(tmp_path / "no.lock") == {}


@pytest.mark.parametrize("text", ["", "schema: '2.0'\n", "schema: '2.0'\nstages:\n", "<<<<<<< HEAD\n" + LOCK, "- a\n- b\n"])
def test_what_holds_no_entries_gives_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text(text)
    assert locked_stages(tmp_path / "dvc.lock") == {}


def test_a_hash_of_digits_stays_as_dvc_wrote_it() -> None:
    assert yaml_mapping("md5: '0123'\n") == {"md5": "0123"}


def test_a_lock_that_is_being_written_is_read_when_it_is_complete(tmp_path: Path) -> None:
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
    assert locked_stages(lock) == yaml_mapping(LOCK)["stages"]
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


def test_an_address_in_a_row_is_read() -> None:
    assert yaml_mapping("food: {source: https://example.org/a.zip, size: 1e2}\n") == {
        "food": {"source": "https://example.org/a.zip", "size": 100}
    }


ENTRY = "  {stage}@{dataset}:\n    cmd: python -m stages.{stage} {dataset}\n    outs:\n    - path: {stage}\n      md5: {md5}.dir\n"


def write_lock(path: Path, stages: list[str], dataset: str = "facades", md5: str = "1" * 32) -> Path:
    old = path.read_text() if path.exists() else "schema: '2.0'\nstages:\n"
    path.write_text(old + "".join(ENTRY.format(stage=stage, dataset=dataset, md5=md5) for stage in stages))
    return path


def test_what_dvc_has_not_made_yet_has_no_hash(tmp_path: Path) -> None:
    lock = tmp_path / "dvc.lock"
    assert data_digest(lock, "facades") is None
    write_lock(lock, ["download", "prepare"])
    assert data_digest(lock, "facades") == "1" * 32 + ".dir"
