"""params.yaml, as people and DVC edit it: every mistake is reported in one message, and what is sound is typed."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from dvc.utils.hydra import apply_overrides
from hypothesis import given
from hypothesis import strategies as st

from pix2pix.config.params import load_active, load_settings
from pix2pix.config.settings import Settings
from pix2pix.errors import UserError
from tests.params import default_params, write_params

TREE = default_params()


@pytest.fixture
def params(tmp_path: Path) -> Path:
    """A file of every key's default."""
    return write_params(tmp_path / "params.yaml")


def with_set(params: Path, *overrides: str) -> Path:
    """The file after `dvc exp run -S <override> …`, written by DVC itself."""
    apply_overrides(params, list(overrides))
    return params


def leaves(tree: dict[str, Any], prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, (*prefix, key))
        else:
            yield (*prefix, key), value


LEAVES = dict(leaves(TREE))
# the same with one dataset, which is read faster
SMALL = {
    **TREE,
    "active": ["food"],
    "datasets": {"food": TREE["datasets"]["food"]},
    "scales": {"sample": {"food": TREE["scales"]["sample"]["food"]}},
}


def with_values(values: dict[tuple[str, ...], Any], tree: dict[str, Any] = TREE) -> str:
    """The file's tree with other values at some places; JSON, which is YAML."""
    tree = deepcopy(tree)
    for path, value in values.items():
        node = tree
        for part in path[:-1]:
            node = node[part]
        node[path[-1]] = value
    return json.dumps(tree)


def message(params: Path, dataset: str | None = None) -> str:
    with pytest.raises(UserError) as caught:
        load_active(params) if dataset is None else load_settings(params, dataset)
    return str(caught.value)


def problems(params: Path) -> list[str]:
    head, *lines = message(params).splitlines()
    assert head == f"params.yaml has {'a problem' if len(lines) == 1 else f'{len(lines)} problems'}:"
    return [line.removeprefix("  - ") for line in lines]


# what is sound


def test_the_defaults_are_sound_for_every_dataset_at_every_scale(params: Path) -> None:
    for scale in TREE["scales"]:
        with_set(params, f"scale={scale}")
        assert [settings.dataset for settings in load_active(params)] == TREE["active"]
        for dataset in TREE["datasets"]:
            settings = load_settings(params, dataset)
            assert (settings.dataset, settings.scale, settings.source) == (dataset, scale, TREE["scales"][scale][dataset]["source"])


def test_every_key_of_the_file_arrives_in_the_settings_and_none_is_made_up() -> None:
    for section in ("runtime", "download", "prepare", "model", "train", "infer", "evaluate", "tracking"):
        kind = next(field.type for field in fields(Settings) if field.name == section)
        assert isinstance(kind, type)
        derived = {"crop_size"} if section == "model" else set()  # the U-Net's depth follows prepare's
        assert {field.name for field in fields(kind)} - derived == set(TREE[section])


@pytest.mark.parametrize("written", ["1e-05", "1e-5", "0.00001", "1.0E-5"])
def test_a_number_in_any_notation_is_a_number(params: Path, written: str) -> None:
    params.write_text(params.read_text().replace("lr: 0.0002", f"lr: {written}"))
    assert load_active(params)[0].train.lr == 1e-5


def test_a_small_number_set_through_dvc_is_a_number(params: Path) -> None:
    assert "1e-05" in with_set(params, "train.lr=0.00001").read_text(encoding="utf-8")
    assert load_active(params)[0].train.lr == 1e-5


def test_a_whole_number_serves_where_a_fraction_is_meant(params: Path) -> None:
    lr = load_active(with_set(params, "train.lr=1"))[0].train.lr
    assert lr == 1.0 and isinstance(lr, float)


def test_null_means_the_rows_own_number(params: Path) -> None:
    for scale in TREE["scales"]:
        with_set(params, f"scale={scale}")
        for dataset, row in TREE["scales"][scale].items():
            settings = load_settings(params, dataset)
            found = {"epochs": settings.train.epochs, "batch_size": settings.train.batch_size, "device": settings.runtime.device}
            found |= {"load_size": settings.prepare.load_size, "crop_size": settings.prepare.crop_size, "source": settings.source}
            found |= {"ngf": settings.model.ngf, "ndf": settings.model.ndf, "flip": settings.train.flip}
            found |= {"features": settings.evaluate.features, "lpips_weights": settings.evaluate.lpips_weights}
            assert found == row
            meant = TREE["datasets"][dataset]
            assert (settings.kind, settings.direction, settings.eval_split) == (meant["kind"], meant["direction"], meant["eval_split"])
            assert settings.train.lambda_l1 == meant["lambda_l1"]
            assert settings.model.crop_size == settings.prepare.crop_size


