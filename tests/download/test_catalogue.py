from urllib.parse import urlsplit

import pytest

from pix2pix.download.catalogue import CATALOG, PublishedSet
from pix2pix.system.terminal import human_bytes

every_set = pytest.mark.parametrize("entry", CATALOG.values(), ids=CATALOG)


def test_the_catalogue_has_the_published_sets_and_knows_no_other() -> None:
    assert set(CATALOG) == {"facades", "cityscapes", "maps", "edges2shoes", "edges2handbags", "night2day", "food", "anime"}


@every_set
def test_every_set_says_whose_it_is_and_how_to_cite_it(entry: PublishedSet) -> None:
    assert entry.title and entry.licence.endswith(".") and entry.citation.endswith(".") and urlsplit(entry.homepage).hostname
    assert entry.name in entry.layout


@every_set
def test_every_set_has_mirrors_or_says_what_to_do_by_hand(entry: PublishedSet) -> None:
    assert bool(entry.mirrors) != bool(entry.by_hand)
    assert all(mirror.endswith(f"/{entry.archive}") for mirror in entry.mirrors)
    assert len(set(entry.mirrors)) == len(entry.mirrors)
    assert [*entry.mirrors] == sorted(entry.mirrors, key=lambda mirror: mirror.startswith("http:")), "https first"
    if entry.by_hand:
        said = entry.by_hand.format(key="scales.paper.food.source")
        assert f"-S scales.paper.food.source=/path/to/{entry.archive}" in said
        assert f"{entry.name}_resized/{{train,val}}/*.jpg" in said


@every_set
def test_what_is_not_known_of_an_archive_is_not_claimed(entry: PublishedSet) -> None:
    assert entry.sha256 is None
    known = {"facades": 30_168_306, "cityscapes": 103_441_232, "maps": 250_242_400}
    assert entry.bytes == known.get(entry.name)
    about = {"edges2shoes": "2.0 GiB", "edges2handbags": "8.0 GiB", "night2day": "1.9 GiB"}
    assert (human_bytes(entry.about_bytes) if entry.about_bytes else None) == about.get(entry.name)
    assert bool(entry.bytes or entry.about_bytes) == bool(entry.mirrors)


def test_pairs_are_translated_towards_the_photo_except_maps() -> None:
    for entry in CATALOG.values():
        if entry.kind == "pairs" and entry.photo != "both" and entry.name != "maps":
            assert entry.direction == {"A": "BtoA", "B": "AtoB"}[entry.photo]
