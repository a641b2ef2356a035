from dataclasses import replace

from pix2pix.metrics.registry import METRICS
from pix2pix.repository.experiments import ExperimentResult
from pix2pix.runs.table import age, as_json, as_text, differences, groups
from pix2pix.tracking.lookup import RunRecord
from pix2pix.tracking.names import TEST, metric_name

NOW = 1_000_000.0


def run(name: str, dataset: str = "facades", *, params: dict[str, str] | None = None, metrics: dict[str, float] | None = None) -> RunRecord:
    start = int((NOW - 7200) * 1000)
    return RunRecord(name, f"{name:0<32}", dataset, "FINISHED", start, start + 1000, params or {}, metrics or {}, {"dvc.exp_name": name})


def test_a_table_has_a_block_for_each_dataset_with_its_metrics_and_what_differs() -> None:
    longer = run(
        "longer", params={"train.epochs": "4", "seed": "0", "tracking.timeout": "5.0"}, metrics={"test/L1": 0.0837, "val/L1_loss": 0.1}
    )
    short = run("short", params={"train.epochs": "2", "seed": "0", "tracking.timeout": "8.0"}, metrics={"test/L1": 0.1, "test/PSNR": 12.0})
    other = run("other", "food", params={"train.epochs": "9"})
    assert as_text(groups([longer, short, other]), now=NOW).splitlines() == [
        "facades, 2 runs",
        "run       name    experiment  status    age      L1   PSNR  what differs",
        "longer00  longer  longer      FINISHED  2 h  0.0837      –  train.epochs=4",
        "short000  short   short       FINISHED  2 h  0.1000  12.00  train.epochs=2",
        "",
        "food, 1 run",
        "run       name   experiment  status    age  what differs",
        "other000  other  other       FINISHED  2 h",
    ]
    assert [(row["run_id"], row["params"]) for row in as_json(groups([longer, other]))] == [
        (longer.run_id, {}),
        (other.run_id, {}),
    ]


def test_the_reference_is_the_last_row_and_the_caution_the_last_line() -> None:
    figures = {"test/FD Lite0": 184.2, "test/KID Lite0": 0.276, "reference/FD Lite0": 44.24, "reference/KID Lite0": 0.0073}
    measured = replace(run("a", metrics=figures), tags={"evaluation.caution": "too few for fd_efficientnet_lite0"})
    [group] = groups([measured])
    assert as_text([group], now=NOW).splitlines()[1:] == [
        "run       name                       experiment  status    age  KID Lite0  FD Lite0  what differs",
        "a0000000  a                          –           FINISHED  2 h     0.2760     184.2",
        "–         reference (real vs. real)  –                             0.0073     44.24",
        "",
        "Note: too few for FD Lite0.",
    ]
    again = replace(group, dataset="maps")
    assert as_text([group, again]).count("Note") == 1


def test_a_row_wider_than_the_terminal_is_broken_between_columns_and_between_parameters() -> None:
    params = {f"train.some_parameter_{i}": "0.123456789" for i in range(5)}
    figures = {"test/L1": 0.0837, "test/PSNR": 16.2, "test/SSIM": 0.4, "test/LPIPS": 0.42, "test/KID Lite0": 0.2, "test/FD Lite0": 255.4}
    rows = [run(name, params={**params, "seed": name}, metrics=figures) for name in ("one", "two-" + 90 * "x")]
    for width in (40, 80, 200):
        wide, narrow = (as_text(groups([replace(it, params=params | it.params) for it in rows]), columns) for columns in (None, width))
        assert narrow.split() == wide.split()  # every word and number is whole
        assert all(len(line) <= width or "x" * 90 in line for line in narrow.splitlines())


def test_a_metric_that_the_registry_knows_has_a_column() -> None:
    headline = [metric for metric in METRICS if metric.headline]
    keys = [metric.key("inception_2015") or metric.key("efficientnet_lite0") or "" for metric in headline]
    found = run("a", metrics={metric_name(TEST, key): 0.5 for key in keys})
    [group] = groups([found])
    assert [column.metric for column in group.columns] == headline


def test_a_run_without_any_record_of_parameters_does_not_make_all_others_differ() -> None:
    assert differences([run("a", params={"seed": "0"}), run("b"), run("c", params={"seed": "0"})]) == []
    assert differences([run("a", params={"seed": "0", "new": "1"}), run("b", params={"seed": "0"})]) == ["new"]


def test_an_experiment_belongs_to_the_run_of_its_name_or_of_its_predictions_and_else_has_a_row_of_its_own() -> None:
    first, second = run("first"), run("second")
    predictions = {"dvc.predictions": "IMAGES.dir"}
    found = [replace(first, tags=first.tags | predictions), replace(second, tags=second.tags | predictions, start=first.start - 5000)]
    made = [
        ExperimentResult("first", "facades", 5, {}, {}, "OTHER.dir"),
        ExperimentResult("from-cache", "facades", 4, {}, {}, "IMAGES.dir"),
        ExperimentResult("alone", "facades", int(NOW) - 60, {"train.lr": "0.1", "active": "[]"}, {"l1": 0.5}, "ALONE.dir"),
        ExperimentResult("from-cache", "food", 4, {}, {}, ""),
    ]
    facades, food = groups(found, made)
    assert [(row.name, row.experiments, row.status) for row in facades.rows] == [
        ("alone", ("alone",), "no run"),
        ("first", ("first", "from-cache"), "FINISHED"),  # of runs with the same predictions the newest
        ("second", ("second",), "FINISHED"),
    ]
    assert (facades.rows[0].params, facades.rows[0].metrics) == ({"train.lr": "0.1"}, {"l1": 0.5})
    assert (facades.count, food.count) == ("2 runs and 1 experiment without a run", "1 experiment without a run")
    text = as_text([facades])
    assert "first, from-cache" in text and "–         alone" in text


def test_without_runs_the_table_says_how_to_make_some() -> None:
    assert as_text(groups([])) == "no runs of that dataset, or none yet: `dvc repro` makes some"


def test_ages_are_in_the_largest_unit_that_fits() -> None:
    seconds = (5, 59, 60, 7199, 7200, 172_799, 172_800, -3)
    assert [age(int((NOW - it) * 1000), NOW) for it in seconds] == ["5 s", "59 s", "1 min", "119 min", "2 h", "47 h", "2 d", "0 s"]
