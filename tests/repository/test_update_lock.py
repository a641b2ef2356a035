import subprocess
from pathlib import Path

import pytest

from pix2pix.repository.digests import folder_digest
from pix2pix.repository.update_lock import only_comments_changed, same_program

PROGRAM = b'"""Doc."""\n\nSIZE = 2  # pixels\n\n\ndef half(size):\n    """Half of it."""\n    return size / 2\n'


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (b"# pixels", b"# of a side, in pixels", True),
        (b'"""Half of it."""', b'"""Half.\n\n    Of it."""', True),
        (b'"""Half of it."""\n    return size / 2', b"return (size\n        / 2)", True),
        (b"size / 2", b"size / 3", False),
        (b"half(size):", b"half(side):", False),
    ],
)
def test_comments_docstrings_and_layout_change_no_program(before: bytes, after: bytes, same: bool) -> None:
    assert before in PROGRAM
    assert same_program(PROGRAM, PROGRAM.replace(before, after)) == same


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the package src/a, of one module."""
    (tmp_path / "src/a").mkdir(parents=True)
    (tmp_path / "src/a/half.py").write_bytes(PROGRAM)
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-q", "-m", "a"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def test_a_folder_is_the_same_program_as_at_the_commit_that_has_its_recorded_hash(root: Path) -> None:
    module = root / "src/a/half.py"
    changed = [{"changed deps": {"src/a": "modified"}}]
    locked = {"deps": [{"path": "src/a", "md5": folder_digest(root / "src/a")}]}
    module.write_bytes(PROGRAM + b"# more\n")
    assert only_comments_changed(root, locked, changed)
    assert not only_comments_changed(root, {"deps": [{"path": "src/a", "md5": "0.dir"}]}, changed), "code that was never committed"


@pytest.mark.parametrize(
    "change",
    [
        "changed command",
        {"changed outs": {"data/a": "modified"}},
        {"changed deps": {"data/raw/food": "modified"}},
        {"changed deps": {"params.yaml": {"seed": "modified"}}},
        {"changed deps": {"src/a": "new"}},
    ],
)
def test_a_stage_with_any_other_change_runs(root: Path, change: object) -> None:
    locked = {"deps": [{"path": "src/a", "md5": folder_digest(root / "src/a")}]}
    assert not only_comments_changed(root, locked, [{"changed deps": {"src/a": "modified"}}, change])


def test_a_new_module_is_another_program(root: Path) -> None:
    locked = {"deps": [{"path": "src/a", "md5": folder_digest(root / "src/a")}]}
    (root / "src/a/more.py").write_text("")
    assert not only_comments_changed(root, locked, [{"changed deps": {"src/a": "modified"}}])
