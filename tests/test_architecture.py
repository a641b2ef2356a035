"""Imports between packages go down only, and no chain of them is long: docs/architecture.md draws the same map."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ROOT / "src" / "pix2pix"
# From top to bottom: a package imports from lines below its own, never from its own line or above.
LAYERS = (
    {"stages", "cli"},
    {"__init__"},
    {"runs"},
    {"compare", "datasets", "demo", "export", "film", "import_", "predict", "process", "report", "summary"},
    {"evaluate", "prepare", "train"},
    {"download"},
    {"tracking"},
    {"inference"},
    {"metrics", "pages", "synthetic"},
    {"models"},
    {"data"},
    {"repository", "system"},
    {"config"},
    {"errors"},
)
LEVEL = {package: level for level, packages in enumerate(LAYERS) for package in packages}
DEEPEST = 8  # packages on the longest chain of imports, errors.py and the API's names not counted
WITH_TORCH_ALONE = ("metrics", "models", "train")
THERE = {"torch", "torchvision", "numpy", "PIL", "safetensors", "pix2pix"}


def modules() -> dict[str, Path]:
    """Dotted name -> file of every module of the program."""
    files = [*PACKAGES.rglob("*.py"), *(ROOT / "stages").glob("*.py")]
    names = [file.relative_to(ROOT / "src" if PACKAGES in file.parents else ROOT).with_suffix("").parts for file in files]
    return {".".join(name[:-1] if name[-1] == "__init__" else name): file for name, file in zip(names, files, strict=True)}


MODULES = modules()


@cache
def imported(module: str, *, types: bool = True) -> frozenset[str]:
    """Modules of the program that a module imports, also within functions, and with `types` those that only type checkers read."""
    found: set[str] = set()
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    if not types:
        tree.body = [node for node in tree.body if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found.update(name if name in MODULES else node.module for name in names)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return frozenset(found & MODULES.keys() - {module})


def package(module: str) -> str:
    """The package of a module: `train` of pix2pix.train.loop, `__init__` of pix2pix."""
    first, *rest = module.split(".")
    return first if first != "pix2pix" else rest[0] if rest else "__init__"


def arrows() -> Iterator[tuple[str, str]]:
    """(importing module, imported module) of different packages."""
    for module in MODULES:
        yield from ((module, other) for other in imported(module) if package(other) != package(module))


def test_every_package_has_its_layer() -> None:
    there = {package(module) for module in MODULES}
    assert there == set(LEVEL), "LAYERS of this file"


def test_the_page_draws_the_same_map() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8").partition("## The map")[2].partition("\n## ")[0]
    drawn = re.findall(r"^\| `(\w+)(?:/|\.py)` \|", text, re.MULTILINE)  # without train/engine/, a part of train/
    assert set(drawn) == set(LEVEL), "docs/architecture.md, The map"
    assert [LEVEL[name] for name in drawn] == sorted(LEVEL[name] for name in drawn), "rows from top to bottom"


def test_imports_between_packages_go_down() -> None:
    wrong = [f"{one} imports {other}" for one, other in arrows() if LEVEL[package(other)] <= LEVEL[package(one)]]
    assert not wrong


def test_no_modules_import_each_other_in_a_circle() -> None:
    tuple(TopologicalSorter({module: imported(module, types=False) for module in MODULES}).static_order())


def test_no_chain_of_packages_is_longer_than_eight() -> None:
    below: dict[str, set[str]] = {name: set() for name in LEVEL}
    for one, other in arrows():
        below[package(one)].add(package(other))

    @cache
    def depth(name: str) -> int:
        return 0 if name == "errors" else (name != "__init__") + max((depth(other) for other in below[name]), default=0)

    assert {name: depth(name) for name in LEVEL if depth(name) > DEEPEST} == {}


@pytest.mark.parametrize("name", WITH_TORCH_ALONE)
def test_training_needs_pytorch_and_no_other_library(name: str) -> None:
    """A GPU machine with only PyTorch on it trains from a prepared folder; an import within a function is the caller's choice."""
    waiting, reached, foreign = [module for module in MODULES if package(module) == name], set(), set()
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            names = imported_at_once(MODULES[module])
            foreign |= {f"{module} imports {other}" for other in names if other.partition(".")[0] not in THERE}
            waiting += [other for other in names if other in MODULES]
    assert not foreign


def imported_at_once(file: Path) -> set[str]:
    """Modules from outside the standard library that Python imports together with this one."""
    names: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {full if (full := f"{node.module}.{alias.name}") in MODULES else node.module for alias in node.names}
    return {name for name in names if name.partition(".")[0] not in sys.stdlib_module_names}
