"""`python -m pix2pix.config.reference` prints docs/reference/parameters.md, generated from the definitions of the keys."""

from collections.abc import Iterator
from dataclasses import fields

from pix2pix.config.constraints import Doc, FromRow, annotations, choices, find
from pix2pix.config.params_file import SECTIONS
from pix2pix.config.rows import DatasetRow, RecipeRow, ScaleRow
from pix2pix.config.settings import Settings
from pix2pix.config.validate import allowed, as_yaml

ROWS = {"datasets": DatasetRow, "scales": ScaleRow, "recipes": RecipeRow}
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


def comment(kind: type, key: str) -> str:
    """The comment that params.yaml has on a key."""
    doc: Doc = find(annotations(kind)[key], Doc)
    named = " | ".join(f"{name} ({meaning})" if meaning else name for name, meaning in choices(kind, key).items())
    return "; ".join(filter(None, [f"{doc.text}: {named}" if named else doc.text, _null(kind, key)])).replace("`", "")


def reference() -> str:
    """The content of docs/reference/parameters.md."""
    parts = [INTRODUCTION, "## Top of the file\n", *_table(Settings, "")]
    for name, kind in {**SECTIONS, **ROWS}.items():
        parts += [f"\n## `{name}`\n", f"{kind.__doc__}{' ' + MORE[name] if name in MORE else ''}\n"]
        parts += _table(kind, f"{name}." if name in SECTIONS else "")
    return "\n".join(parts) + "\n"


def _table(kind: type, prefix: str) -> Iterator[str]:
    row = kind in ROWS.values()  # rows have no defaults
    yield "| key | what it does | value |" + ("" if row else " default |")
    yield "|---|---|---|" + ("" if row else "---|")
    defaults = {field.name: field.default for field in fields(kind)}
    for key in annotations(kind):
        if doc := find(annotations(kind)[key], Doc):
            what = "; ".join(filter(None, [doc.text, _null(kind, key)]))
            yield f"| `{prefix}{key}` | {what} | {_value(kind, key)} |" + ("" if row else f" `{_default(kind, key, defaults[key])}` |")


def _null(kind: type, key: str) -> str:
    """What null means for a key, or "" if null is not allowed."""
    annotation = annotations(kind)[key]
    own = "the row's value" if find(annotation, FromRow) and kind not in ROWS.values() else find(annotation, Doc).null
    return f"`null`: {own}" if own else ""


def _value(kind: type, key: str) -> str:
    named = [f"`{name}` ({meaning})" if meaning else f"`{name}`" for name, meaning in choices(kind, key).items()]
    return " or ".join(named) or allowed(annotations(kind)[key])


def _default(kind: type, key: str, default: object) -> str:
    if find(annotations(kind)[key], FromRow):
        return "null"
    return f"[{', '.join(map(str, default))}]" if isinstance(default, tuple) else as_yaml(default).strip("'")


if __name__ == "__main__":
    print(reference(), end="")
