"""What an exported file says of itself: it reads back, and nothing out of range is believed."""

import pytest

from pix2pix.data.palettes import FACADES
from pix2pix.errors import UserError
from pix2pix.models.description import Description

ABOUT = Description(
    "facades", "pairs", "BtoA", 64, levels=6, multiple=64, ngf=16, norm="running", noise=True, palette=FACADES, epochs=30,
    fit="pad", resize="area", load_size=72, weights="int8", model_sha256="0" * 64, licence="Ask first.",
)  # fmt: skip


def test_what_is_written_reads_back() -> None:
    assert Description.from_metadata(ABOUT.as_metadata(), "m.onnx") == ABOUT
    assert list(ABOUT.as_metadata()) == sorted(ABOUT.as_metadata())


def test_a_file_of_an_earlier_version_is_one_of_squashed_images() -> None:
    older = {key: text for key, text in ABOUT.as_metadata().items() if key.split(".")[1] not in ("fit", "resize", "load_size")}
    found = Description.from_metadata(older, "m.onnx")
    assert (found.fit, found.resize, found.load_size) == ("squash", "bicubic", None)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("dataset", "../.."), ("dataset", ""), ("kind", "x"), ("direction", "A"), ("norm", "evil"), ("epochs", "nan"), ("epochs", "-1"),
        ("size", "0"), ("size", "1" * 5000), ("levels", "x"), ("multiple", "0"), ("multiple", "-8"), ("ngf", "1.5"), ("noise", "yes"),
        ("weights", "int4"), ("model_sha256", "?"), ("licence", "a\x1b[2J"), ("fit", "no"), ("resize", "no"), ("load_size", "0"),
        ("palette", "{"), ("palette", "3"), ("palette", "[3]"), ("palette", '[{"name": "a", "rgb": [1, 2]}]'), ("palette", "[" * 99999),
        ("palette", '[{"name": "a", "rgb": [1, 2, 256]}]'), ("palette", '[{"name": 3, "rgb": [1, 2, 3]}]'), ("palette", '[{"name": []}]'),
    ],
)  # fmt: skip
def test_a_value_out_of_range_is_refused_by_its_key(key: str, text: str) -> None:
    with pytest.raises(UserError, match=rf"m\.onnx has a damaged description \({key} is "):
        Description.from_metadata({**ABOUT.as_metadata(), f"pix2pix.{key}": text}, "m.onnx")


@pytest.mark.parametrize("key", ["dataset", "multiple", "palette"])
def test_a_value_that_is_missing_is_named(key: str) -> None:
    less = {name: text for name, text in ABOUT.as_metadata().items() if name != f"pix2pix.{key}"}
    with pytest.raises(UserError, match=f"{key} is missing"):
        Description.from_metadata(less, "m.onnx")


@pytest.mark.parametrize("metadata", [{}, {"pix2pix.format": "2"}, {"other": "1"}])
def test_a_file_that_export_did_not_write_is_refused(metadata: dict[str, str]) -> None:
    with pytest.raises(UserError, match="use a file that this version's `pix2pix export` wrote"):
        Description.from_metadata(metadata, "m.onnx")
