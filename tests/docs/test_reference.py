"""What the pages say of datasets, metrics, measurements and rows to copy is what the repository has."""

import re
from pathlib import Path
from typing import Any

import pytest

from pix2pix.config.params import load_active
from pix2pix.download.catalogue import CATALOG
from tests.docs.pages import PROSE, ROOT, YAML_12, blocks, params, tables

MEASURED = (ROOT / "benchmarks/results/2026-11-26-gpu-facades.md").read_text(encoding="utf-8")
TRIPLE = re.compile(r"^\|(.*?)\| (0\.\d{4}) \| (0\.\d{4}) \| (0\.\d{4}) \|$", re.MULTILINE)


def test_the_datasets_are_described_as_the_catalogue_and_the_recipes_have_them() -> None:
    rows = tables("docs/reference/datasets.md", "dataset", "from → to", "images", "recipe at `scale: paper`", "source", "terms")
    described = {row["dataset"].strip("`"): row for row in rows}
    assert set(described) == set(CATALOG)
    recipes = params()["scales"]["paper"]
    for name, row in described.items():
        published, recipe = CATALOG[name], recipes[name]
        assert row["terms"] == published.licence
        counts = ", ".join(f"{count:,} {split}" for split, count in published.splits.items())
        assert row["images"] == (counts or "what you bring")
        assert row["recipe at `scale: paper`"] == f"{recipe['epochs']} epochs, batch {recipe['batch_size']}"
        assert published.archive in row["source"] or "`published`" in row["source"]
        if published.bytes:
            assert f"{published.bytes // 1_000_000} MB" in row["source"]


def test_every_metric_in_git_is_explained() -> None:
    rows = tables("docs/reference/metrics.md", "key", "formula in words", "range", "better", "reference", "weights")
    keys = {key for row in rows for key in re.findall(r"`(\w+)`", row["key"])}
    for file in sorted((ROOT / "data/metrics").glob("*.json")):
        (values,) = YAML_12.load(file.read_text()).values()
        assert set(values) <= keys, file.name


@pytest.mark.parametrize("page", ["README.md", "docs/performance.md"])
def test_the_measured_table_is_the_one_of_the_benchmark(page: str) -> None:
    measured = {tuple(values) for _, *values in TRIPLE.findall(MEASURED)}
    shown = TRIPLE.findall(PROSE[page])
    assert len(shown) >= 3
    for label, *values in shown:
        assert tuple(values) in measured, label
        if after := re.search(r"after (\d+) epochs, (\d+) s", label):
            (row,) = (row for row in MEASURED.splitlines() if f"| {' | '.join(values)} |" in row)
            _, _, epoch, _, seconds, *_ = (cell.strip() for cell in row.split("|"))
            assert int(after[1]) == int(epoch) and abs(int(after[2]) - float(seconds)) <= 0.5


def test_the_rows_of_a_dataset_of_ones_own_can_be_copied_as_they_are(tmp_path: Path) -> None:
    ((_, block),) = blocks("yaml")
    added, tree = YAML_12.load(block), params()
    merged: dict[str, Any] = {
        **tree,
        "active": added["active"],
        "datasets": {**tree["datasets"], **added["datasets"]},
        "scales": {scale: {**rows, **added["scales"].get(scale, {})} for scale, rows in tree["scales"].items()},
    }
    path = tmp_path / "params.yaml"
    with path.open("w") as file:
        YAML_12.dump(merged, file)
    assert [settings.dataset for settings in load_active(path)] == added["active"]
