"""What a program imports from this repository, read from its source: also inside functions, and through other modules."""

import ast
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from pix2pix.metrics.registry import METRICS

ROOT = Path(__file__).resolve().parents[2]
# Recording changes no output, and neither does the Python API, which is imported when its names are used: editing them must rerun nothing.
WATCHING, API = "src/pix2pix/tracking/", "src/pix2pix/__init__.py"
TEMPLATES = ROOT / "src/pix2pix"
REGISTRY = ROOT / "src/pix2pix/metrics/registry.py"  # which names the modules of its metrics, to import them when they are used


def imported_files(program: Path) -> set[str]:
    """Files that `program` needs, itself included, as paths from the root; without empty __init__.py and what only records."""
    found: set[Path] = set()
    waiting = [program]
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.add(file)
        if WATCHING in file.as_posix() or file == ROOT / API:
            continue
        waiting += _templates(file)
        if file.suffix == ".py":
            for name in _imports(file):
                waiting += files_of(name)
    return listed(found)


def watching_needs() -> set[str]:
    """Files that the recording of runs imports, also through other modules, as paths from the root: every stage imports them with it."""
    modules = [file for file in (ROOT / WATCHING).rglob("*.py") if "__pycache__" not in file.parts]
    needed = {file for module in modules for name in _imports(module) for file in files_of(name)}
    return {name for file in needed for name in imported_files(file)}


def listed(files: Iterable[Path]) -> set[str]:
    """Those of `files` that dvc.yaml must name, as paths from the root: without empty __init__.py and what only records."""
    names = {file.relative_to(ROOT).as_posix() for file in files if not _is_empty(file)}
    return {name for name in names if not name.startswith(WATCHING) and name != API}


def folded(files: Iterable[str]) -> set[str]:
    """The entries of dvc.yaml for these files: the package of a module, a module outside packages, a file in stages/."""
    return {"/".join(Path(name).parts[:3]) for name in files}


def unfolded(names: Iterable[str]) -> set[str]:
    """The files of these entries: a file itself, or all files of a folder."""
    inside = (path for name in names for path in ((ROOT / name).rglob("*") if (ROOT / name).is_dir() else [ROOT / name]))
    return listed(path for path in inside if path.is_file() and path.suffix != ".pyc")


def files_of(name: str) -> list[Path]:
    """Files of this repository that are read when Python imports the module `name`, or a name out of a module."""
    parts = name.split(".")
    base = {"pix2pix": ROOT / "src", "stages": ROOT}.get(parts[0])
    if base is None:
        return []
    path = base.joinpath(*parts)
    packages = [base.joinpath(*parts[: i + 1]) / "__init__.py" for i in range(len(parts))]
    return [file for file in (*packages, path.with_suffix(".py")) if file.is_file()]


def _is_empty(file: Path) -> bool:
    """Whether a module holds nothing but a docstring."""
    return file.suffix == ".py" and all(isinstance(node, ast.Expr) for node in ast.parse(file.read_text()).body)


def _templates(file: Path) -> list[Path]:
    """Templates that a module, or another template, names in quotes."""
    named = re.findall(r"""["']([\w/-]+\.(?:html|css|js))["']""", file.read_text())
    return [TEMPLATES / name for name in named if (TEMPLATES / name).is_file()]


def _imports(file: Path) -> set[str]:
    registered = METRICS if file == REGISTRY else ()
    names = {f"pix2pix.metrics.{metric.function.partition(':')[0]}" for metric in registered if metric.function}
    for node in _executed(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module and not node.level, f"{file}, line {node.lineno}: spell the module from its package on, `from pix2pix...`"
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _executed(tree: ast.AST) -> list[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING`."""
    nodes: list[ast.AST] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node)
    return nodes


if __name__ == "__main__":  # python tests/pipeline/imports.py train: the lines for dvc.yaml
    for name in sorted(folded(imported_files(ROOT / "stages" / f"{sys.argv[1]}.py"))):
        print(f"      - {name}")
