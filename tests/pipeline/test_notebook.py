"""The notebook runs from top to bottom in a clone, as a person runs it, and is kept without outputs."""

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT
from tests.pipeline.clone import Clone

CELLS: list[dict[str, Any]] = json.loads((ROOT / "docs/notebook.ipynb").read_text(encoding="utf-8"))["cells"]
# of a cell's lines, `!command` runs in a shell, as in Jupyter
RUN = """
import subprocess, sys
for number, cell in enumerate({cells!r}):
    python = "\\n".join(
        f"subprocess.run({{line[1:]!r}}, shell=True, check=True)" if line.startswith("!") else line for line in cell.splitlines()
    )
    exec(compile(python, f"cell {{number}}", "exec"))
"""


def test_the_notebook_is_kept_without_outputs() -> None:
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in CELLS if cell["cell_type"] == "code")


@pytest.mark.pipeline
def test_the_notebook_runs_from_top_to_bottom(clone: Clone, tmp_path: Path) -> None:
    program = tmp_path / "cells.py"
    code = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]
    program.write_text(RUN.format(cells=code), encoding="utf-8")
    done = clone.attempt("sh", "-c", f"cd docs && exec {shlex.quote(sys.executable)} {program}", PYTHONPATH=str(clone.root / "src"))
    assert done.returncode == 0, done.stdout
    assert len((clone.root / "data/history/facades.csv").read_text().splitlines()) == 3, "a heading and two epochs"
    assert "inputs" in done.stdout
