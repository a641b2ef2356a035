"""README, the pages of docs/ and CONTRIBUTING.md, as the tests read them."""

import re
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
YAML_12 = YAML(typ="safe", pure=True)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXT = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROSE = {name: FENCE.sub("", text) for name, text in TEXT.items()}
IMAGE = re.compile(r"!\[[^]]*\]\(([^)]+)\)|(?:src|srcset)=\"([^\"]+)\"")

Row = dict[str, str]


def blocks(language: str) -> list[tuple[str, str]]:
    """(page, text) of every fenced block of a language; "" is a block that names none."""
    return [(name, body) for name, text in TEXT.items() for found, body in FENCE.findall(text) if found == language]


def tables(page: str, *columns: str) -> list[Row]:
    """Rows of all tables of a page that have exactly these columns, by column."""
    found: list[Row] = []
    head: list[str] = []
    for line in PROSE[page].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            head = []
        elif not head:
            head = cells
        elif head == list(columns) and not re.fullmatch(r"[\s|:-]+", line):
            found.append(dict(zip(head, cells, strict=True)))
    assert found, f"{page} has no table of {columns}"
    return found


def images(page: str) -> list[str]:
    """Paths of the images that a page shows, from the root."""
    folder = (ROOT / page).parent
    shown = ("".join(match) for match in IMAGE.findall(PROSE[page]))
    return [(folder / path).resolve().relative_to(ROOT).as_posix() for path in shown]
