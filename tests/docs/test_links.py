"""Links lead to files and headings that are there; README fits on a screen or two; no image is shown twice."""

import re
from collections import Counter
from typing import Any

import pytest

from tests.docs.pages import PROSE, ROOT, TEXT, YAML_12, images

LINK = re.compile(r"\]\(([^)]+)\)")
OTHERS = ["CHANGELOG.md", "SECURITY.md"]  # of which only links are checked
SUFFIXES = (".png", ".webp")


def anchors(text: str) -> set[str]:
    """The headings' anchors, as code hosts and the site make them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*PROSE, *OTHERS])
def test_links_lead_somewhere(page: str) -> None:
    file = ROOT / page
    text = PROSE.get(page) or file.read_text(encoding="utf-8")
    for link in LINK.findall(text):
        if re.match(r"https?://|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        target = file.parent / path if path else file
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("page", [page for page in PROSE if page.startswith("docs/")])
def test_a_page_links_to_pages_of_the_site_alone(page: str) -> None:
    for link in LINK.findall(PROSE[page]):
        if not re.match(r"https?://|#", link):
            target = ((ROOT / page).parent / link.partition("#")[0]).resolve()
            assert (ROOT / "docs") in target.parents, f"{link}: name the file as code, as the site has no such page"


@pytest.mark.parametrize("page", [page for page in PROSE if page.startswith("docs/") and page != "docs/index.md"])
def test_a_page_is_found_from_the_index_or_its_folders(page: str) -> None:
    index = "docs/decisions/index.md" if page.startswith("docs/decisions/") and not page.endswith("index.md") else "docs/index.md"
    folder = (ROOT / index).parent
    linked = {(folder / link.partition("#")[0]).resolve() for link in LINK.findall(PROSE[index])}
    assert ROOT / page in linked


def test_readme_is_short() -> None:
    assert len(TEXT["README.md"].encode()) <= 8192


def test_every_image_of_docs_is_shown_once() -> None:
    """README may show what a page of docs shows, too."""
    shown = Counter(path for page in PROSE if page != "README.md" for path in images(page))
    shown |= Counter(set(images("README.md")))
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*") if path.suffix in SUFFIXES}
    assert dict(shown) == dict.fromkeys(there, 1)


def test_the_overview_is_small_enough_for_a_page() -> None:
    assert (ROOT / "docs/overview.png").stat().st_size < 300_000


def leaves(nav: Any) -> list[str]:
    """Pages of a navigation of mkdocs, in order."""
    if isinstance(nav, str):
        return [nav]
    return [page for part in (nav.values() if isinstance(nav, dict) else nav) for page in leaves(part)]


def test_the_navigation_of_the_site_has_every_page_once() -> None:
    nav = leaves(YAML_12.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"])
    assert sorted(f"docs/{page}" for page in nav) == sorted(page for page in PROSE if page.startswith("docs/"))