@pytest.mark.parametrize("recipe", TREE["recipes"])
def test_a_recipe_is_one_key_and_a_value_in_a_stages_section_wins_over_it(params: Path, recipe: str) -> None:
    for scale, row in TREE["recipes"][recipe].items():
        settings = load_settings(with_set(params, f"scale={scale}", f"recipe={recipe}"), "food")
        assert {key: getattr(settings.model if hasattr(settings.model, key) else settings.train, key) for key in row} == row
    assert load_settings(with_set(params, "train.lr=0.007"), "food").train.lr == 0.007


@pytest.mark.parametrize("scale", TREE["scales"])
def test_a_value_in_a_stages_section_wins_over_every_row(params: Path, scale: str) -> None:
    overrides = ["train.epochs=3", "train.batch_size=7", "train.lambda_l1=5.5", "train.flip=false", "runtime.device=cuda:1"]
    overrides += ["prepare.load_size=140", "prepare.crop_size=128", "model.ngf=5", "model.ndf=6"]
    for settings in load_active(with_set(params, f"scale={scale}", *overrides)):
        assert (settings.train.epochs, settings.train.batch_size, settings.train.lambda_l1, settings.train.flip) == (3, 7, 5.5, False)
        assert (settings.prepare.load_size, settings.prepare.crop_size, settings.model.crop_size) == (140, 128, 128)
        assert (settings.model.ngf, settings.model.ndf, settings.runtime.device) == (5, 6, "cuda:1")


def test_zero_and_false_are_values_and_not_null(params: Path) -> None:
    (settings, *_) = load_active(with_set(params, "train.lambda_l1=0", "train.flip=false"))
    assert settings.train.lambda_l1 == 0.0 and settings.train.flip is False


def test_the_norm_of_inference_may_stay_open(params: Path) -> None:
    assert load_active(params)[0].infer.norm is None
    assert load_active(with_set(params, "infer.norm=running"))[0].infer.norm == "running"


def test_a_folder_of_ones_own_is_a_dataset_by_two_rows(params: Path) -> None:
    rows = deepcopy(TREE)
    rows["datasets"]["my-cats_2"] = rows["datasets"]["maps"]
    rows["scales"]["sample"]["my-cats_2"] = {**rows["scales"]["sample"]["maps"], "source": "/somewhere/cats.zip"}
    rows["active"] = ["my-cats_2"]
    params.write_text(json.dumps(rows), encoding="utf-8")
    assert [(settings.dataset, settings.source) for settings in load_active(params)] == [("my-cats_2", "/somewhere/cats.zip")]


def test_flat_settings_are_scalars_under_dotted_names(params: Path) -> None:
    flat = load_settings(params, "food").flat()
    assert all(value is None or type(value) in (str, int, float, bool) for value in flat.values())
    assert flat["dataset"] == "food" and flat["train.epochs"] == TREE["scales"]["sample"]["food"]["epochs"]
    assert flat["model.dropout_at"] == str(TREE["model"]["dropout_at"]) and flat["train.lr"] == TREE["recipes"]["auto"]["sample"]["lr"]
    assert flat["infer.norm"] is None and flat["train.flip"] is TREE["scales"]["sample"]["food"]["flip"]
    assert {name.split(".")[0] for name in flat} == {field.name for field in fields(Settings)}


