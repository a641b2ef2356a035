"""HTML pages from the packages' templates, written atomically."""

import os
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pix2pix.system.atomic_write import write_text
from pix2pix.system.terminal import number


@cache
def _environment() -> Environment:
    # Escaping is on for every file, whatever its suffix: a file name is never markup.
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["url"] = file_url
    environment.filters["utf8"] = as_utf8
    environment.filters["number"] = number
    return environment


def file_url(path: str) -> str:
    """The relative URL of a file: every byte of its name percent-encoded that is not a letter, a digit or one of `_.-~/`.

    Works on the name's bytes, so that a name that is no valid UTF-8 is found too.
    """
    # "./" in front keeps a name such as "data:x" from being read as a scheme.
    return "./" + quote(os.fsencode(path))


def as_utf8(name: str) -> str:
    """A file name as text that UTF-8 can hold: bytes that are no valid UTF-8 become U+FFFD."""
    return os.fsencode(name).decode("utf-8", "replace")


def write_page(path: Path, template: str, **values: object) -> None:
    """Render `template`, a path inside the package such as `report/report.html`, into `path`, atomically; makes its folder."""
    write_text(path, _environment().get_template(template).render(**values))
