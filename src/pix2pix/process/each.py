"""The operations that make one picture of each picture."""

from functools import partial
from pathlib import Path

from pix2pix.process.find import pictures
from pix2pix.process.picture_file import encode, read
from pix2pix.process.task import Plan, Task
from pix2pix.process.transforms import Transform


def plan_each(folder: Path, transform: Transform, ending: str) -> Plan:
    """`transform` of every picture below `folder`, under the same names, as files with `ending` (png or jpg)."""
    return Plan(
        [
            Task(relative.with_suffix(f".{ending}"), (folder / relative,), partial(_made, folder / relative, transform, ending))
            for relative in pictures(folder)
        ]
    )


def _made(file: Path, transform: Transform, ending: str) -> bytes:
    return encode(transform(read(file)), ending)
