"""README.md promises nothing that is not there: datasets, commands, links and names are held against the repository itself."""

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from dvc.cli import DvcParserError, parse_args
from dvc.utils.hydra import apply_overrides, get_hydra_sweeps
from mlflow.cli import cli as mlflow
from ruamel.yaml import YAML

from benchmarks.__main__ import PARTS
from pix2pix.config.params import load_active
from pix2pix.download.catalogue import CATALOG
from tests.params import default_params, write_params

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
YAML_12 = YAML(typ="safe", pure=True)
PARAMS = default_params()
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROSE = FENCE.sub("", README)

DATASET_COLUMNS = ("from → to", "pictures", "recipe at `scale: paper`", "source", "terms")

Row = dict[str, str]


def tables(*columns: str) -> list[Row]:
    """Rows of all tables that have exactly these columns, by column."""
    found: list[Row] = []
    head: list[str] = []
    for line in PROSE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            head = []
        elif not head:
            head = cells
        elif head == list(columns) and not re.fullmatch(r"[\s|:-]+", line):
            found.append(dict(zip(head, cells, strict=True)))
    assert found, f"README.md has no table of {columns}"
    return found


def flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, inner in tree.items():
        if isinstance(inner, dict):
            yield from flat(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", inner


def test_the_datasets_are_described_as_the_catalogue_has_them() -> None:
    rows = tables("dataset", *DATASET_COLUMNS)
    assert [row["dataset"].strip("`") for row in rows] == list(PARAMS["datasets"])
    for row in rows:
        published = CATALOG[row["dataset"].strip("`")]
        assert row["terms"] == published.licence
        counts = ", ".join(f"{count:,} {split}" for split, count in published.splits.items())
        assert row["pictures"] == (counts or "what you bring")
        assert published.archive in row["source"] or "`published`" in row["source"]
        if published.bytes:
            assert f"{published.bytes // 1_000_000} MB" in row["source"]


@pytest.mark.skipif("PIX2PIX_AS_PUBLISHED" not in os.environ, reason="params.yaml is its user's; .ci/run compares the published one")
def test_the_recipes_of_the_datasets_are_those_of_params_yaml() -> None:
    rows = YAML_12.load((ROOT / "params.yaml").read_text(encoding="utf-8"))["scales"]["paper"]
    recipes = {row["dataset"].strip("`"): row["recipe at `scale: paper`"] for row in tables("dataset", *DATASET_COLUMNS)}
    assert recipes == {name: f"{row['epochs']} epochs, batch {row['batch_size']}" for name, row in rows.items()}


def test_every_measurement_in_git_is_explained() -> None:
    keys = {
        key
        for row in tables("key", "formula in words", "range", "better", "reference", "weights")
        for key in re.findall(r"`(\w+)`", row["key"])
    }
    for file in sorted((ROOT / "data/metrics").glob("*.json")):
        (figures,) = YAML_12.load(file.read_text()).values()
        assert set(figures) <= keys, file.name


def commands() -> list[str]:
    """Every command that the file shows, in blocks and in the text, each once."""
    blocks = "\n".join(body for language, body in FENCE.findall(README) if language == "bash").replace("\\\n", " ")
    spans = re.findall(r"`((?:dvc|make|python -m|python|mlflow) [^`]+)`", PROSE)
    return list(dict.fromkeys([*filter(None, blocks.splitlines()), *spans]))


@pytest.mark.parametrize("command", commands())
def test_a_command_that_is_shown_can_be_given(command: str, tmp_path: Path) -> None:
    program, *arguments = shlex.split(command.replace("<stage>", "train"), comments=True)
    if program == "make":
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert [word for word in arguments if "=" not in word and word not in targets] == []
    elif program == "dvc":
        check_dvc(arguments, tmp_path)
    elif program == "mlflow":
        mlflow.commands[arguments[0]].make_context(program, arguments[1:])  # raises where it does not know an option
    elif program == "python" and arguments[:2] == ["-m", "benchmarks"]:
        assert set(arguments[2:]) <= set(PARTS)
    elif program == "python" and arguments[0] == "-m":
        module, *datasets = arguments[1:]
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file() and set(datasets) <= set(PARAMS["datasets"])
    elif program == "python":
        script, *stages = arguments
        assert (ROOT / script).is_file() and all((ROOT / f"stages/{stage}.py").is_file() for stage in stages)
    else:
        assert program in ("source", "git", "export"), "a command of a sort that this test does not know"
        paths = [word for word in arguments if (ROOT / word).suffix in (".yaml", ".lock")]
        assert all((ROOT / path).is_file() for path in paths)


def check_dvc(arguments: list[str], tmp_path: Path) -> None:
    """DVC knows the options, every `-S` names a parameter, and what comes of it passes the check that the stages make first."""
    try:
        given = parse_args(arguments)
    except DvcParserError:
        pytest.fail(f"dvc {shlex.join(arguments)}: DVC does not know that")
    stages: dict[str, Any] = YAML_12.load((ROOT / "dvc.yaml").read_text())["stages"]
    targets = getattr(given, "targets", None) or []
    for stage, _, dataset in (target.partition("@") for target in ([targets] if isinstance(targets, str) else targets)):
        assert stage in stages and (not dataset or dataset in PARAMS["datasets"])
    for sweep in get_hydra_sweeps({"params.yaml": getattr(given, "set_param", None) or []}):
        params = write_params(tmp_path / "params.yaml")
        apply_overrides(params, sweep["params.yaml"])
        load_active(params)


def test_every_override_in_the_text_names_a_parameter() -> None:
    named = re.findall(r"-S '?\"?([\w.]+)=", README)
    assert len(named) > 20 and {key for key in named if key != "key"} <= dict(flat(PARAMS)).keys()


def test_the_rows_of_an_eighth_dataset_can_be_copied_as_they_are(tmp_path: Path) -> None:
    (block,) = (body for language, body in FENCE.findall(README) if language == "yaml")
    added = YAML_12.load(block)
    assert set(added["datasets"]) == set(added["active"]) - set(PARAMS["active"])
    merged = {
        **PARAMS,
        "active": added["active"],
        "datasets": {**PARAMS["datasets"], **added["datasets"]},
        "scales": {scale: {**rows, **added["scales"][scale]} for scale, rows in PARAMS["scales"].items()},
    }
    path = write_params(tmp_path / "params.yaml", merged)
    assert [settings.dataset for settings in load_active(path)] == added["active"]


def test_links_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", PROSE, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for link in re.findall(r"\]\(([^)]+)\)", PROSE):
        if link.startswith("#"):
            assert link[1:] in anchors, link
        elif not link.startswith("https://"):
            assert (ROOT / link).exists(), link


def test_the_contents_list_every_chapter_in_order() -> None:
    chapters = [title for title in re.findall(r"^## (.+)$", PROSE, re.MULTILINE) if title != "Contents"]
    assert re.findall(r"^\d+\. \[(.+)\]", PROSE, re.MULTILINE) == chapters


def test_the_layout_names_files_and_folders_that_are_there() -> None:
    (block,) = (body for language, body in FENCE.findall(README) if language == "text")
    folder = Path()
    for indent, name in re.findall(r"^( *)([\w./]+)", block, re.MULTILINE):
        path = folder / name if indent else Path(name)
        folder = folder if indent else path
        assert (ROOT / path).exists(), path


def test_the_picture_is_small_enough_for_a_page() -> None:
    assert (ROOT / "docs/overview.png").stat().st_size < 300_000
