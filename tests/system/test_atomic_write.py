import csv
import fcntl
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pix2pix.errors import UserError
from pix2pix.system import atomic_write
from pix2pix.system.atomic_write import atomic_folder, atomic_path, write_bytes, write_csv, write_errors, write_json, write_text

Write = Callable[[Path, str], None]


def write_file(path: Path, text: str) -> None:
    with atomic_path(path, sync=True) as temporary:
        temporary.write_text(text)


def write_folder(path: Path, text: str) -> None:
    with atomic_folder(path) as temporary:
        (temporary / "file").write_text(text)


def content(path: Path) -> str:
    return (path / "file" if path.is_dir() else path).read_text()


both = pytest.mark.parametrize("write", [write_file, write_folder])


@both
def test_what_was_there_is_replaced_and_nothing_is_left_beside(tmp_path: Path, write: Write) -> None:
    target = tmp_path / "new" / "out"
    for text in ("one", "two"):
        write(target, text)
        assert content(target) == text
        assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("atomic", [atomic_path, atomic_folder])
@pytest.mark.parametrize("error", [OSError("disk"), KeyboardInterrupt(), UserError("no")])
def test_a_failure_leaves_what_was_there_and_no_temporary(tmp_path: Path, atomic, error: BaseException) -> None:
    target = tmp_path / "out"
    (write_file if atomic is atomic_path else write_folder)(target, "old")
    with pytest.raises(type(error)), atomic(target) as temporary:
        (temporary / "file" if temporary.is_dir() else temporary).write_text("half")
        raise error
    assert content(target) == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_cannot_take_its_place_leaves_the_old_one(tmp_path: Path) -> None:
    write_folder(tmp_path / "out", "old")
    with pytest.raises(FileNotFoundError), atomic_folder(tmp_path / "out") as temporary:
        temporary.rmdir()
    assert content(tmp_path / "out") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@both
def test_a_planted_link_is_not_followed(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = tmp_path / "victim"
    victim.mkdir() if write is write_folder else victim.write_text("precious")
    planted = [tmp_path / "out.partial", tmp_path / ".out.00000000.partial"]
    for link in planted:
        link.symlink_to(victim)
    monkeypatch.setattr(atomic_write.secrets, "token_hex", lambda count: "00000000")  # even where the name is guessed
    with pytest.raises(FileExistsError):
        write(tmp_path / "out", "new")
    monkeypatch.undo()
    write(tmp_path / "out", "new")
    assert (list(victim.iterdir()) == []) if victim.is_dir() else (victim.read_text() == "precious")
    assert not (tmp_path / "out").is_symlink()


@both
def test_a_link_at_the_target_itself_is_replaced(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "elsewhere", "theirs")
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    write(tmp_path / "out", "new")
    assert content(tmp_path / "elsewhere") == "theirs"
    assert content(tmp_path / "out") == "new"


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_rights_are_those_of_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_file(tmp_path / "file", "")
        write_folder(tmp_path / "folder", "")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o666 & ~umask
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o777 & ~umask


def test_writers_side_by_side_leave_one_whole_file(tmp_path: Path) -> None:
    texts = [str(number) * 100_000 for number in range(8)]
    threads = [threading.Thread(target=write_file, args=(tmp_path / "out", text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert content(tmp_path / "out") in texts
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", ["atomic_path", "atomic_folder"])
def test_what_a_killed_writer_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path, kind: str) -> None:
    code = (
        f"import os, pathlib; from pix2pix.system.atomic_write import {kind} as atomic\n"
        f"with atomic(pathlib.Path({str(tmp_path / 'out')!r})): os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "PYTHONPATH": "src"}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == -9
    (left,) = tmp_path.iterdir()
    alive = tmp_path / ".other.0123abcd.partial"
    with alive.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write_text(tmp_path / "third", "")
    assert not left.exists()
    assert alive.exists()


def test_a_name_as_long_as_file_systems_allow_can_be_written(tmp_path: Path) -> None:
    write_text(tmp_path / ("x" * 255), "text")
    assert [path.name for path in tmp_path.iterdir()] == ["x" * 255]


def test_text_json_and_csv(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"\x00")
    write_text(tmp_path / "b", "ü\n")
    write_json(tmp_path / "c", {"ü": [1]})
    write_csv(tmp_path / "d", [{"a": 1, "b": "x,y"}, {"a": 2, "b": ""}])
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())[:2]] == [b"\x00", "ü\n".encode()]
    assert json.loads((tmp_path / "c").read_text()) == {"ü": [1]} and "ü" in (tmp_path / "c").read_text()
    assert (tmp_path / "d").read_text() == 'a,b\n1,"x,y"\n2,\n'


def test_a_disk_error_names_the_file_and_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError) as error:
        write_text(tmp_path / "file" / "out", "")
    assert "partial" not in str(error.value)
    with pytest.raises(UserError, match=r"out: cannot be written: File exists\. Check"), write_errors(tmp_path / "file" / "out"):
        write_text(tmp_path / "file" / "out", "")
    with pytest.raises(UserError, match=r"big: no room left to write it \(No space.* free on its disk\)"), write_errors(tmp_path / "big"):
        raise OSError(28, "No space left on device")


def test_a_name_in_a_table_is_no_formula(tmp_path: Path) -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "plain", "a=1"]
    write_csv(tmp_path / "a.csv", [{"name": name, "l1": -0.5} for name in names])
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [f"'{name}" for name in names[:5]] + names[5:]
    assert {row["l1"] for row in rows} == {"-0.5"}
