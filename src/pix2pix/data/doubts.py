"""Count the doubts about the pixels of a set of images, to say each in one line."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pix2pix.system.terminal import counted

_SINGULAR = {"are": "is", "do": "does", "have": "has"}


@dataclass
class Doubts:
    """What may make pixels wrong, as `Notes.doubts` has it -> the number of images, the first of them, and its detail."""

    found: dict[str, tuple[int, str, str]] = field(default_factory=dict)

    def add(self, file: str, doubts: Sequence[tuple[str, str]]) -> None:
        """Count the doubts about one image."""
        for what, detail in dict(doubts).items():
            count, first, first_detail = self.found.get(what, (0, file, detail))
            self.found[what] = (count + 1, first, first_detail)

    def lines(self, images: int) -> list[str]:
        """One sentence for each doubt, whose text begins with its verb in the plural. images: the number of all images."""
        return [
            f"{count} of {counted(images, 'image')} {_agreeing(what, count)} ({first}: {detail})"
            for what, (count, first, detail) in self.found.items()
        ]


def _agreeing(what: str, count: int) -> str:
    verb, _, rest = what.partition(" ")
    return f"{_SINGULAR.get(verb, f'{verb}s')} {rest}" if count == 1 else what
