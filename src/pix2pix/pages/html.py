"""Write HTML pages from the packages' Jinja templates, atomically."""

import hashlib
import os
import re
from base64 import b64encode
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pix2pix.system.atomic_write import write_text
from pix2pix.system.terminal import number

TEMPLATES = Path(__file__).parents[1]


@cache
def _environment() -> Environment:
    # Escape in templates of any suffix: a file name must never become markup.
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
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
    """Render a template, a path in the package such as `report/report.html`, into `path`, atomically. Creates its folder.

    The template's `policy` becomes its Content-Security-Policy: no script runs but those of the templates, and nothing is fetched but
    images, from the page itself and from files beside it.
    """
    write_text(path, _environment().get_template(template).render(policy=policy(template), **values))


@cache
def policy(template: str) -> str:
    """The policy of a page. Its scripts are known by their hashes, so that one in a name that was not escaped would not run."""
    scripts = re.findall(r"<script>(.*?)</script>", _with_includes(template), re.DOTALL)
    hashes = " ".join(f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts)
    # file: for a page opened from the disk, whose 'self' browsers understand differently
    images, rest = "'self' file: data:", "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'"
    return f"{rest}; img-src {images}; script-src {hashes}"


def _with_includes(template: str) -> str:
    """Source of a template with the templates that it includes in place, as Jinja renders them."""
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    return re.sub(r'{% include "([^"]+)" %}\n?', lambda found: _with_includes(found[1]), text)
