"""docs/reference/parameters.md and the comments of params.yaml say what the definitions say."""

import os
import re
from dataclasses import fields
from difflib import ndiff
from pathlib import Path
from typing import Any

import pytest
from dvc.utils.hydra import apply_overrides
from ruamel.yaml import YAML

from pix2pix.config.constraints import Doc, annotations, choices, find
from pix2pix.config.params_file import SECTIONS, keys, row_keys
from pix2pix.config.reference import ROWS, comment, reference
from pix2pix.config.settings import Settings
from tests.params import default_params

ROOT = Path(__file__).resolve().parents[2]
KINDS: dict[str, Any] = {"": Settings, **SECTIONS}


def comments() -> dict[str, str]:
    """Comments at the end of a key's line in params.yaml, by dotted key; those of keys that a person has left without one are missing."""
    found, section = {}, ""
    for line in (ROOT / "params.yaml").read_text(encoding="utf-8").splitlines():
        indent, key, text = re.fullmatch(r"(\s*)(?:(\w+):)?(?:[^#]|(?<!\s)#)*(?:#\s*(.*))?", line).groups()
        if key and not indent:
            section = key
        if key and text:
            found[key if not indent else f"{section}.{key}"] = text.strip()
    return found


def test_the_reference_is_made_from_the_definitions() -> None:
    made = (ROOT / "docs/reference/parameters.md").read_text(encoding="utf-8")
    assert made == reference(), "python -m pix2pix.config.reference > docs/reference/parameters.md"


def test_the_reference_has_every_key_and_every_choice() -> None:
    known = {name: {key: annotations(kind)[key] for key in keys(kind)} for name, kind in KINDS.items()}
    for name, wanted in {**known, **{table: row_keys(table) for table in ROWS}}.items():
        for key, annotation in wanted.items():
            (row,) = re.findall(rf"^\| `{f'{name}.' if name in SECTIONS else ''}{key}` .*$", section_of(name), re.MULTILINE)
            assert find(annotation, Doc).text in row
            assert [choice for choice in choices(annotation) if f"`{choice}`" not in row] == []


def section_of(name: str) -> str:
    return reference().partition(f"## `{name}`" if name else "## Top of the file")[2].partition("\n## ")[0]


def test_a_comment_of_params_yaml_is_the_keys_line_of_doc() -> None:
    found = comments()
    known = {f"{name}.{key}".strip("."): comment(annotations(kind)[key]) for name, kind in KINDS.items() for key in keys(kind)}
    wrong = [f"{key}: …  # {text}" for key, text in known.items() if found.get(key, text) != text]
    assert not wrong, "lines of params.yaml:\n" + "\n".join(wrong)
    assert len(found.keys() & known.keys()) > 50
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    for key in ("kind", "direction", "eval_split", "source"):
        assert f"# {key}: {comment(annotations(Settings)[key])}\n" in text


@pytest.mark.skipif("PIX2PIX_AS_PUBLISHED" not in os.environ, reason="params.yaml is its user's; .ci/run compares the published one")
def test_params_yaml_is_published_with_the_defaults_each_with_its_comment() -> None:
    published, defaults = YAML(typ="safe", pure=True).load((ROOT / "params.yaml").read_text(encoding="utf-8")), default_params()
    assert {key: published[key] for key in published if key not in ROWS} == {key: defaults[key] for key in defaults if key not in ROWS}
    assert {f"{name}.{key}".strip(".") for name, kind in KINDS.items() for key in keys(kind)} <= comments().keys()
    recipes = published["recipes"]
    assert all(row in (recipes["paper"][scale], recipes["better"][scale]) for scale, row in recipes["auto"].items()), "auto repeats a row"
    assert recipes["auto"].keys() == published["scales"].keys()


@pytest.mark.parametrize(("change", "lines"), [("train.epochs=70", 1), ("scales.paper.maps.epochs=7", 1), ("active=[maps]", 3)])
def test_dvc_changes_no_other_line_of_params_yaml(change: str, lines: int, tmp_path: Path) -> None:
    before, copy = (ROOT / "params.yaml").read_text(encoding="utf-8"), tmp_path / "params.yaml"
    copy.write_text(before, encoding="utf-8")
    apply_overrides(copy, [change])  # what `dvc exp run -S` calls
    gone = [line for line in ndiff(before.splitlines(), copy.read_text(encoding="utf-8").splitlines()) if line.startswith("- ")]
    assert len(gone) <= lines, "params.yaml is not in the form that DVC writes:\n" + "\n".join(gone)


def test_settings_without_a_doc_are_no_keys() -> None:
    undocumented = {(name, field.name) for name, kind in SECTIONS.items() for field in fields(kind) if field.name not in keys(kind)}
    assert undocumented == {("model", "crop_size")}  # which is prepare's