# what is not


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("train.epochs=abc", "train.epochs = 'abc': must be a whole number of at least 1, or null"),
        ("train.epochs=-1", "train.epochs = -1: must be a whole number of at least 1, or null"),
        ("train.epochs=0", "train.epochs = 0: must be a whole number of at least 1, or null"),
        ("train.epochs=1.5", "train.epochs = 1.5: must be a whole number of at least 1, or null"),
        ("train.epochs=true", "train.epochs = true: must be a whole number of at least 1, or null"),
        ("train.epochs=[3]", "train.epochs = [3]: must be a whole number of at least 1, or null"),
        ("seed=true", "seed = true: must be a whole number from 0 to 4294967295"),
        ("seed=4294967296", "seed = 4294967296: must be a whole number from 0 to 4294967295"),
        ("train.lr=nan", "train.lr = nan: must be a number above 0"),
        ("train.lr=inf", "train.lr = inf: must be a number above 0"),
        ("train.beta1=1", "train.beta1 = 1: must be a number from 0 to below 1"),
        ("train.flip=1", "train.flip = 1: must be true or false, or null"),
        ("train.halve_d_loss=yes", "train.halve_d_loss = 'yes': must be true or false"),
        ("train.gan_mode=wgan", "train.gan_mode = 'wgan': must be vanilla or lsgan or "),
        ("infer.norm=instance", "infer.norm = 'instance': must be batch or running, or null"),
        ("runtime.device=gpu", "runtime.device = 'gpu': must be auto, cpu, cuda or cuda:N, or null"),
        ("model.dropout_at=[4,x]", "model.dropout_at.1 = 'x': must be a whole number of at least 1"),
        ("datasets.food=lab", "datasets.food = 'lab': must be a group of keys and values"),
        ("datasets.food.kind=LAB", "datasets.food.kind = 'LAB': must be pairs or lab"),
        ("scales.paper.food.epochs=null", "scales.paper.food.epochs = null: must be a whole number of at least 1"),
        ("prepare.crop_size=100", "prepare.crop_size = 100: must be a power of two from 32 to 1024"),
        ("prepare.crop_size=16", "prepare.crop_size = 16: must be a power of two from 32 to 1024"),
        ("scales.sample.food.crop_size=100", "scales.sample.food.crop_size = 100: must be a power of two from 32 to 1024"),
        ("scale=papr", "scale = 'papr': must be one of the scales in the file, sample or small or paper"),
        ("recipe=worse", "recipe = 'worse': must be one of the recipes in the file, auto or paper or better"),
        ("active=[]", "active = []: must be a list of at least one dataset, such as [facades]"),
        ("active=facades", "active = 'facades': must be a list of at least one dataset, such as [facades]"),
        ("active=[nosuch]", "active = ['nosuch']: there is no dataset 'nosuch'; there are facades, cityscapes"),
        ("active=[food,food]", "active = ['food', 'food']: names a dataset twice"),
    ],
)
def test_a_wrong_value_is_one_line_with_key_value_and_way_out(params: Path, override: str, line: str) -> None:
    (found,) = problems(with_set(params, override))
    assert found.startswith(line)


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("+train.epoch=3", "train.epoch: there is no such key; did you mean train.epochs?"),
        ("+trian={epochs: 3}", "trian: there is no such key; did you mean train?"),
        (
            "+scales.sample.food.batchsize=3",
            "scales.sample.food.batchsize: there is no such key; did you mean scales.sample.food.batch_size?",
        ),
        (
            "+datasets.food.xyz=3",
            "datasets.food.xyz: there is no such key; there are kind, direction, eval_split, licence, lambda_l1",
        ),
        ("+datasets.food.flip=true", "datasets.food.flip: there is no such key; move it to each row scales.<scale>.food"),
    ],
)
def test_an_unknown_key_comes_with_the_one_that_may_be_meant(params: Path, override: str, line: str) -> None:
    assert problems(with_set(params, override)) == [line]


def test_a_missing_key_and_a_missing_section_are_named(params: Path) -> None:
    tree = deepcopy(TREE)
    del tree["train"]["epochs"], tree["infer"], tree["scales"]["paper"]["food"]["source"]
    params.write_text(json.dumps(tree), encoding="utf-8")
    assert [line.partition(" is missing")[0] for line in problems(params)] == ["train.epochs", "infer", "scales.paper.food.source"]


def test_every_key_is_checked_and_all_problems_are_reported_at_once(params: Path) -> None:
    params.write_text(with_values({path: {"not": "it"} for path in LEAVES}), encoding="utf-8")
    assert sorted(line.split(" = ")[0] for line in problems(params)) == sorted(".".join(path) for path in LEAVES)


def test_true_is_nowhere_taken_for_a_number(params: Path) -> None:
    numbers = [path for path, value in LEAVES.items() if isinstance(value, int | float) and not isinstance(value, bool)]
    assert len(numbers) > 50
    params.write_text(with_values(dict.fromkeys(numbers, True)), encoding="utf-8")
    assert sorted(line.split(" = ")[0] for line in problems(params)) == sorted(".".join(path) for path in numbers)


