"""Where an archive was fetched from, by the note that the stage download wrote, and whether a folder has changed since."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pix2pix.data.file_counts import FileCounts
from pix2pix.data.image_folder import ImageFolder
from pix2pix.errors import UserError

NOTE = "source.json"
"""File beside the archive that says where it came from."""


@dataclass(frozen=True)
class Source:
    """dataset: its name. note: the content of source.json; empty without one. root: of the repository, where relative paths begin."""

    dataset: str
    note: dict[str, Any]
    root: Path

    @classmethod
    def of(cls, raw: Path, root: Path) -> "Source":
        """The source of what is in the folder `raw`, which has the dataset's name."""
        try:
            note = json.loads((raw / NOTE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            note = {}
        sound = isinstance(note, dict) and isinstance(note.get("path", ""), str)
        return cls(raw.name, note if sound else {}, root)

    @property
    def passed_over(self) -> FileCounts:
        """Files of a folder that were not packed."""
        return FileCounts.of_rows(0, self.note.get("passed_over", ()))

    def has_changed(self) -> bool:
        """Whether the folder has other images now, or images of other sizes. False for an archive, and a folder that cannot be seen."""
        if not {"fingerprint", "path"} <= self.note.keys():
            return False
        try:
            folder = self.root / Path(self.note["path"]).expanduser()
            return ImageFolder.of(folder).fingerprint(folder) != self.note["fingerprint"]
        except (UserError, OSError, ValueError, RuntimeError):  # ValueError, RuntimeError: no path at all, such as ~nobody
            return False

    def notes(self) -> list[str]:
        """One sentence where the folder has changed, which DVC does not see; prepared images, model and metrics are then of the old one."""
        if not self.has_changed():
            return []
        return [f"the folder {self.note['path']} has changed since it was fetched: fetch it again with {self._again}"]

    def refusal(self, reason: str) -> str:
        """The message of a refusal of its content, with how to fetch it again; a synthetic one cannot be."""
        if changed := self.notes():
            return f"{changed[0]}\nwhat was fetched is refused: {reason}"
        if not self.note.keys() & {"path", "url"}:
            return reason
        return f"{reason}\nafter a change of the source, fetch it again with {self._again}"

    @property
    def _again(self) -> str:
        return f"`dvc repro -f -s download@{self.dataset}`, then the same command as before"
