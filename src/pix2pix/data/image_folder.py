"""The images below a folder and what lies beside them: one walk for all commands that are given a folder."""

import hashlib
import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pix2pix.data.file_counts import FileCounts
from pix2pix.data.image_files import IMAGE_ENDINGS, LITTER, is_image, is_litter, why_passed_over
from pix2pix.data.natural_order import natural_key
from pix2pix.errors import UserError

_READ_ALREADY = "a folder that was read already, under another name"


@dataclass
class ImageFolder:
    """Content of a folder, at any depth. Links to folders and files are followed. Paths are relative to the folder.

    Attributes:
        images: files with the ending of an image, in natural order.
        unusable: what may hold or be an image and cannot be read (a folder without the right to read it, a broken link) -> reason.
        counts: the other files, litter too, as passed over; and folders that are met again by a link: each is read once.
        no_images: those of the other files that are no litter.
    """

    images: list[PurePosixPath] = field(default_factory=list)
    unusable: dict[PurePosixPath, str] = field(default_factory=dict)
    counts: FileCounts = field(default_factory=FileCounts)
    no_images: list[PurePosixPath] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path) -> "ImageFolder":
        """List `folder`. Raises UserError if it cannot be read as a folder."""
        found, read, waiting = cls(), set[tuple[int, int]](), deque([PurePosixPath()])
        while waiting:
            here = waiting.pop()
            try:
                about = (folder / here).stat()
                entries = sorted(os.scandir(folder / here), key=lambda entry: entry.name)
            except OSError as error:
                reason = error.strerror or str(error)
                if not here.parts:
                    raise UserError(f"{folder} cannot be read as a folder: {reason}") from None
                found._cannot_read(here, f"cannot be read as a folder: {reason}")
                continue
            if not here.parts or not is_litter(here.parts):  # a hidden folder is read all the same where a link leads to it
                if (about.st_dev, about.st_ino) in read:
                    found.counts.pass_over(here, _READ_ALREADY)
                    continue
                read.add((about.st_dev, about.st_ino))
            for path, linked in found._add(here, entries):
                if linked:
                    waiting.appendleft(path)  # after all others: a folder keeps its own name
                else:
                    waiting.append(path)
        found.images.sort(key=lambda image: natural_key(str(image)))
        return found

    @classmethod
    def with_images(cls, folder: Path) -> "ImageFolder":
        """`of`. Raises UserError also where there are no images, with what there is."""
        found = cls.of(folder)
        if not found.images and not found.unusable:
            there = f": {found.counts.line()}" if found.counts.total else ""
            raise UserError(f"{folder} holds no images ({', '.join(sorted(IMAGE_ENDINGS))}, at any depth){there}: check the path")
        return found

    def fingerprint(self, folder: Path) -> str:
        """Hash of the images' names and sizes: cheap, as no content is read. Times are not in it, as a copy has others."""
        digest = hashlib.sha256()
        for image in self.images:
            digest.update(os.fsencode(f"{image}\0{(folder / image).stat().st_size}\0"))
        return digest.hexdigest()

    def _add(self, here: PurePosixPath, entries: list[os.DirEntry[str]]) -> Iterator[tuple[PurePosixPath, bool]]:
        """Sort the entries of one folder; yields the folders in it, and whether each is a link. Of litter, links are not followed."""
        in_litter = is_litter((*here.parts, ""))  # as of a file in it, since a folder may have the name of a file that is litter
        for entry in entries:
            litter = in_litter or is_litter((entry.name,))
            try:
                is_folder = entry.is_dir(follow_symlinks=not litter)
            except OSError as error:  # a link that leads to itself, or to where one may not look
                self._cannot_read(here / entry.name, f"cannot be read: {error.strerror or error}")
                continue
            if is_folder:
                yield here / entry.name, entry.is_symlink()
            elif litter:
                self.counts.pass_over(entry.name, LITTER)
            elif not is_image(entry.name):
                self.no_images.append(here / entry.name)
                self.counts.pass_over(entry.name, why_passed_over(entry.name))
            elif entry.is_file():
                self.images.append(here / entry.name)
            else:
                self._cannot_read(here / entry.name, "no file that can be read (a broken link, a pipe or a device)")

    def _cannot_read(self, path: PurePosixPath, reason: str) -> None:
        if is_litter(path.parts):
            self.counts.pass_over(path, LITTER)
        else:
            self.unusable[path] = reason
