"""What a bare machine needs is pinned, the make targets are there, and nothing is installed twice."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from dvc.repo import Repo
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pix2pix.system.extras import DISTRIBUTION
from tests.pipeline.imports import ROOT

TARGETS = ("repro", "test", "ui", "bench")
INSTALLED = ("requirements.txt", "constraints.txt", "pyproject.toml")
PINNED = ("requirements.txt", "requirements-test.txt")


def pins(name: str) -> list[Requirement]:
    """The requirements of a file, without comments and options."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def versions(name: str) -> dict[str, str]:
    return {canonicalize_name(pin.name): str(pin.specifier) for pin in pins(name)}


@pytest.mark.parametrize("name", [*PINNED, "requirements-docs.txt", "constraints.txt"])
def test_every_version_is_pinned_and_no_requirement_stands_twice(name: str) -> None:
    assert pins(name)
    assert [str(pin) for pin in pins(name) if not re.fullmatch(r"==[^*,]+", str(pin.specifier))] == []
    names = [canonicalize_name(pin.name) for pin in pins(name)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", PINNED)
def test_the_constraints_agree_with_the_requirements_and_are_used(name: str) -> None:
    wanted, constrained = versions(name), versions("constraints.txt") | versions("requirements.txt")
    assert {key: (wanted[key], constrained[key]) for key in wanted.keys() & constrained.keys() if wanted[key] != constrained[key]} == {}
    assert "-c constraints.txt" in (ROOT / name).read_text().splitlines()


@pytest.mark.parametrize("name", PINNED)
def test_every_requirement_says_why_it_is_there(name: str) -> None:
    reason = ""
    for line in (ROOT / name).read_text().splitlines():
        if not line or line.startswith("#"):
            reason = line  # a section's heading counts for the lines below it, up to an empty one
        elif not line.startswith("-"):
            assert reason or "#" in line, line


def test_every_library_of_the_extras_is_pinned_and_every_extra_named_in_the_guide() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    pinned = {**versions("requirements.txt"), **versions("requirements-test.txt"), **versions("requirements-docs.txt")}
    tried = [text for name, texts in extras.items() if name != "heif" for text in texts]  # no stage or test reads HEIF
    wanted = [Requirement(text) for text in (*project["dependencies"], *tried) if not text.startswith(project["name"])]
    assert [str(it) for it in wanted if not it.specifier.contains(pinned[canonicalize_name(it.name)].removeprefix("=="))] == []
    guide = (ROOT / "docs/guide/start.md").read_text(encoding="utf-8")
    assert [name for name in extras if f"| `{name}` |" not in guide] == []
    assert project["name"] == DISTRIBUTION


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder in which `make` finds what it looks at."""
    for name in ("Makefile", "requirements-test.txt", *INSTALLED):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path


def planned(machine: Path, *targets: str) -> str:
    """What `make` would do."""
    make = ["make", "--dry-run", "--no-print-directory", *targets]
    env = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(make, cwd=machine, env=env, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("target", TARGETS)
def test_a_bare_machine_installs_first(machine: Path, target: str) -> None:
    plan = planned(machine, target)
    assert plan.index("venv") < plan.index("pip install") < plan.rindex("activate")


@pytest.mark.parametrize("target", TARGETS)
def test_a_second_call_installs_nothing(machine: Path, target: str) -> None:
    (machine / ".venv").mkdir()
    (machine / ".venv/.ready").touch()
    (machine / ".venv/.ready-test").touch()
    assert "pip" not in planned(machine, target)


@pytest.mark.parametrize("name", INSTALLED)
def test_a_changed_pin_installs_again(machine: Path, name: str) -> None:
    (machine / ".venv").mkdir()
    ready = machine / ".venv/.ready"
    ready.touch()
    os.utime(machine / name, (ready.stat().st_mtime + 10,) * 2)
    assert "pip install" in planned(machine, "repro")


def test_the_pipeline_s_user_does_not_install_the_tests(machine: Path) -> None:
    assert "requirements-test.txt" not in planned(machine, "repro") and "requirements-test.txt" in planned(machine, "test")


def test_pytorch_without_cuda_comes_from_its_own_index_in_the_pinned_version(machine: Path) -> None:
    plan = planned(machine, "repro", "TORCH=cpu")
    assert plan.index("https://download.pytorch.org/whl/cpu") < plan.index("-r requirements.txt")
    (torch, vision) = re.findall(r"^torch(?:vision)?==[\d.]+", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    script = re.search(r"\$\((sed .*requirements\.txt)\)", plan)
    assert script
    done = subprocess.run(["bash", "-c", script[1]], cwd=machine, check=True, capture_output=True, text=True)
    assert done.stdout.split() == [f"{torch}+cpu", f"{vision}+cpu"]


def test_dvc_s_registry_names_the_models_of_the_three_default_datasets() -> None:
    artifacts = Repo(str(ROOT)).artifacts.read()["dvc.yaml"]
    assert {name: it.path for name, it in artifacts.items()} == {name: f"data/models/{name}" for name in ("facades", "food", "anime")}
    assert {it.type for it in artifacts.values()} == {"model"}


def test_every_phony_target_has_a_recipe(machine: Path) -> None:
    makefile = (machine / "Makefile").read_text()
    phony = {name for line in re.findall(r"^\.PHONY:(.*)$", makefile, re.MULTILINE) for name in line.split()}
    rules = set(re.findall(r"^([\w-]+):(?!=)", makefile, re.MULTILINE))
    assert phony - rules == set()


def test_what_ci_runs_is_what_a_person_runs_and_the_lock_must_come_out_again() -> None:
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    lines = script.read_text().splitlines()
    order = [lines.index(line) for line in ("make test", "make repro", "git diff --exit-code dvc.lock data/metrics || {")]
    assert order == sorted(order)
    assert "set -euo pipefail" in lines