def test_a_dataset_without_a_row_at_this_scale_says_what_to_add(params: Path) -> None:
    tree = deepcopy(TREE)
    del tree["scales"]["sample"]["food"]
    params.write_text(json.dumps(tree), encoding="utf-8")
    (line,) = problems(params)
    assert line.startswith("scales.sample.food is missing: add a row with source, device, load_size, crop_size, ngf, ndf, epochs, ")


def test_a_scale_without_a_row_of_the_recipe_says_what_to_add(params: Path) -> None:
    params.write_text(json.dumps({**TREE, "recipes": {"auto": {"paper": TREE["recipes"]["auto"]["paper"]}}}), encoding="utf-8")
    (line,) = problems(params)
    assert line.startswith("recipes.auto.sample is missing: add a row with upsample, discriminator_layers, lr, ")


def test_a_dataset_named_on_the_command_line_must_have_rows_too(params: Path) -> None:
    assert "there is no dataset 'nosuch'; there are facades, " in message(params, "nosuch")


@pytest.mark.parametrize("name", ["a/b", "..", "a b", "a.b", ".a", "", "2024", "null"])
def test_a_name_that_cannot_be_a_folder_and_a_stage_is_refused(params: Path, name: str) -> None:
    quoted = name if name in ("2024", "null") else json.dumps(name)  # unquoted, these two are no texts
    params.write_text(params.read_text().replace("\n  facades:\n", f"\n  {quoted}: {{kind: lab}}\n  facades:\n", 1))
    name = "None" if name == "null" else name
    assert f"datasets.{name}: a name must be of letters, digits, - and _" in problems(params)[0]


# combinations

FOOD = "scales.sample.food"
LOAD, CROP = (TREE["scales"]["sample"]["food"][key] for key in ("load_size", "crop_size"))


@pytest.mark.parametrize(
    ("overrides", "parts"),
    [
        (["scales.sample.food.load_size=40"], [f"{FOOD}.crop_size = {CROP} is above {FOOD}.load_size = 40"]),
        (["scales.paper.maps.crop_size=1024"], ["scales.paper.maps.crop_size = 1024 is above scales.paper.maps.load_size = 286"]),
        (["active=[food]", "prepare.crop_size=1024"], [f"prepare.crop_size = 1024 is above {FOOD}.load_size = {LOAD}"]),
        (["active=[food]", "prepare.load_size=32"], [f"{FOOD}.crop_size = {CROP} is above prepare.load_size = 32"]),
        (["prepare.load_size=40", "prepare.crop_size=64"], ["prepare.crop_size = 64 is above prepare.load_size = 40"]),
        (
            ["active=[food,maps]", "prepare.load_size=32"],
            [f"scales.sample.{name}.crop_size = {CROP} is above prepare.load_size = 32" for name in ("food", "maps")],
        ),
    ],
)
def test_a_crop_above_its_image_is_reported_by_the_two_keys_that_clash(params: Path, overrides: list[str], parts: list[str]) -> None:
    lines = problems(with_set(params, *overrides))
    assert sorted(line.split(":")[0] for line in lines) == sorted(parts)
    assert all("lower the one or raise the other" in line for line in lines)


def test_a_crop_as_large_as_its_image_is_sound(params: Path) -> None:
    assert load_active(with_set(params, "prepare.load_size=64", "prepare.crop_size=64"))[0].prepare.load_size == 64


@pytest.mark.parametrize(
    ("overrides", "parts"),
    [
        (["train.accumulate=3", "train.batch_size=8"], ["train.accumulate = 3: batch_size of", "is 8, which it must divide"]),
        (["train.accumulate=2", "scale=paper"], ["train.accumulate = 2: batch_size of", "is 1, which it must divide"]),
        (["train.d_fake_for_g=shared", "train.gan_mode=wgangp"], ["train.gan_mode = wgangp with train.d_fake_for_g = shared"]),
        (["train.d_fake_for_g=shared", "train.pool_size=50"], ["train.pool_size = 50 with train.d_fake_for_g = shared"]),
        (["train.accumulate=2", "train.gan_mode=wgangp"], ["train.gan_mode = wgangp with train.accumulate above 1"]),
        (["model.generator=resnet", "model.bottleneck_norm=true"], ["model.bottleneck_norm = true with model.generator = resnet"]),
        *(
            (
                ["train.keep_state=true", f"train.lr_policy={policy}"],
                [f"train.lr_policy = {policy}: its rates depend on train.epochs", "set"],
            )
            for policy in ("linear", "cosine")
        ),
        (["model.norm=instance", "model.bottleneck_norm=true"], ["model.bottleneck_norm = true with model.norm = instance"]),
        (
            ["active=[food]", "scales.sample.food.crop_size=64", "scales.sample.food.load_size=64", "model.discriminator_layers=5"],
            [f"{FOOD}.crop_size = 64 with model.discriminator_layers = 5: ", "raise the one or lower the other"],
        ),
        (
            ["active=[food]", "prepare.crop_size=32", "model.discriminator=multiscale"],
            ["prepare.crop_size = 32 with model.discriminator_layers = 3 and model.discriminator_scales = 2"],
        ),
    ],
)
def test_a_combination_that_cannot_work_is_reported_with_the_way_out(params: Path, overrides: list[str], parts: list[str]) -> None:
    lines = problems(with_set(params, *overrides))
    assert all(part in line for line in lines for part in parts)


