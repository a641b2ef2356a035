"""A stage depends on exactly the code it imports: less would publish stale results, more would train again for nothing."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.pipeline import imports
from tests.pipeline.clone import executed
from tests.pipeline.conftest import Reproduced

STAGES = YAML(typ="safe").load(imports.ROOT / "dvc.yaml")["stages"]


def code_deps(stage: str) -> list[str]:
    return [dep for dep in STAGES[stage]["deps"] if dep.startswith(("src/", "stages/"))]


@pytest.mark.pipeline
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_the_packages_that_it_imports_and_on_no_others(stage: str) -> None:
    needed, listed = imports.folded(imports.imported_files(imports.ROOT / "stages" / f"{stage}.py")), code_deps(stage)
    lines = "".join(f"\n      - {name}" for name in sorted(needed))
    assert listed == sorted(needed), f"dvc.yaml, stage {stage}: the code lines of its deps should be{lines}"


@pytest.mark.pipeline
def test_every_program_in_stages_is_a_stage() -> None:
    rooms = {path.stem for path in (imports.ROOT / "stages").glob("*.py") if '__name__ == "__main__"' in path.read_text()}
    assert rooms == set(STAGES)


@pytest.mark.pipeline
def test_no_stage_reads_the_metrics_that_git_keeps() -> None:
    # DVC takes away what it has put there when another set of chains becomes active, and leaves what Git keeps
    assert not [dep for stage in STAGES.values() for dep in stage["deps"] if dep.startswith("data/metrics")]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small repository whose program imports in every way that Python has."""
    files = {
        "stages/__init__.py": "import sys",
        "stages/work.py": (
            "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from pix2pix import types_only\n"
            "def work():\n    def inner():\n        from pix2pix.deep import nested\n        import pix2pix.lazy\n"
        ),
        "src/pix2pix/__init__.py": '"""Nothing but words."""',
        "src/pix2pix/lazy.py": 'from pix2pix.report import pages\nPAGE = "page/page.html"',
        "src/pix2pix/deep/__init__.py": "FOUND = True",
        "src/pix2pix/deep/nested.py": "from pix2pix import tracking",
        "src/pix2pix/tracking/__init__.py": "from pix2pix import only_watched",
        "src/pix2pix/report/pages.py": "import numpy",
        "src/pix2pix/page/page.html": '{% include "page/part.css" %}',
        "src/pix2pix/page/part.css": "",
        "src/pix2pix/page/unused.html": "",
        "src/pix2pix/types_only.py": "X = 1",
        "src/pix2pix/only_watched.py": "X = 1",
        "src/pix2pix/unused.py": "X = 1",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(imports, "ROOT", tmp_path)
    monkeypatch.setattr(imports, "TEMPLATES", tmp_path / "src/pix2pix")
    return tmp_path / "stages/work.py"


@pytest.mark.pipeline
def test_imports_are_found_in_functions_in_modules_and_in_templates_and_what_only_watches_is_not(program: Path) -> None:
    assert imports.imported_files(program) == {
        "stages/work.py",
        "src/pix2pix/lazy.py",
        "src/pix2pix/deep/__init__.py",
        "src/pix2pix/deep/nested.py",
        "src/pix2pix/report/pages.py",
        "src/pix2pix/page/page.html",
        "src/pix2pix/page/part.css",
    }


@pytest.mark.pipeline
def test_a_relative_import_is_refused_as_it_would_be_overlooked(program: Path) -> None:
    program.write_text("from . import paths")
    with pytest.raises(AssertionError, match=r"work\.py, line 1"):
        imports.imported_files(program)


@pytest.mark.pipeline
def test_no_stage_imports_what_its_source_does_not_show(reproduced: Reproduced) -> None:
    imported = reproduced.imported()
    assert set(imported) == set(executed(reproduced.output))
    for name, modules in imported.items():
        stage = name.partition("@")[0]
        really = imports.listed(file for module in modules for file in imports.files_of(module))
        assert "src/pix2pix/config/settings.py" in really
        assert really <= imports.imported_files(imports.ROOT / "stages" / f"{stage}.py") | imports.watching_needs()
