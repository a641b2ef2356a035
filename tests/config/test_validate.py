"""Settings from values that anyone may have written: what a model says of itself, checked with the ranges of params.yaml."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pix2pix.config.constraints import Choice, Doc, Limit, Positive, annotations
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.params_file import keys
from pix2pix.config.reference import comment
from pix2pix.config.train_settings import TrainSettings
from pix2pix.config.validate import allowed, check, validated
from pix2pix.errors import UserError

MODEL = ModelSettings(ngf=64, ndf=64, crop_size=256)
ARCHITECTURE: dict[str, Any] = json.loads(json.dumps(asdict(MODEL)))


@pytest.mark.parametrize("settings", [MODEL, TrainSettings(epochs=3, batch_size=1)])
def test_settings_that_were_written_as_json_come_back(settings: ModelSettings | TrainSettings) -> None:
    assert validated(type(settings), json.loads(json.dumps(asdict(settings))), "model.json") == settings


def test_a_field_that_an_earlier_version_did_not_write_has_its_default() -> None:
    assert validated(ModelSettings, {"ngf": 64, "ndf": 64, "crop_size": 256}, "architecture") == MODEL


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"norm": "evil"}, "architecture.norm = 'evil': must be batch or instance or none"),
        ({"dropout": float("nan")}, "architecture.dropout = nan: must be a number from 0 to below 1"),
        ({"ngf": True}, "architecture.ngf = true: must be a whole number of at least 1"),
        ({"ngf": None}, "architecture.ngf = null: must be a whole number of at least 1"),
        ({"crop_size": 100}, "architecture.crop_size = 100: must be a power of two from 32 to 1024"),
        ({"dropout_at": [4, -1]}, "architecture.dropout_at.1 = -1: must be a whole number of at least 1"),
        ({"dropout_at": 4}, "architecture.dropout_at = 4: must be a list, each a whole number of at least 1"),
        ({"generater": "unet"}, "architecture.generater: there is no such key; did you mean architecture.generator?"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key(change: dict[str, object], problem: str) -> None:
    with pytest.raises(UserError) as caught:
        validated(ModelSettings, {**ARCHITECTURE, **change}, "architecture")
    assert str(caught.value) == problem


def test_all_problems_are_reported_and_missing_keys_are_named() -> None:
    with pytest.raises(UserError) as caught:
        validated(ModelSettings, {"norm": 3, "ndf": 0}, "architecture")
    assert [line.split()[0] for line in str(caught.value).splitlines()] == [
        "architecture.ngf",
        "architecture.ndf",
        "architecture.crop_size",
        "architecture.norm",
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)


@given(key=st.sampled_from(list(ARCHITECTURE)), value=JSON)
def test_any_json_is_settings_or_a_user_error(key: str, value: object) -> None:
    for tree in (value, {**ARCHITECTURE, key: value}):
        try:
            hash(validated(ModelSettings, tree, "architecture"))
        except UserError as error:
            assert str(error)


@dataclass(frozen=True)
class Scratch:
    """A section that nobody knows."""

    warmup: Annotated[Positive | None, Doc("epochs of `warmup`", null="none")] = None
    mode: Annotated[str, Choice({"slow": "", "fast": "twice as fast"}), Doc("speed")] = "slow"
    even: Annotated[int, Limit("an even number", lambda number: number % 2 == 0), Doc("count")] = 2


def test_one_definition_is_all_that_a_new_key_needs() -> None:
    problems: list[str] = []
    assert check(keys(Scratch), {"warmup": None, "mode": "fast", "even": 4}, "scratch", problems) == asdict(Scratch(None, "fast", 4))
    assert problems == []
    check(keys(Scratch), {"warmup": 0, "mode": "quick", "even": 3}, "scratch", problems)
    assert problems == [
        "scratch.warmup = 0: must be a whole number of at least 1, or null",
        "scratch.mode = 'quick': must be slow or fast",
        "scratch.even = 3: must be an even number",
    ]
    assert [comment(annotations(Scratch)[key]) for key in keys(Scratch)] == [
        "epochs of warmup; null: none",
        "speed: slow | fast (twice as fast)",
        "count",
    ]
    assert allowed(keys(Scratch)["even"]) == "an even number"


def test_settings_and_their_check_need_no_library() -> None:
    program = "import sys, pix2pix.config.settings, pix2pix.config.validate; print(*{name.partition('.')[0] for name in sys.modules})"
    source = Path(__file__).resolve().parents[2] / "src"
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], env={"PYTHONPATH": str(source)}, check=True, capture_output=True, text=True
    )
    assert set(done.stdout.split()) - sys.stdlib_module_names - {"__main__", "pix2pix"} == set()
