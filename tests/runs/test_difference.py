import argparse
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pix2pix.cli.runs import show_difference
from pix2pix.errors import UserError
from pix2pix.runs.difference import as_text, differences, metrics, write_differences
from pix2pix.tracking import Run
from pix2pix.tracking.lookup import Records, RunRecord

Train = Callable[..., Run]


def commit(root: Path, text: str) -> None:
    (root / "src").mkdir(exist_ok=True)
    (root / "src/step.py").write_text(text)
    (root / "README.md").write_text(text)
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    for command in (["init", "-q"], ["add", "src", "README.md"], ["commit", "-q", "-m", text]):
        subprocess.run(["git", *identity, *command], cwd=root, check=True)


def recorded(train: Train, records: Callable[[], Records], lr: float, l1: float, data: str) -> RunRecord:
    with train(params={"train.lr": lr, "seed": 0}) as run:
        run.log_metrics({"test/L1": l1, "test/PSNR": 20.0})
        run.tag({"dvc.data_digest": data, "model.sha256": str(lr)})
        run_id = run.run_id
    return records().find(run_id)[0]


def printed(one: RunRecord, other: RunRecord, root: Path) -> str:
    return as_text(one, other, differences(one, other, Records(root), root) | metrics(one, other))


def test_two_runs_differ_in_parameters_code_data_and_metrics(train: Train, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    commit(root, "first")
    one = recorded(train, lambda: Records(root), 0.0002, 0.25, "1.dir")
    commit(root, "second")
    other = recorded(train, lambda: Records(root), 0.001, 0.2, "1.dir")
    lines = [" ".join(line.split()) for line in printed(one, other, root).splitlines()]
    assert "train.lr 0.0002 → 0.001" in lines
    assert not any("seed" in line or "README.md" in line for line in lines)
    assert any(line.startswith("src/step.py | 2 +-") for line in lines)
    assert "prepared data the same 1.dir" in lines
    assert "model differs 0.0002 → 0.001" in lines
    assert "L1 ↓ 0.2500 0.2000 −0.0500" in lines
    assert "PSNR ↑ 20.00 20.00 0.000" in lines
    write_differences(root / "page.html", one, replace(other, name="<b>"), differences(one, other, Records(root), root))
    page = (root / "page.html").read_text()
    assert '<th scope="row">train.lr</th><td>0.0002</td><td>→</td><td>0.001</td>' in page
    assert "src/step.py" in page and "&lt;b&gt;" in page and "<b>" not in page


def test_the_page_of_runs_whose_images_are_gone_says_what_else_differs(train: Train, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    commit(root, "first")
    one, other = (recorded(train, lambda: Records(root), lr, 0.25, "1.dir") for lr in (0.0002, 0.001))
    page = root / "page.html"
    wanted = argparse.Namespace(one=one.run_id, other=other.run_id, dataset=None, no_images=False, html=page)
    with pytest.raises(UserError, match="predictions"):
        show_difference(wanted)
    assert '<th scope="row">train.lr</th><td>0.0002</td><td>→</td><td>0.001</td>' in page.read_text()


def test_runs_that_are_alike_are_said_to_be(train: Train, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    commit(root, "first")
    one, other = (recorded(train, lambda: Records(root), 0.0002, 0.25, "1.dir") for _ in range(2))
    text = printed(one, other, root)
    assert "Parameters\n  no difference" in text
    assert "the same commit" in text


def test_metrics_of_other_data_are_not_compared(train: Train, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    commit(root, "first")
    one = recorded(train, lambda: Records(root), 0.0002, 0.25, "1.dir")
    text = printed(one, replace(one, dataset="food"), root)
    assert "of other data: they cannot be compared" in text and "L1" not in text
