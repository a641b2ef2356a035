"""The model card: YAML that reads back, every measurement beside its reference, nothing guessed, the same bytes again."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pix2pix.errors import UserError
from pix2pix.export.card import Facts, card, licence_of, read_evaluation, without_front_matter, write_card
from pix2pix.inference.pipeline import ImageToImage
from pix2pix.models.files import SavedModel
from tests.inference.models import model

MEASURED: dict[str, Any] = {
    "caution": "2 images are too few",
    "rows": [
        {"name": "model", "l1": 0.1234, "ssim": 0.5, "kid_efficientnet_lite0": 0.2},
        {"name": "identity (input)", "l1": 0.4, "ssim": 0.1, "kid_efficientnet_lite0": 0.6},
        {"name": "reference (real vs. real)", "l1": None, "ssim": None, "kid_efficientnet_lite0": 0.05},
    ],
    "intervals": {"model": {"l1": {"low": 0.12, "high": 0.13}}},
}


def text(saved: SavedModel, facts: Facts, licence: str = "unknown") -> str:
    return card(saved, ImageToImage(saved, None, "f" * 64, licence).description, facts)


def front(card_text: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(card_text.split("---\n")[1])
    return found


def test_the_front_matter_is_what_hugging_face_reads() -> None:
    found = front(text(model("pairs", "BtoA", "facades"), Facts(MEASURED, "test")))
    assert found["license"] == "unknown" and found["pipeline_tag"] == "image-to-image" and found["datasets"] == ["facades"]
    (entry,) = found["model-index"]
    (result,) = entry["results"]
    assert result["task"]["type"] == "image-to-image" and result["dataset"] == {"name": "facades", "type": "facades", "split": "test"}
    assert {figure["type"]: figure["value"] for figure in result["metrics"]} == {"l1": 0.1234, "ssim": 0.5, "kid_efficientnet_lite0": 0.2}


def test_without_its_front_matter_a_card_is_all_that_people_read() -> None:
    found = text(model(dataset="mine"), Facts(MEASURED))
    assert found.endswith("\n---\n\n" + without_front_matter(found)) and without_front_matter(found).startswith("# pix2pix, mine\n")


def test_every_baseline_and_the_reference_stand_in_the_table() -> None:
    found = text(model(), Facts(MEASURED))
    assert "| model | 0.1234 (0.1200 to 0.1300) |" in found
    assert "| identity (input) | 0.4000 |" in found and "| reference (real vs. real) | – |" in found and "0.0500" in found
    assert "Caution: 2 images are too few." in found


def test_all_sections_are_there_and_what_is_not_known_is_said() -> None:
    found = text(model(dataset="mine"), Facts())
    for section in (
        "Model details",
        "Uses",
        "Bias, risks and limitations",
        "How to get started",
        "Training details",
        "Evaluation",
        "Citation",
    ):
        assert f"\n## {section}\n" in found
    assert "Licence of the data: unknown" in found and "Not measured." in found and "model-index" not in front(found)


def test_published_images_bring_their_terms_and_their_citation() -> None:
    found = text(model(dataset="facades"), Facts(source="published", examples=("examples/a.png",)), licence="Ask first.")
    assert front(found)["license"] == "other" and front(found)["license_link"].startswith("https://cmp")
    assert "Ask first." in found and "Tyleček" in found and "(examples/a.png)" in found


def test_a_name_cannot_become_structure() -> None:
    assert front(text(model(dataset='a"\n---\nlicense: mit'), Facts()))["license"] == "unknown"


def test_written_twice_the_bytes_are_the_same(tmp_path: Path) -> None:
    for name in ("a/README.md", "b/README.md"):
        saved = model()
        write_card(tmp_path / name, saved, ImageToImage(saved).description, Facts(MEASURED))
    assert (tmp_path / "a/README.md").read_bytes() == (tmp_path / "b/README.md").read_bytes()


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"answers": [{}]}'])
def test_a_file_of_no_measurements_is_told(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "m.json").write_text(content)
    with pytest.raises(UserError, match=r"name a file like data/evaluation/facades\.json"):
        read_evaluation(tmp_path / "m.json")


def test_what_others_wrote_is_shown_and_is_no_markup() -> None:
    evil = "[x](javascript:alert(1)) <img src=x> `a` | b\n# c \u202e"
    measured = {**MEASURED, "caution": evil, "rows": [{**row, "name": f"{row['name']} {evil}"} for row in MEASURED["rows"]]}
    found = text(model(), Facts(measured, evil, f"https://me:secret@host/{evil}"), licence=evil.partition("\n")[0])
    assert "secret" not in found and "\u202e" not in found and "\n# c" not in found
    assert not re.search(r"(?<!\\)(\[x|<img|`a)", without_front_matter(found))
    assert [line.count("|") for line in found.splitlines() if line.startswith("| identity")] == [5 + 1]  # one of them escaped


@pytest.mark.parametrize(
    "source", ["/home/me/photos", "photos.zip", "file:///home/me/photos.zip", "../photos", "https://me:pass@example.org/a.zip"]
)
def test_a_card_tells_no_local_path_and_no_password_and_the_owner_s_licence(source: str) -> None:
    found = text(model(dataset="mine"), Facts(source=source), licence_of("mine", source, "CC BY 4.0"))
    assert source not in found and "me/photos" not in found and "pass" not in found.partition("## Citation")[0].replace("passed", "")
    assert "Licence of the data: CC BY 4.0" in found and front(found)["license_name"] == "CC BY 4.0"
    assert ("example.org/a.zip" if "example" in source else "the owner's own files") in found
