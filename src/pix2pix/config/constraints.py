"""Metadata of settings fields, attached with `typing.Annotated`: range, choices and documentation. Imports only the standard library."""

import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any

WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", types.NoneType: "null"}


NAME = r"[A-Za-z0-9][A-Za-z0-9_-]*"  # of a dataset: it becomes a folder's name and part of the name and the command of a DVC stage


@dataclass(frozen=True)
class Doc:
    """Documentation of a key: what it does, and what null means. A field without a Doc is not a key of params.yaml; it is derived."""

    text: str
    null: str = ""


@dataclass(frozen=True)
class FromRow:
    """Marks a key that each row of `table` has; its null in a section is replaced by the row's value.

    The rows are `recipes.<recipe>.<scale>`, `scales.<scale>.<dataset>` and `datasets.<dataset>`. alone: the key is in the rows only."""

    table: str
    alone: bool = False


@dataclass(frozen=True, eq=False)
class Limit:
    """A constraint beyond the type: `words` completes the sentence "must be …", `holds(value)` tests a value of the right type."""

    words: str
    holds: Callable[[Any], bool]


@dataclass(frozen=True, eq=False)
class Choice:
    """The allowed names, each with its meaning, or "" if the name explains itself."""

    meanings: Mapping[str, str]

    @property
    def words(self) -> str:
        """The names as text, to complete "must be …"."""
        return " or ".join(self.meanings)

    def holds(self, name: object) -> bool:
        """Whether `name` is one of the names."""
        return name in self.meanings


def matching(regex: str, words: str) -> Limit:
    """The constraint that a text fully matches `regex`. `words` describes it in messages."""
    return Limit(words, lambda text: re.fullmatch(regex, text) is not None)


Positive = Annotated[int, Limit("a whole number of at least 1", lambda number: number >= 1)]
NonNegative = Annotated[int, Limit("a whole number of at least 0", lambda number: number >= 0)]
Seed = Annotated[int, Limit("a whole number from 0 to 4294967295", lambda number: 0 <= number < 2**32)]
Weight = Annotated[float, Limit("a number of at least 0", lambda number: number >= 0)]
AboveZero = Annotated[float, Limit("a number above 0", lambda number: number > 0)]
Fraction = Annotated[float, Limit("a number from 0 to below 1", lambda number: 0 <= number < 1)]
Pixels = Annotated[int, Limit("a whole number of pixels of at least 32", lambda number: number >= 32)]
Crop = Annotated[  # the U-Net halves it until one pixel is left
    int, Limit("a power of two from 32 to 1024", lambda number: number in (32, 64, 128, 256, 512, 1024))
]
Text = Annotated[str, Limit("a text that is not empty", bool)]


def annotations(kind: type) -> dict[str, Any]:
    """Field name -> annotation of a settings dataclass, including `Annotated`."""
    return {field.name: field.type for field in fields(kind)}


def find(annotation: Any, kind: Any) -> Any:
    """The first metadata item of type `kind` in an annotation, such as its `Doc`; None if it has none."""
    return next((item for item in getattr(annotation, "__metadata__", ()) if isinstance(item, kind)), None)


def alternatives(annotation: Any) -> Iterator[tuple[Any, Limit | Choice | None]]:
    """(type, constraint or None) for each type that an annotation allows; a union allows several."""
    if typing.get_origin(annotation) is Annotated:
        constraint = find(annotation, Limit | Choice)
        yield from ((kind, own or constraint) for kind, own in alternatives(annotation.__origin__))
    elif typing.get_origin(annotation) in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            yield from alternatives(part)
    else:
        yield annotation, None


def choices(annotation: Any) -> dict[str, str]:
    """Allowed names of a field -> their meanings; empty if its annotation has no `Choice`."""
    found = (constraint for _, constraint in alternatives(annotation))
    return {name: meaning for choice in found if isinstance(choice, Choice) for name, meaning in choice.meanings.items()}
