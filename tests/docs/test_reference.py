"""What the pages say of datasets, metrics, measurements and rows to copy is what the repository has."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from pix2pix.config.params import load_active
from pix2pix.download.catalogue import CATALOG
from pix2pix.metrics.registry import METRICS
from tests.docs.pages import PROSE, ROOT, YAML_12, Row, blocks, tables
from tests.params import default_params, write_params

MEASURED = (ROOT / "benchmarks/results/2026-11-26-gpu-facades.md").read_text(encoding="utf-8")
PUBLISHED = pytest.mark.skipif(
    "PIX2PIX_AS_PUBLISHED" not in os.environ, reason="params.yaml is its user's; .ci/run compares the published one"
)
PAGE, TRAINING = "docs/reference/datasets.md", "training at `scale: paper`"
TRIPLE = re.compile(r"^\|(.*?)\| (0\.\d{4}) \| (0\.\d{4}) \| (0\.\d{4}) \|$", re.MULTILINE)


def datasets() -> dict[str, Row]:
    rows = tables(PAGE, "dataset", "from → to", "images", TRAINING, "source", "terms")
    return {row["dataset"].strip("`"): row for row in rows}


def test_the_datasets_are_described_as_the_catalogue_has_them() -> None:
    described = datasets()
    assert set(described) == set(CATALOG)
    for name, row in described.items():
        published = CATALOG[name]
        assert row["terms"] == published.licence
        counts = ", ".join(f"{count:,} {split}" for split, count in published.splits.items())
        assert row["images"] == (counts or "what you bring")
        assert published.archive in row["source"] or "`published`" in row["source"]
        if published.bytes:
            assert f"{published.bytes // 1_000_000} MB" in row["source"]


@PUBLISHED
def test_the_rows_of_params_yaml_are_those_of_the_page() -> None:
    tree, epochs = YAML_12.load((ROOT / "params.yaml").read_text(encoding="utf-8")), "epochs at `scale: sample`"
    own = {row.pop("dataset"): row for row in tables(PAGE, "dataset", "kind", "direction", "eval_split", epochs)}
    common = {
        row.pop("scale"): row for row in tables(PAGE, "scale", "source", "device", "batch_size", "load_size", "crop_size", "ngf", "ndf")
    }
    for name in CATALOG:
        dataset = tree["datasets"][name]
        shown = {key: dataset[key] for key in ("kind", "direction", "eval_split")} | {epochs: str(tree["scales"]["sample"][name]["epochs"])}
        assert own[name] == shown
        training = tree["scales"]["paper"][name]
        assert datasets()[name][TRAINING] == f"{training['epochs']} epochs, batch {training['batch_size']}"
        assert dataset["lambda_l1"] == 100.0
        for scale, row in common.items():
            assert tree["scales"][scale][name]["flip"] is not ((scale, name) == ("sample", "facades"))
            assert {key: str(tree["scales"][scale][name][key]) for key, value in row.items() if "see" not in value}.items() <= row.items()


def test_every_metric_is_explained() -> None:
    rows = tables("docs/reference/metrics.md", "key", "formula in words", "range", "better", "reference", "weights")
    keys = {key for row in rows for key in re.findall(r"`(\w+)`", row["key"])}
    for file in sorted((ROOT / "data/metrics").glob("*.json")):
        (values,) = YAML_12.load(file.read_text()).values()
        assert set(values) <= keys, file.name
    assert [metric.name for metric in METRICS if not any(metric.matches(key) for key in keys)] == [], "rows of docs/reference/metrics.md"


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
    added, tree = YAML_12.load(block), default_params()
    merged: dict[str, Any] = {
        **tree,
        "active": list(added["datasets"]),
        "datasets": {**tree["datasets"], **added["datasets"]},
        "scales": {scale: {**rows, **added["scales"].get(scale, {})} for scale, rows in tree["scales"].items()},
    }
    path = write_params(tmp_path / "params.yaml", merged)
    assert [settings.dataset for settings in load_active(path)] == ["mine"]
