"""What pydantic found wrong in params.yaml, in words for the person who wrote it."""

import difflib
import types
import typing
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel

from pix2pix.config.schema import ParamsFile


def explain(error: Any) -> str:
    """One validation error of `ParamsFile` as a line: the key as the user types it, the value, and the way out."""
    loc = [str(part) for part in error["loc"]]
    key = ".".join(loc)
    if error["type"] == "extra_forbidden":
        known = list(_model_at(loc[:-1]).model_fields)
        close = difflib.get_close_matches(loc[-1], known, n=1)
        hint = f"did you mean {'.'.join(loc[:-1] + close)}?" if close else f"there are {', '.join(known)}"
        return f"{key}: there is no such key; {hint}"
    if error["type"] == "invalid_key" or loc[-1] == "[key]":
        name = ".".join(loc).removesuffix(".[key]")
        return f"{name}: a name must be of letters, digits, - and _, and in quotes where it is a number; call it otherwise"
    if error["type"] == "missing":
        return f"{key} is missing; {_way_out(loc)}"
    if error["type"] in ("model_type", "dict_type"):
        return f"{key} = {_as_typed(error['input'])}: must be a group of keys and values"
    return f"{key} = {_as_typed(error['input'])}: must be {_wanted(loc)}"


def _as_typed(value: object) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)


def _way_out(loc: list[str]) -> str:
    """What to do about a missing key: a row of one's own is completed from another one, the rest is brought back."""
    row = loc[:-1]
    if row[:1] in (["datasets"], ["scales"]) and len(loc) > 2:
        fields = ", ".join(_model_at(row).model_fields)
        return f"the row {'.'.join(row)} needs {fields}; another row of {'.'.join(row[:-1])} can be copied"
    return "`git diff params.yaml` shows what was there"


def _annotation_at(loc: list[str]) -> tuple[Any, str | None]:
    """Type that stands at a place of the file, with its description where it has one."""
    annotation: Any = ParamsFile
    description: str | None = None
    for part in loc:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            field = annotation.model_fields[part]
            annotation, description = field.annotation, field.description
        else:  # dict[str, row] or list[item]
            annotation, description = typing.get_args(annotation)[-1], None
    return annotation, description


def _model_at(loc: list[str]) -> type[BaseModel]:
    model: type[BaseModel] = _annotation_at(loc)[0]
    return model


def _wanted(loc: list[str]) -> str:
    annotation, description = _annotation_at(loc)
    options = [description] if description else list(_options(annotation))
    if type(None) in typing.get_args(annotation) and description:
        options.append("null")
    return ", or ".join(options)


def _options(annotation: Any) -> Iterator[str]:
    """What a type accepts, in words."""
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            yield from _options(part)
    elif description := next((m.description for m in getattr(annotation, "__metadata__", ()) if m.description), None):
        yield description
    elif origin is Literal:
        yield " or ".join(map(str, typing.get_args(annotation)))
    elif origin is list:
        yield f"a list, each {next(_options(typing.get_args(annotation)[0]))}"
    elif annotation is type(None):
        yield "null"
    else:
        yield "true or false" if annotation is bool else f"of type {annotation.__name__}"
