"""Write HTML pages from the packages' Jinja templates, atomically."""

import os
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pix2pix.system.atomic_write import write_text
from pix2pix.system.terminal import number


@cache
def _environment() -> Environment:
    # Escape in templates of any suffix: a file name must never become markup.
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
    """Relative URL of a file, with every byte percent-encoded except letters, digits and `_.-~/`.

    It encodes the bytes of the name, so that names that are not valid UTF-8 work too.
    """
    # The prefix "./" stops a browser from reading a name such as "data:x" as a scheme.
    return "./" + quote(os.fsencode(path))


def as_utf8(name: str) -> str:
    """A file name as valid UTF-8 text: invalid bytes become U+FFFD."""
    return os.fsencode(name).decode("utf-8", "replace")


def write_page(path: Path, template: str, **values: object) -> None:
    """Render a template, a path in the package such as `report/report.html`, into `path`, atomically. Creates its folder."""
    write_text(path, _environment().get_template(template).render(**values))
