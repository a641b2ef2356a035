"""`python -m pix2pix.config.reference` prints docs/reference/parameters.md, generated from the definitions of the keys."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from pix2pix.config.constraints import Doc, FromRow, annotations, choices, find
from pix2pix.config.params_file import SECTIONS, keys, row_keys
from pix2pix.config.settings import Settings
from pix2pix.config.validate import allowed, as_yaml

ROWS = {
    "datasets": "`datasets.<dataset>`: what a dataset is, at every scale.",
    "scales": "`scales.<scale>.<dataset>`: how large a dataset's chain is at one scale.",
    "recipes": "`recipes.<recipe>.<scale>`: how the networks of every dataset are built and trained at one scale.",
}
INTRODUCTION = """# Every parameter

Every stage checks the whole `params.yaml` before it computes anything, and names each mistake with its key and what to do.

A key without a value (YAML's null) has the value of its row: `recipes.<recipe>.<scale>`, `scales.<scale>.<dataset>` or
`datasets.<dataset>`. A value in its place wins over the rows, for every dataset, at every scale and with every recipe.

This page is generated from the definitions in `src/pix2pix/config/` by `python -m pix2pix.config.reference`.
"""
MORE = {
    "runtime": "See [Reproducibility](../reproducibility.md).",
    "prepare": "See [More images than memory](../guide/gpu.md#more-images-than-memory).",
    "train": "See [Experiments](../guide/experiments.md) and [GPUs](../guide/gpu.md).",
    "scales": "See [Your own data](../guide/own-data.md).",
    "recipes": "See [A better recipe](../decisions/better-recipe.md).",
}


def comment(annotation: Any) -> str:
    """The comment that params.yaml has on a key."""
    doc: Doc = find(annotation, Doc)
    named = " | ".join(f"{name} ({meaning})" if meaning else name for name, meaning in choices(annotation).items())
    row = find(annotation, FromRow)
    null = _null(annotation, in_row=row is not None and row.alone)
    return "; ".join(filter(None, [f"{doc.text}: {named}" if named else doc.text, null])).replace("`", "")


def reference() -> str:
    """The content of docs/reference/parameters.md."""
    parts = [INTRODUCTION, "## Top of the file\n", *_keys(Settings, "")]
    for name, kind in SECTIONS.items():
        parts += [_heading(name, kind.__doc__ or ""), *_keys(kind, f"{name}.")]
    for table, doc in ROWS.items():
        parts += [_heading(table, doc), "| key | what it does | value |", "|---|---|---|"]
        parts += [_line(key, annotation, in_row=True) for key, annotation in row_keys(table).items()]
    return "\n".join(parts) + "\n"


def _heading(name: str, doc: str) -> str:
    return f"\n## `{name}`\n\n{doc}{' ' + MORE[name] if name in MORE else ''}\n"


def _keys(kind: type, prefix: str) -> Iterator[str]:
    yield "| key | what it does | value | default |\n|---|---|---|---|"
    defaults = {field.name: field.default for field in fields(kind)}
    for key in keys(kind):
        annotation = annotations(kind)[key]
        yield f"{_line(prefix + key, annotation, in_row=False)} `{_default(annotation, defaults[key])}` |"


def _line(key: str, annotation: Any, *, in_row: bool) -> str:
    what = "; ".join(filter(None, [find(annotation, Doc).text, _null(annotation, in_row=in_row)]))
    named = [f"`{name}` ({meaning})" if meaning else f"`{name}`" for name, meaning in choices(annotation).items()]
    return f"| `{key}` | {what} | {' or '.join(named) or allowed(annotation)} |"


def _null(annotation: Any, *, in_row: bool) -> str:
    """What null means for a key, or "" if null is not allowed."""
    own = "the row's value" if find(annotation, FromRow) and not in_row else find(annotation, Doc).null
    return f"`null`: {own}" if own else ""


def _default(annotation: Any, default: object) -> str:
    if find(annotation, FromRow):
        return "null"
    return f"[{', '.join(map(str, default))}]" if isinstance(default, tuple) else as_yaml(default).strip("'")


if __name__ == "__main__":
    print(reference(), end="")
