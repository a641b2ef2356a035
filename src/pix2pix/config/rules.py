"""Rules over several values of params.yaml: each dataset has its rows, sizes fit, options are compatible."""

from collections.abc import Iterator
from typing import Any

from pix2pix.config.params_file import ParamsFile, Row, row_keys
from pix2pix.config.settings import Settings
from pix2pix.config.train_settings import PENALISED


def missing_rows(file: ParamsFile, chains: list[str]) -> Iterator[str]:
    """Problems of `scale`, of `recipe`, of `active`, and of missing rows of the datasets `chains`."""
    if file.scale not in file.scales:
        yield f"scale = {file.scale!r}: must be one of the scales in the file, {' or '.join(file.scales)}"
    if file.recipe not in file.recipes:
        yield f"recipe = {file.recipe!r}: must be one of the recipes in the file, {' or '.join(file.recipes)}"
    elif file.scale in file.scales and file.scale not in file.recipes[file.recipe]:
        yield _missing("recipes", file.recipe, file.scale)
    if len(set(file.active)) < len(file.active):
        yield f"active = {list(file.active)}: names a dataset twice; name each once"
    for name in chains:
        if name not in file.datasets:
            known = ", ".join(file.datasets)
            where = f"active = {list(file.active)}: " if name in file.active else ""
            rows = f"datasets.{name} and scales.{file.scale}.{name} (copy another dataset's and change what differs)"
            yield f"{where}there is no dataset {name!r}; there are {known}, or add rows {rows}"
        elif file.scale in file.scales and name not in file.scales[file.scale]:
            yield _missing("scales", file.scale, name)


def _missing(table: str, rows: str, name: str) -> str:
    needs = ", ".join(row_keys(table))
    return f"{table}.{rows}.{name} is missing: add a row with {needs}; another row of {table}.{rows} can be copied"


def impossible(file: ParamsFile, chains: list[str]) -> Iterator[str]:
    """Problems of the sizes in all rows, and of combinations in the settings of the datasets `chains`, which must have their rows."""
    for scale, rows in file.scales.items():
        for name, row in rows.items():
            wins = file.sections["prepare"] if scale == file.scale and name in chains else {}
            load_key, load = _effective("load_size", wins, row, f"scales.{scale}.{name}")
            crop_key, crop = _effective("crop_size", wins, row, f"scales.{scale}.{name}")
            if crop > load:
                clash = f"{crop_key} = {crop} is above {load_key} = {load}"
                yield f"{clash}: a crop must fit into its image; lower the one or raise the other"
    for name in chains:
        settings = file.resolve(name)
        yield from _discriminator_passes(settings)
        yield from _parts_of_a_batch(settings)
        row, where = file.scales[file.scale][name], f"scales.{file.scale}.{name}"
        yield from _too_small_for_discriminator(settings, *_effective("crop_size", file.sections["prepare"], row, where))
        yield from _bottleneck(settings)


def _effective(key: str, wins: dict[str, Any], row: Row, where: str) -> tuple[str, int]:
    """(key, value) of a size: from `wins`, the section `prepare` (empty if it does not apply), else from the row at `where`."""
    return (f"{where}.{key}", getattr(row, key)) if wins.get(key) is None else (f"prepare.{key}", wins[key])


def _discriminator_passes(settings: Settings) -> Iterator[str]:
    train = settings.train
    if (train.d_fake_for_g == "shared" or train.accumulate > 1) and (train.gan_mode in PENALISED or train.pool_size):
        shared = "train.d_fake_for_g = shared" if train.d_fake_for_g == "shared" else "train.accumulate above 1"
        other = f"train.gan_mode = {train.gan_mode}" if train.gan_mode in PENALISED else f"train.pool_size = {train.pool_size}"
        yield f"{other} with {shared}: D must see its fakes in a pass of its own; set train.d_fake_for_g=fresh and train.accumulate=1"


def _parts_of_a_batch(settings: Settings) -> Iterator[str]:
    train, name = settings.train, settings.dataset
    for key, parts in (("accumulate", train.accumulate), ("devices", train.devices)):
        if isinstance(parts, int) and train.batch_size % parts:
            yield f"train.{key} = {parts}: batch_size of {name} is {train.batch_size}, which it must divide"
    if train.keep_state and train.lr_policy != "constant":
        policy = f"train.lr_policy = {train.lr_policy}"
        yield (
            f"train.keep_state = true with {policy}: its rates depend on train.epochs, so that no longer training can go on; "
            "set train.lr_policy=constant or recipe=paper"
        )
    if train.lambda_perceptual and settings.kind == "lab":
        yield f"train.lambda_perceptual above 0 with {name}, of kind lab: it needs colour images as targets; set it to 0"


def _too_small_for_discriminator(settings: Settings, key: str, crop: int) -> Iterator[str]:
    model = settings.model
    named = f"model.discriminator_layers = {model.discriminator_layers}"
    halvings = model.discriminator_layers
    if model.discriminator == "multiscale":
        named += f" and model.discriminator_scales = {model.discriminator_scales}"
        halvings += model.discriminator_scales - 1
    if model.discriminator in ("patch", "multiscale") and crop >> halvings < 4:  # its last two layers are 4x4 and do not halve
        yield f"{key} = {crop} with {named}: {halvings} halvings leave less than 4 pixels; raise the one or lower the other"


def _bottleneck(settings: Settings) -> Iterator[str]:
    model = settings.model
    if model.generator != "unet" and model.bottleneck_norm:
        chosen = f"model.bottleneck_norm = true with model.generator = {model.generator}"
        yield f"{chosen}: only the U-Net has a bottleneck; set model.bottleneck_norm=false"
    elif model.norm == "instance" and model.bottleneck_norm:
        yield "model.bottleneck_norm = true with model.norm = instance: one pixel has no statistics; set model.bottleneck_norm=false"
