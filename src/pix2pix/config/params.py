"""params.yaml -> frozen, typed settings of one dataset. Parameters cross this border and no other.

The file is checked whole and strictly before anything is done: unknown keys, wrong types, values out of range, rows that are missing,
combinations that cannot work. All problems are reported at once, each with its key as the user types it and the way out.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML

from pix2pix.config import schema
from pix2pix.config.messages import explain
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.schema import ParamsFile
from pix2pix.config.settings import Download, Evaluate, Infer, Prepare, Runtime, Settings, Tracking
from pix2pix.config.train_settings import TrainSettings
from pix2pix.errors import UserError


def load_active(path: Path) -> list[Settings]:
    """Check the whole file and resolve the settings of every active dataset.

    Raises UserError with every problem found.
    """
    file = load_file(path)
    return [_resolve(file, dataset) for dataset in file.active]


def load_settings(path: Path, dataset: str) -> Settings:
    """Check the whole file and resolve the settings of one dataset, active or not.

    Raises UserError with every problem found, also when the dataset has no row.
    """
    file = load_file(path, dataset)
    return _resolve(file, dataset)


def load_file(path: Path, *datasets: str) -> ParamsFile:
    """Check the whole file, also for chains of `datasets` that are not active, and return it as it stands.

    Raises UserError with every problem found.
    """
    try:
        # DVC writes YAML 1.2 with this library, where 1e-05 is a number; YAML 1.1 readers make it a text
        raw = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run from the folder that holds it, or bring it back with `git checkout {path.name}`") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except Exception as error:  # YAMLError, and what the reader lets through: a date of month 99, a tag that its text does not fit
        raise UserError(f"{path} is not valid YAML: {error}") from None
    if not isinstance(raw, dict):
        raise UserError(f"{path} must hold keys and values, such as `scale: sample`")
    try:
        file = ParamsFile.model_validate(raw)
    except ValidationError as error:
        raise UserError(_report(path, [explain(e) for e in error.errors()])) from None
    chains = sorted({*file.active, *datasets})
    # rows that are missing would only bring up follow-up problems
    problems = list(_missing_rows(file, chains)) or list(_impossible(file, chains))
    if problems:
        raise UserError(_report(path, problems))
    return file


def _report(path: Path, problems: list[str]) -> str:
    problems = list(dict.fromkeys(problems))  # chains that share a value share its problem
    count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
    return f"{path.name} has {count}:\n" + "\n".join(f"  - {problem}" for problem in problems)


def _missing_rows(file: ParamsFile, datasets: list[str]) -> Iterator[str]:
    if file.scale not in file.scales:
        yield f"scale = {file.scale!r}: must be one of the scales in the file, {' or '.join(file.scales)}"
    if len(set(file.active)) < len(file.active):
        yield f"active = {file.active}: names a dataset twice; name each once"
    for name in datasets:
        if name not in file.datasets:
            known = ", ".join(file.datasets)
            where = f"active = {file.active}: " if name in file.active else ""
            rows = f"datasets.{name} and scales.{file.scale}.{name} (copy another dataset's and change what differs)"
            yield f"{where}there is no dataset {name!r}; there are {known}, or add rows {rows}"
        elif file.scale in file.scales and name not in file.scales[file.scale]:
            needed = ", ".join(schema.ScaleRow.model_fields)
            yield f"scales.{file.scale}.{name} is missing: add a row with {needed}; another row of scales.{file.scale} can be copied"


def _impossible(file: ParamsFile, datasets: list[str]) -> Iterator[str]:
    for scale, rows in file.scales.items():
        for name, row in rows.items():
            mine = scale == file.scale and name in datasets  # a number in `prepare` wins over the rows of the chains that run
            load_key, load = _effective("load_size", file.prepare.load_size if mine else None, row.load_size, f"scales.{scale}.{name}")
            crop_key, crop = _effective("crop_size", file.prepare.crop_size if mine else None, row.crop_size, f"scales.{scale}.{name}")
            if crop > load:
                yield (
                    f"{crop_key} = {crop} is above {load_key} = {load}: a crop must fit into its image; lower the one or raise the other"
                )
    shared = "train.d_fake_for_g = shared" if file.train.d_fake_for_g == "shared" else "train.accumulate above 1"
    if (file.train.d_fake_for_g == "shared" or file.train.accumulate > 1) and (file.train.gan_mode == "wgangp" or file.train.pool_size):
        other = "train.gan_mode = wgangp" if file.train.gan_mode == "wgangp" else f"train.pool_size = {file.train.pool_size}"
        yield f"{other} with {shared}: D must see its fakes in a pass of its own; set train.d_fake_for_g=fresh and train.accumulate=1"
    for name in datasets:
        batch_size = file.train.batch_size or file.scales[file.scale][name].batch_size
        if batch_size % file.train.accumulate:
            yield f"train.accumulate = {file.train.accumulate}: batch_size of {name} is {batch_size}, which it must divide"
        if isinstance(file.train.devices, int) and batch_size % file.train.devices:
            yield f"train.devices = {file.train.devices}: batch_size of {name} is {batch_size}, which it must divide"
        if file.train.lambda_perceptual and file.datasets[name].kind == "lab":
            yield f"train.lambda_perceptual above 0 with {name}, of kind lab: it needs colour pictures as targets; set it to 0"
        yield from _too_small_for_discriminator(file, name)
    if file.model.generator == "resnet" and file.model.bottleneck_norm:
        yield "model.bottleneck_norm = true with model.generator = resnet: only the U-Net has a bottleneck; set model.bottleneck_norm=false"
    elif file.model.norm == "instance" and file.model.bottleneck_norm:
        yield "model.bottleneck_norm = true with model.norm = instance: one pixel has no statistics; set model.bottleneck_norm=false"


def _too_small_for_discriminator(file: ParamsFile, dataset: str) -> Iterator[str]:
    model, row = file.model, f"scales.{file.scale}.{dataset}"
    named = f"model.discriminator_layers = {model.discriminator_layers}"
    halvings = model.discriminator_layers
    if model.discriminator == "multiscale":
        named += f" and model.discriminator_scales = {model.discriminator_scales}"
        halvings += model.discriminator_scales - 1
    key, crop = _effective("crop_size", file.prepare.crop_size, file.scales[file.scale][dataset].crop_size, row)
    if model.discriminator != "pixel" and crop >> halvings < 4:  # its last two layers are 4x4 and do not halve
        yield f"{key} = {crop} with {named}: {halvings} halvings leave less than 4 pixels; raise the one or lower the other"


def _effective(key: str, override: int | None, own: int, row: str) -> tuple[str, int]:
    return (f"{row}.{key}", own) if override is None else (f"prepare.{key}", override)


def _resolve(file: ParamsFile, dataset: str) -> Settings:
    scale_row, dataset_row = file.scales[file.scale][dataset], file.datasets[dataset]
    own: Mapping[str, object] = {**dataset_row.model_dump(), **scale_row.model_dump()}

    def filled(section: BaseModel, **more: object) -> dict[str, Any]:
        values = {key: own.get(key) if value is None else value for key, value in section.model_dump().items()}
        return {key: tuple(value) if isinstance(value, list) else value for key, value in {**values, **more}.items()}

    prepare = Prepare(**filled(file.prepare))
    return Settings(
        dataset=dataset,
        scale=file.scale,
        active=tuple(file.active),
        seed=file.seed,
        kind=dataset_row.kind,
        direction=dataset_row.direction,
        eval_split=dataset_row.eval_split,
        source=scale_row.source,
        runtime=Runtime(**filled(file.runtime)),
        download=Download(**filled(file.download)),
        prepare=prepare,
        model=ModelSettings(**filled(file.model, crop_size=prepare.crop_size)),
        train=TrainSettings(**filled(file.train)),
        infer=Infer(**filled(file.infer)),
        evaluate=Evaluate(**filled(file.evaluate)),
        tracking=Tracking(**filled(file.tracking)),
    )
