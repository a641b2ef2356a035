"""The images below a folder and what lies beside them: one walk for all commands that are given a folder."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pix2pix.data.file_counts import FileCounts
from pix2pix.data.image_files import is_image, is_litter, why_passed_over
from pix2pix.data.natural_order import natural_key
from pix2pix.errors import UserError

LINKED = "a link to a folder: put the folder itself there, or name it as an input of its own"


@dataclass
class ImageFolder:
    """Content of a folder, at any depth. Paths are relative to it.

    Attributes:
        images: files with the ending of an image, in natural order.
        unusable: what may hold or be an image and cannot be read (a link to a folder, a folder without the right to read it, a broken
            link) -> reason.
        counts: the other files, as passed over. Litter is not counted.
    """

    images: list[PurePosixPath] = field(default_factory=list)
    unusable: dict[PurePosixPath, str] = field(default_factory=dict)
    counts: FileCounts = field(default_factory=FileCounts)

    @classmethod
    def of(cls, folder: Path) -> "ImageFolder":
        """List `folder`. Raises UserError if it cannot be read as a folder."""
        found, waiting = cls(), [PurePosixPath()]
        while waiting:
            here = waiting.pop()
            try:
                entries = list(os.scandir(folder / here))
            except OSError as error:
                reason = error.strerror or str(error)
                if not here.parts:
                    raise UserError(f"{folder} cannot be read as a folder: {reason}") from None
                found.unusable[here] = f"cannot be read as a folder: {reason}"
                continue
            waiting += found._add(here, entries)
        found.images.sort(key=lambda image: natural_key(str(image)))
        return found

    def fingerprint(self, folder: Path) -> str:
        """Hash of the images' names and sizes: cheap, as no content is read. Times are not in it, as a copy has others."""
        digest = hashlib.sha256()
        for image in self.images:
            digest.update(os.fsencode(f"{image}\0{(folder / image).stat().st_size}\0"))
        return digest.hexdigest()

    def _add(self, here: PurePosixPath, entries: list[os.DirEntry[str]]) -> Iterator[PurePosixPath]:
        """Sort the entries of one folder; yields the folders in it."""
        for entry in entries:
            path = here / entry.name
            if is_litter((entry.name,)):
                continue
            if entry.is_dir():
                if entry.is_symlink():
                    self.unusable[path] = LINKED
                else:
                    yield path
            elif not is_image(entry.name):
                self.counts.pass_over(entry.name, why_passed_over(entry.name))
            elif entry.is_file():
                self.images.append(path)
            else:
                self.unusable[path] = "no file that can be read (a broken link, a pipe or a device)"
