"""Every command that README and the pages show can be given: its program knows the options, and what it names is there."""

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from dvc.cli import DvcParserError, parse_args
from dvc.utils.hydra import apply_overrides, get_hydra_sweeps
from mlflow.cli import cli as mlflow
from torch.distributed.run import get_args_parser

from benchmarks.__main__ import PARTS
from docs.make_commands import PAGE, page
from pix2pix.cli.main import build_parser
from pix2pix.config.params import load_active
from tests.docs.pages import PROSE, ROOT, TEXT, YAML_12, blocks
from tests.hostile.__main__ import parser
from tests.params import default_params, write_params

DATASETS = default_params()["datasets"]
SECTIONS = "runtime|download|prepare|model|train|infer|evaluate|tracking"


def flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, inner in tree.items():
        if isinstance(inner, dict):
            yield from flat(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


KEYS = set(flat(default_params()))


def commands() -> list[str]:
    """Every command, in blocks and in the text, each once."""
    in_blocks = "\n".join(body for _, body in blocks("bash")).replace("\\\n", " ").splitlines()
    output = "\n".join(body for _, body in blocks("")).replace("\\\n", " ")  # blocks of `pix2pix` with what it answers
    in_output = re.findall(r"^(?:\$ )?((?:pix2pix|torchrun) .+)$", output, re.MULTILINE)
    in_text = [span for text in PROSE.values() for span in re.findall(r"`((?:dvc|make|python -m|python|mlflow) [^`]+)`", text)]
    return list(dict.fromkeys(filter(None, [*in_blocks, *in_output, *in_text])))


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
    elif program == "pix2pix":
        check_pix2pix(arguments)
    elif program == "torchrun":
        assert get_args_parser().parse_args(arguments).training_script == "stages.train"
    elif program == "python":
        check_python(arguments)
    else:
        assert program in ("source", "git", "export", "pip", "pytest", "ruff", "cp"), "a command of a sort that this test does not know"
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
        assert given.cmd == "add" or (stage in stages and (not dataset or dataset in DATASETS))
    for sweep in get_hydra_sweeps({"params.yaml": getattr(given, "set_param", None) or []}):
        changed = write_params(tmp_path / "params.yaml")
        apply_overrides(changed, sweep["params.yaml"])
        load_active(changed)


def check_pix2pix(arguments: list[str]) -> None:
    """The command line knows the command and its options; only help ends it at once."""
    try:
        build_parser().parse_args(arguments)
    except SystemExit as ended:
        assert ended.code == 0, f"pix2pix {shlex.join(arguments)}"


def check_python(arguments: list[str]) -> None:
    """A module or script of this repository, and what it is given."""
    if arguments[:2] == ["-m", "benchmarks"]:
        assert set(arguments[2:]) <= set(PARTS)
    elif arguments[:2] == ["-m", "tests.hostile"]:
        parser().parse_args(arguments[2:])
    elif arguments[:2] == ["-m", "http.server"]:
        assert arguments[2:4] == ["--bind", "127.0.0.1"], "other machines must not reach it"
    elif arguments[0] == "-m":
        module, *datasets = arguments[1:]
        file = f"{module.replace('.', '/')}.py"
        assert (ROOT / file).is_file() or (ROOT / "src" / file).is_file()
        assert set(datasets) <= set(DATASETS)
    else:
        script, *stages = arguments
        assert (ROOT / script).is_file() and all((ROOT / f"stages/{stage}.py").is_file() for stage in stages)


def test_every_override_in_the_text_names_a_parameter() -> None:
    named = [key for text in TEXT.values() for key in re.findall(r"-S '?\"?([\w.]+)=", text)]
    assert len(named) > 20 and {key for key in named if key != "key"} <= KEYS


def test_every_parameter_in_the_text_is_one() -> None:
    spans = [key for text in PROSE.values() for key in re.findall(rf"`(?:-S )?((?:{SECTIONS})\.[a-z_0-9]+)[`=: ]", text)]
    named = {key for key in spans if not key.endswith((".json", ".onnx"))}
    assert len(named) > 20 and named <= KEYS


def test_the_reference_of_commands_is_what_the_command_line_says() -> None:
    assert (ROOT / PAGE).read_text(encoding="utf-8") == page(), "bring it up to date: python -m docs.make_commands"
