"""Validate untrusted values against the annotations of settings fields. All problems are collected, each with its key."""

import difflib
import re
import sys
import typing
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar

from pix2pix.config.constraints import NAME, WORDS, Choice, Limit, alternatives, annotations
from pix2pix.errors import UserError

AnySettings = TypeVar("AnySettings")
_MOVED = {("datasets", "flip"): "scales.<scale>"}  # (section, key of its rows in earlier versions) -> where rows have it now


def validated(kind: type[AnySettings], values: object, name: str) -> AnySettings:
    """Validate an untrusted mapping and return it as settings of type `kind`.

    Lists become tuples; a field with a default may be missing. `name` is the mapping's own key, which begins each reported key.
    Raises UserError with every problem: unknown and missing keys, wrong types, values out of range.
    """
    problems: list[str] = []
    optional = {field.name for field in fields(kind) if field.default is not MISSING}  # type: ignore[arg-type]
    settings = _check_group(annotations(kind), values, name, problems, optional=optional)
    if problems:
        raise UserError("\n".join(problems))
    return kind(**settings)


@dataclass(frozen=True)
class Rows:
    """A mapping whose keys the user chooses. `row`: the schema of each value; `optional`: keys that a value may lack."""

    row: Any
    optional: Collection[str] = ()


def check(wanted: Any, value: object, key: str, problems: list[str], way_out: str = "") -> Any:
    """Convert `value` for the settings: lists to tuples, whole numbers to floats for float fields.

    wanted: the schema: an annotation, a mapping of keys to schemas, or `Rows`. key: the value's dotted key, "" for the whole file.
    way_out: what the message about a missing key advises. problems: receives the messages; if any, the result is unusable.
    """
    if not isinstance(wanted, Mapping | Rows):
        return _check_value(wanted, value, key, problems)
    if isinstance(wanted, Rows) and isinstance(value, dict):
        return {str(name): _check_row(wanted, name, row, key, problems) for name, row in value.items()}
    return _check_group(wanted, value, key, problems, way_out)


def allowed(annotation: Any) -> str:
    """What an annotation allows, as text to complete "must be …"."""
    return ", or ".join(_words(kind, limit) for kind, limit in alternatives(annotation))


def _check_row(rows: Rows, name: object, row: object, key: str, problems: list[str]) -> Any:
    if not isinstance(name, str) or not re.fullmatch(NAME, name):
        problems.append(f"{key}.{name}: a name must be of letters, digits, - and _, and in quotes where it is a number; rename it")
    at, wanted = f"{key}.{name}", rows.row
    if not isinstance(wanted, Mapping):
        return check(wanted, row, at, problems)
    needs = f"the row {at} needs {', '.join(key for key in wanted if key not in rows.optional)}; another row of {key} can be copied"
    return _check_group(wanted, row, at, problems, needs, optional=rows.optional)


def _check_group(
    wanted: Any, value: object, key: str, problems: list[str], way_out: str = "", *, optional: Collection[str] = ()
) -> dict[str, Any]:
    if not isinstance(value, dict):
        problems.append(f"{key} = {as_yaml(value)}: must be a group of keys and values")
        return {}
    at, checked = f"{key}." if key else "", {}
    for name, inner in wanted.items():
        if name in value:
            checked[name] = check(inner, value[name], f"{at}{name}", problems, way_out)
        elif name not in optional:
            problems.append(f"{at}{name} is missing" + (f"; {way_out}" if way_out else ""))
    for name in value:
        if name not in wanted:
            close = difflib.get_close_matches(str(name), wanted, n=1)
            hint = f"did you mean {at}{close[0]}?" if close else f"there are {', '.join(wanted)}"
            section, _, row = key.partition(".")
            if (section, name) in _MOVED:
                hint = f"move it to each row {_MOVED[section, name]}.{row}"
            problems.append(f"{at}{name}: there is no such key; {hint}")
    return checked


def _check_value(annotation: Any, value: object, key: str, problems: list[str]) -> Any:
    for kind, limit in alternatives(annotation):
        if _is(kind, value) and (limit is None or limit.holds(value)):
            if isinstance(value, list | tuple):
                (item, *_) = typing.get_args(kind)
                return tuple(_check_value(item, part, f"{key}.{place}", problems) for place, part in enumerate(value))
            return float(value) if kind is float else value  # type: ignore[arg-type]
    problems.append(f"{key} = {as_yaml(value)}: must be {allowed(annotation)}")
    return None


def _is(kind: Any, value: object) -> bool:
    """Whether a value has a type. A bool is not a number; a number must be finite."""
    if kind is float:
        return type(value) in (int, float) and abs(value) <= sys.float_info.max  # type: ignore[arg-type]
    if typing.get_origin(kind) is tuple:
        return isinstance(value, list | tuple)
    if typing.get_origin(kind) is typing.Literal:
        return type(value) is str and value in typing.get_args(kind)
    return type(value) is kind


def _words(kind: Any, limit: Limit | Choice | None) -> str:
    if limit is not None:
        return limit.words
    if typing.get_origin(kind) is tuple:
        return f"a list, each {allowed(typing.get_args(kind)[0])}"
    return " or ".join(typing.get_args(kind)) if typing.get_origin(kind) is typing.Literal else WORDS[kind]


def as_yaml(value: object) -> str:
    """A value as text, with null, true and false as in YAML."""
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
