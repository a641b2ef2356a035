"""Load params.yaml as frozen, typed settings of one dataset. All stages and commands read their parameters here.

The whole file is validated first: unknown keys, wrong types, values out of range, missing rows, impossible combinations. One UserError
lists all problems, each with its key as the user types it and a way to fix it.
"""

from pathlib import Path

from ruamel.yaml import YAML

from pix2pix.config.params_file import WANTED, ParamsFile
from pix2pix.config.rules import impossible, missing_rows
from pix2pix.config.settings import Settings
from pix2pix.config.validate import check
from pix2pix.errors import UserError


def load_active(path: Path) -> list[Settings]:
    """Validate the file and return the settings of every active dataset.

    Raises UserError with every problem found.
    """
    file = load_file(path)
    return [file.resolve(dataset) for dataset in file.active]


def load_settings(path: Path, dataset: str) -> Settings:
    """Validate the file and return the settings of one dataset, active or not.

    Raises UserError with every problem found; a dataset without rows is one of them.
    """
    return load_file(path, dataset).resolve(dataset)


def load_file(path: Path, *datasets: str) -> ParamsFile:
    """Validate the file for its active datasets and for `datasets`, and return it with nulls not yet resolved.

    Raises UserError with every problem found.
    """
    problems: list[str] = []
    values = check(WANTED, _read(path), "", problems, f"`git diff {path.name}` shows what was there")
    _stop_at(problems, path)
    file = ParamsFile.of(values)
    chains = sorted({*file.active, *datasets})
    _stop_at(list(missing_rows(file, chains)), path)  # stop here: missing rows would cause follow-up problems
    _stop_at(list(impossible(file, chains)), path)
    return file


def _read(path: Path) -> object:
    try:
        # DVC reads and writes the file as YAML 1.2 with ruamel.yaml: 1e-05 is a number. In PyYAML (YAML 1.1) it is a string.
        tree = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run from the folder that holds it, or bring it back with `git checkout {path.name}`") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except Exception as error:  # YAMLError, and what ruamel.yaml does not wrap: a date with month 99, a value that does not fit its tag
        raise UserError(f"{path} is not valid YAML: {error}") from None
    if not isinstance(tree, dict):
        raise UserError(f"{path} must hold keys and values, such as `scale: sample`")
    return tree


def _stop_at(problems: list[str], path: Path) -> None:
    if problems:
        lines = "".join(f"\n  - {problem}" for problem in dict.fromkeys(problems))  # datasets that share a value report the same problem
        count = "a problem" if lines.count("\n  - ") == 1 else f"{lines.count(chr(10))} problems"
        raise UserError(f"{path.name} has {count}:{lines}")
