"""Parameters of the tests' own: whatever a person makes of params.yaml, the tests start from the definitions' defaults and these rows."""

from dataclasses import fields
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pix2pix.config.constraints import FromRow, annotations, find
from pix2pix.config.params_file import SECTIONS, keys
from pix2pix.config.settings import Settings
from pix2pix.download.catalogue import CATALOG

SAMPLE = {
    "source": "sample",
    "device": "cpu",
    "epochs": 24,
    "batch_size": 8,
    "load_size": 72,
    "crop_size": 64,
    "ngf": 16,
    "ndf": 16,
    "flip": False,
    "features": "efficientnet_lite0",
    "lpips_weights": "off",
}
PAPER = {
    "source": "published",
    "device": "auto",
    "epochs": 200,
    "batch_size": 1,
    "load_size": 286,
    "crop_size": 256,
    "ngf": 64,
    "ndf": 64,
    "flip": True,
    "features": "inception_v3",
    "lpips_weights": "fetch",
}

SMALL = {**PAPER, "epochs": 40, "load_size": 143, "crop_size": 128, "ngf": 32, "ndf": 32}
SMALL |= {"features": "efficientnet_lite0", "lpips_weights": "off"}
SCALES = {"sample": SAMPLE, "small": SMALL, "paper": PAPER}
PAPERS = {
    "upsample": "deconv",
    "discriminator_layers": 3,
    "lr": 2e-4,
    "lr_policy": "constant",
    "l1_weights": "even",
    "augment_d": "none",
    "lambda_perceptual": 0.0,
}
BETTER = {
    "upsample": "resize",
    "discriminator_layers": 2,
    "lr": 4e-4,
    "lr_policy": "linear",
    "l1_weights": "colour",
    "augment_d": "translate",
    "lambda_perceptual": 0.0,
}


def default_params() -> dict[str, Any]:
    """A complete params.yaml, as a mapping: each key's default, and rows for the published datasets."""
    described = {
        name: {
            "kind": known.kind,
            "direction": known.direction,
            "eval_split": "test" if "test" in known.splits else "val",
            "lambda_l1": 100.0,
        }
        for name, known in CATALOG.items()
    }
    return {
        **_defaults(Settings),
        **{name: _defaults(section) for name, section in SECTIONS.items()},
        "datasets": described,
        "scales": {scale: {name: dict(row) for name in CATALOG} for scale, row in SCALES.items()},
        "recipes": {
            recipe: {scale: dict(row) for scale in SCALES} for recipe, row in (("auto", PAPERS), ("paper", PAPERS), ("better", BETTER))
        },
    }


def write_params(path: Path, params: dict[str, Any] | None = None) -> Path:
    """Write parameters, by default `default_params()`, as a person would: a key a line."""
    path.write_text(_default_text() if params is None else _text(params), encoding="utf-8")
    return path


@cache
def _default_text() -> str:
    return _text(default_params())


def _text(params: dict[str, Any]) -> str:
    text = StringIO()
    YAML().dump(params, text)
    return text.getvalue()


def _defaults(kind: type) -> dict[str, Any]:
    """Each key's default; null for one that is the row's."""
    known = {field.name: field.default for field in fields(kind)}
    own = {key: None if find(annotations(kind)[key], FromRow) else known[key] for key in keys(kind)}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in own.items()}
