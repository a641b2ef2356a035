from collections.abc import Callable
from pathlib import Path

import pytest

from pix2pix.demo.single_file import single_file, write_single_file
from pix2pix.demo.site import Site
from pix2pix.errors import UserError
from tests.demo.open_page import HOSTILE, Demo
from tests.demo.test_page import assert_networks_own, is_only


@pytest.mark.browser
def test_one_file_works_from_the_disk_with_the_network_off(site: Site, visit: Callable[..., Demo], tmp_path: Path) -> None:
    write_single_file(site, tmp_path / "a demo.html")
    demo = visit((tmp_path / "a demo.html").as_uri(), offline=True)
    assert_networks_own(demo)
    demo.pick("balcony")
    with demo.new_result():
        demo.drag((2, 2), (12, 9))
    assert is_only(demo.pixels("drawing")[2:10, 2:13], "balcony")
    assert_networks_own(demo)
    for name in ("food", HOSTILE):
        with demo.new_result():
            demo.pick(name)
        assert_networks_own(demo)
    demo.saved("Save the result", tmp_path / "result.png")
    assert demo.problems == []


def test_the_same_site_gives_the_same_bytes_and_carries_the_licence(site: Site) -> None:
    light = {address: b"" if address.startswith("vendor/") else resource for address, resource in site.items()}
    text = single_file(light)
    assert text == single_file(light)
    assert "Permission is hereby granted" in text and "Copyright (c) Microsoft Corporation" in text


def test_a_place_that_cannot_be_written_is_told_and_nothing_is_left(site: Site, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(UserError, match="--single-file"):
        write_single_file(site, tmp_path / "taken" / "demo.html")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
