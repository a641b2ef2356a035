"""Frozen, typed settings of one dataset's chain: what config.py makes of params.yaml, with every null resolved."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings


@dataclass(frozen=True)
class Runtime:
    """Where and how exactly a stage computes."""

    device: str  # auto, cpu, cuda or cuda:N
    deterministic: bool
    threads: int


@dataclass(frozen=True)
class Download:
    """How a stage fetches an archive, in bytes and seconds, or draws one, in pixels and pictures."""

    timeout: float
    retries: int
    max_bytes: int
    sample_seed: int
    sample_size: int
    sample_train: int
    sample_val: int
    sample_test: int


@dataclass(frozen=True)
class Prepare:
    """How pictures become arrays; sizes in pixels."""

    load_size: int
    crop_size: int
    resize: str
    fit: str
    on_bad_image: str
    val_fraction: float
    layout: str  # auto, arrays or encoded
    arrays_max_bytes: int
    workers: int | None  # None: all cores
    dask: str | None  # address of a scheduler; None: this machine alone
    max_unpacked_bytes: int
    max_files: int


@dataclass(frozen=True)
class Infer:
    """How the trained generator is run."""

    norm: str | None  # None: as trained
    batch_size: int


@dataclass(frozen=True)
class Evaluate:
    """How predictions are measured."""

    features: str
    inception_weights: str | None
    lpips_weights: str | None
    batch_size: int


@dataclass(frozen=True)
class Tracking:
    """Where runs are recorded."""

    enabled: bool
    required: bool
    timeout: float
    register_if: str | None
    champion_by: str


@dataclass(frozen=True)
class Settings:
    """Everything that governs the chain of one dataset, with every null resolved."""

    dataset: str
    scale: str
    active: tuple[str, ...]
    seed: int
    kind: str  # pairs, lab or folders
    direction: str  # AtoB or BtoA
    eval_split: str
    source: str
    runtime: Runtime
    download: Download
    prepare: Prepare
    model: ModelSettings
    train: TrainSettings
    infer: Infer
    evaluate: Evaluate
    tracking: Tracking

    def flat(self) -> dict[str, str | int | float | bool | None]:
        """Effective parameters with dotted names, as they are shown to a person and logged."""
        return dict(_flatten(asdict(self)))


def _flatten(tree: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str | int | float | bool | None]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        elif isinstance(value, str | int | float) or value is None:
            yield f"{prefix}{key}", value
        else:
            yield f"{prefix}{key}", str(list(value)) if isinstance(value, tuple) else str(value)