@pytest.mark.parametrize(
    "overrides",
    [
        ["train.accumulate=3", "train.batch_size=6"],
        ["train.d_fake_for_g=shared", "train.gan_mode=hinge"],
        ["train.gan_mode=wgangp", "train.pool_size=50"],
        ["model.norm=none", "model.bottleneck_norm=true"],
        ["prepare.crop_size=32", "model.discriminator_layers=3"],
        ["prepare.crop_size=32", "model.discriminator_layers=9", "model.discriminator=pixel"],
    ],
)
def test_what_only_looks_like_a_clash_is_sound(params: Path, overrides: list[str]) -> None:
    assert load_active(with_set(params, *overrides))


def test_problems_of_several_keys_come_in_one_message(params: Path) -> None:
    lines = problems(with_set(params, "train.epochs=abc", "infer.batch_size=0", "scale=3", "+evaluate.feature=x"))
    assert [line.split(" = ")[0].split(":")[0] for line in lines] == ["scale", "train.epochs", "infer.batch_size", "evaluate.feature"]


# what is no file of parameters at all


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"scale: [sample", "is not valid YAML"),
        (b"scale: sample\nscale: paper", 'duplicate key "scale"'),
        (b"scale: sample\nseed: 2026-99-99", "is not valid YAML: month must be in 1..12"),
        (b"scale: sample\nseed: !!int abc", "is not valid YAML"),
        (b"\xff\xfe\x00", "is not valid YAML"),
        (b"", "must hold keys and values"),
        (b"- scale", "must hold keys and values"),
        (b"sample", "must hold keys and values"),
    ],
)
def test_what_is_no_yaml_of_keys_and_values_is_refused_by_name(params: Path, content: bytes, reason: str) -> None:
    params.write_bytes(content)
    assert message(params).startswith(f"{params} ") and reason in message(params)


def test_a_missing_file_is_reported_with_the_way_to_have_it_back(tmp_path: Path) -> None:
    assert message(tmp_path / "params.yaml").startswith(f"{tmp_path / 'params.yaml'} is missing: ")
    assert "cannot be read" in message(tmp_path)


# nothing but UserError, whatever is written

ODD = [
    "",
    "~",
    ".nan",
    "-.inf",
    "1e400",
    "0x7f",
    "0o9",
    "2001-01-01",
    "2001-99-99",
    "!!int x",
    "!!set {a}",
    "&a [*a]",
    "*a",
    "{1: 2}",
    "? [1]",
    "<<: 1",
    "!!binary x",
    "\t",
    "|",
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
JUNK = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=4
)


@given(path=st.sampled_from(list(dict(leaves(SMALL)))), value=JUNK.map(json.dumps) | st.sampled_from(ODD))
def test_junk_in_any_place_is_refused_in_words_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[str, ...], value: str
) -> None:
    _load_or_user_error(tmp_path_factory.getbasetemp() / "junk.yaml", with_values({path: "@@"}, SMALL).replace('"@@"', value))


@given(data=st.data())
def test_a_file_damaged_anywhere_is_refused_in_words_or_harmless(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = write_params(tmp_path_factory.getbasetemp() / "cut.yaml", SMALL)
    text = path.read_text()
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(len(text), start + 12)))
    _load_or_user_error(path, text[:start] + data.draw(st.text(max_size=4)) + text[stop:])


def _load_or_user_error(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", errors="surrogatepass")
    try:
        accepted = load_active(path)
    except UserError as error:
        assert str(error).strip()
    else:
        assert all(type(value) in (str, int, float, bool, type(None)) for settings in accepted for value in settings.flat().values())
