"""The notebook runs from top to bottom in a clone, as a person runs it, and is kept without outputs."""

import json
import os
import shlex
from typing import Any

import pytest

from tests.docs.pages import ROOT
from tests.pipeline.clone import Clone

CELLS: list[dict[str, Any]] = json.loads((ROOT / "docs/notebook.ipynb").read_text(encoding="utf-8"))["cells"]


def test_the_notebook_is_kept_without_outputs() -> None:
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in CELLS if cell["cell_type"] == "code")


@pytest.mark.pipeline
def test_the_notebook_runs_from_top_to_bottom(clone: Clone) -> None:
    names: dict[str, Any] = {}
    printed = ""
    with clone.entered():
        os.chdir("docs")
        for code in ("".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"):
            if code.startswith("!"):  # a command of the shell
                program, *arguments = shlex.split(code[1:])
                printed = {"dvc": clone.dvc, "pix2pix": clone.pix2pix}[program](*arguments)
            else:
                exec(compile(code, "cell", "exec"), names)
    assert len((clone.root / "data/history/facades.csv").read_text().splitlines()) == 3, "a heading and two epochs"
    assert "inputs" in printed
