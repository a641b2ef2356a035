"""What settings carry in `typing.Annotated`: the range of a value, its choices, one line of doc. Needs no library."""

import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any

WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", types.NoneType: "null"}


@dataclass(frozen=True)
class Doc:
    """One line on what a key does, and on what its null means. A field without it is no key of params.yaml but derived from others."""

    text: str
    null: str = ""


@dataclass(frozen=True)
class FromRow:
    """null in the key's section stands for the value in the dataset's row, of `scales.<scale>.<dataset>` or `datasets.<dataset>`."""


@dataclass(frozen=True, eq=False)
class Limit:
    """What a value must be beyond its type: `words` to follow "must be", and whether it `holds` of a value of that type."""

    words: str
    holds: Callable[[Any], bool]


@dataclass(frozen=True, eq=False)
class Choice:
    """Names, each with what it means, or "" where the name says it."""

    meanings: Mapping[str, str]

    @property
    def words(self) -> str:
        """The names, to follow "must be"."""
        return " or ".join(self.meanings)

    def holds(self, name: object) -> bool:
        """Whether it is one of the names."""
        return name in self.meanings


def matching(regex: str, words: str) -> Limit:
    """Texts that match a regular expression as a whole."""
    return Limit(words, lambda text: re.fullmatch(regex, text) is not None)


Positive = Annotated[int, Limit("a whole number of at least 1", lambda number: number >= 1)]
Natural = Annotated[int, Limit("a whole number of at least 0", lambda number: number >= 0)]
Seed = Annotated[int, Limit("a whole number from 0 to 4294967295", lambda number: 0 <= number < 2**32)]
Weight = Annotated[float, Limit("a number of at least 0", lambda number: number >= 0)]
AboveZero = Annotated[float, Limit("a number above 0", lambda number: number > 0)]
Share = Annotated[float, Limit("a number from 0 to below 1", lambda number: 0 <= number < 1)]
Pixels = Annotated[int, Limit("a whole number of pixels of at least 32", lambda number: number >= 32)]
Crop = Annotated[  # the U-Net halves it down to one pixel
    int, Limit("a power of two from 32 to 1024", lambda number: number in (32, 64, 128, 256, 512, 1024))
]
Text = Annotated[str, Limit("a text that is not empty", bool)]


def annotations(kind: type) -> dict[str, Any]:
    """Annotations of a settings dataclass by field, `Annotated` included."""
    return {field.name: field.type for field in fields(kind)}


def find(annotation: Any, kind: Any) -> Any:
    """What an annotation carries of a kind, such as its `Doc`; None where it carries none."""
    return next((item for item in getattr(annotation, "__metadata__", ()) if isinstance(item, kind)), None)


def alternatives(annotation: Any) -> Iterator[tuple[Any, Limit | Choice | None]]:
    """Types that an annotation allows, each with its constraint."""
    if typing.get_origin(annotation) is Annotated:
        constraint = find(annotation, Limit | Choice)
        yield from ((kind, own or constraint) for kind, own in alternatives(annotation.__origin__))
    elif typing.get_origin(annotation) in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            yield from alternatives(part)
    else:
        yield annotation, None


def choices(kind: type, field: str) -> dict[str, str]:
    """Names that a key may have, with their meanings; empty where it is no choice."""
    found = (constraint for _, constraint in alternatives(annotations(kind)[field]))
    return {name: meaning for choice in found if isinstance(choice, Choice) for name, meaning in choice.meanings.items()}
