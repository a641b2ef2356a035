import json
from pathlib import Path

import pytest

from pix2pix.metrics.evaluation_file import read_evaluation, row
from pix2pix.metrics.labels import IDENTITY, MEAN, MODEL, REFERENCE

OLD = {
    "metrics": {"l1": 0.1, "images": 4},
    "answers": [{"answer": name, "l1": place / 10} for place, name in enumerate(["model", "grey", "mean picture", "real against real"], 1)],
    "intervals": {"model": {"l1": {"low": 0.0, "high": 0.2}}, "real against real": {}},
    "images": [],
}


def test_a_file_of_earlier_commits_has_the_names_of_today(tmp_path: Path) -> None:
    (tmp_path / "e.json").write_text(json.dumps(OLD))
    found = read_evaluation(tmp_path / "e.json")
    assert [it["name"] for it in found["rows"]] == [MODEL, IDENTITY, MEAN, REFERENCE]
    assert row(found, IDENTITY)["l1"] == 0.2
    assert set(found["intervals"]) == {MODEL, REFERENCE}
    assert row(found, "another") == {}


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"answers": [{}]}', '{"answers": "no"}', '{"rows": [{"l1": 1}]}', '{"rows": 3}'])
def test_another_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "e.json").write_text(content)
    with pytest.raises(ValueError, match=r"."):
        read_evaluation(tmp_path / "e.json")
